/** All SQL: journal, population, registry, blobs, audit log. */
@NullMarked
package dev.tributary.coordinator.store;

import org.jspecify.annotations.NullMarked;
