/**
 * The coordinator: who takes part, what a round does, what a model costs.
 *
 * <ul>
 *   <li>{@link dev.tributary.coordinator.FederatedTraining} is the job's loop as a machine; it runs
 *       the same in simulation and live.
 *   <li>{@link dev.tributary.coordinator.Coordinator} is the live shell around it and the front
 *       door for clients, in plain Java; package {@code net} puts HTTP before it.
 *   <li>{@link dev.tributary.coordinator.Population} is frozen at the start; {@link
 *       dev.tributary.coordinator.CohortSelector} chooses from it, {@link
 *       dev.tributary.coordinator.ScheduledCohort} by a schedule.
 *   <li>{@link dev.tributary.coordinator.Strategy} turns mean updates into models, {@link
 *       dev.tributary.coordinator.Evaluator} measures them.
 *   <li>{@link dev.tributary.coordinator.JobResult} says how it ended.
 * </ul>
 */
@NullMarked
package dev.tributary.coordinator;

import org.jspecify.annotations.NullMarked;
