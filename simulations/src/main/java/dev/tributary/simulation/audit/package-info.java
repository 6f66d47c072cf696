/**
 * Tries to prove the accountants wrong, and shows what an attacker gets.
 *
 * <ul>
 *   <li>{@code CanaryAudit} runs a job with {@code Canaries} in the place of clients, guesses from
 *       each round's sum whose coin fell how ({@code Guesses}), and turns that into a lower bound
 *       on epsilon. {@code Rehearsal} decides beforehand how many guesses to make, and reckons the
 *       audit's power.
 *   <li>{@code Attacks} runs {@code MembershipInference} and {@code DenseInversion} against single
 *       updates, sums without noise, and what the job releases.
 *   <li>{@code AuditRecord} holds everything that table, page and JSON say.
 * </ul>
 */
@NullMarked
package dev.tributary.simulation.audit;

import org.jspecify.annotations.NullMarked;
