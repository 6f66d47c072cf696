/** The strategies that come with the coordinator. */
@NullMarked
package dev.tributary.coordinator.strategy;

import org.jspecify.annotations.NullMarked;
