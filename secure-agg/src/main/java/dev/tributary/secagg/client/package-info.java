/**
 * The client's end of a sum; internal to this module.
 *
 * <ol>
 *   <li>{@link dev.tributary.secagg.client.SumClient} is the machine: repeats get the same bytes,
 *       all that is unexpected ends the session without an answer.
 *   <li>One small class per phase: {@code RosterPhase}, {@code NeighboursPhase}, {@code
 *       SharesPhase}, {@code SurvivorsPhase}, {@code CommitmentPhase}, {@code ProofPhase}, {@code
 *       DonePhase}; {@code ClientPhase} refuses the rest.
 *   <li>{@code RosterCheck} and {@code Credentials} believe nobody: every signature, every
 *       certificate, the root.
 *   <li>{@code Dealer} seals and opens shares, {@code Channels} has the keys for that.
 *   <li>{@code ClientSecrets} holds what must be wiped, and wipes it; nothing of it touches disk.
 *   <li>The coordinator's end imports nothing from here, nor this from there.
 * </ol>
 */
@NullMarked
package dev.tributary.secagg.client;

import org.jspecify.annotations.NullMarked;
