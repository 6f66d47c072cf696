/**
 * The coordinator's end of a sum; internal to this module.
 *
 * <ol>
 *   <li>{@link dev.tributary.secagg.server.SumServer} is the machine: it sorts out repeats,
 *       strangers and equivocation, and hands what is left to its phase.
 *   <li>One small class per phase: {@code AdvertisePhase}, {@code ChoicePhase}, {@code SharePhase},
 *       {@code InputPhase}, {@code SignPhase}, {@code SamplePhase}, {@code UnmaskPhase}, {@code
 *       MaskRemovalPhase}; {@code ServerPhase} refuses what a phase does not expect.
 *   <li>{@code Cohort} knows who is alive and why the others are not; {@code ServerState} is what
 *       phases hand on.
 *   <li>{@code InputBody} checks an input and folds it once; {@code Recovery} reconstructs secrets,
 *       checks each against what its owner committed to, and corrects wrong shares.
 *   <li>The client's end imports nothing from here, nor this from there.
 * </ol>
 */
@NullMarked
package dev.tributary.secagg.server;

import org.jspecify.annotations.NullMarked;
