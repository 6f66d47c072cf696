/**
 * Jobs and the files that describe them.
 *
 * <ul>
 *   <li>{@link dev.tributary.coordinator.job.JobFile} reads a file, or refuses it with everything
 *       that is wrong with it.
 *   <li>{@link dev.tributary.coordinator.job.Job} is what it says, as records.
 *   <li>A {@code Section} reads keys one by one and so knows which are unknown; {@code JobReader}
 *       and its like name the keys.
 *   <li>{@code JobChecks} and {@code BudgetCheck} hold keys against each other and run plan, noise,
 *       ledger and schedule dry.
 *   <li>{@link dev.tributary.coordinator.job.ServerFile} is the file of ports and folders.
 * </ul>
 */
@NullMarked
package dev.tributary.coordinator.job;

import org.jspecify.annotations.NullMarked;
