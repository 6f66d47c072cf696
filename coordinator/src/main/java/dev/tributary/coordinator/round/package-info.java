/**
 * One round.
 *
 * <ul>
 *   <li>{@link dev.tributary.coordinator.round.Planner} makes its plan; {@link
 *       dev.tributary.coordinator.round.Noise} is the job's noise, found once.
 *   <li>{@link dev.tributary.coordinator.round.Round} offers the plan and holds the sum machine.
 *   <li>{@link dev.tributary.coordinator.round.RoundResult} gives each member one outcome.
 *   <li>{@link dev.tributary.coordinator.round.RoundReport} is what all else is told of it, through
 *       a {@link dev.tributary.coordinator.round.RoundListener}.
 * </ul>
 */
@NullMarked
package dev.tributary.coordinator.round;

import org.jspecify.annotations.NullMarked;
