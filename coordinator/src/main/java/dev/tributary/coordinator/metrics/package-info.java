/** Round reports as metrics; the only package that names Micrometer. */
@NullMarked
package dev.tributary.coordinator.metrics;

import org.jspecify.annotations.NullMarked;
