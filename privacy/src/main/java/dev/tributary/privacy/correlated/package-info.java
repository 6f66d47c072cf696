/**
 * Central noise that is correlated between rounds, so that sums over rounds carry less of it:
 * matrix mechanisms, C x + Z released as A x + A C^-1 Z with A the prefix sum.
 *
 * <ul>
 *   <li>{@link dev.tributary.privacy.correlated.Schedule} says how often a client takes part.
 *   <li>{@link dev.tributary.privacy.correlated.Strategy} is C: {@link
 *       dev.tributary.privacy.correlated.BinaryTree}, {@link
 *       dev.tributary.privacy.correlated.BandedToeplitz} or {@link
 *       dev.tributary.privacy.correlated.BufferedToeplitz}.
 *   <li>{@link dev.tributary.privacy.correlated.CorrelatedNoise} makes the noise of one round after
 *       the other and keeps what later rounds need.
 * </ul>
 *
 * <p>Central noise only: Z must be hidden from every client, and whoever makes the noise of a round
 * holds that of all rounds.
 */
@NullMarked
package dev.tributary.privacy.correlated;

import org.jspecify.annotations.NullMarked;
