/** Jobs and the files that describe them. */
@NullMarked
package dev.tributary.coordinator.job;

import org.jspecify.annotations.NullMarked;
