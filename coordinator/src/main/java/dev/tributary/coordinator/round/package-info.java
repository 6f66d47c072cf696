/** Planner, round and round report. */
@NullMarked
package dev.tributary.coordinator.round;

import org.jspecify.annotations.NullMarked;
