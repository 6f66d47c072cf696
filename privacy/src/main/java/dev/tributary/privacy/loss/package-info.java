/**
 * Privacy loss distributions on a grid, pessimistic throughout; not exported.
 *
 * <ul>
 *   <li>{@link dev.tributary.privacy.loss.LossPair} is one direction of two neighbouring output
 *       distributions; it knows the masses of any interval of the loss.
 *   <li>{@link dev.tributary.privacy.loss.ConnectTheDots} puts those masses on a grid.
 *   <li>{@link dev.tributary.privacy.loss.LossComposition} composes what lies on grids by FFT.
 * </ul>
 */
@NullMarked
package dev.tributary.privacy.loss;

import org.jspecify.annotations.NullMarked;
