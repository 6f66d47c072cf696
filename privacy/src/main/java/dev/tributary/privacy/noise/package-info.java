/**
 * Random bits and exact samplers; not exported.
 *
 * <ul>
 *   <li>{@link dev.tributary.privacy.noise.AesCtrStream} is the only source of bits: AES-256-CTR
 *       under a key of its own.
 *   <li>{@link dev.tributary.privacy.noise.KeyedNoise} derives those keys from a master key, by
 *       number and purpose.
 *   <li>{@link dev.tributary.privacy.noise.SecureNoise} has its master key from the operating
 *       system.
 *   <li>{@link dev.tributary.privacy.noise.IntegerNoise} draws discrete Gaussians, discrete Laplace
 *       and Skellam variables from the bits, by tables, without rounding errors; samplers in
 *       integer arithmetic alone are their oracle.
 *   <li>A self-test runs before the first secure source is given out.
 * </ul>
 */
@NullMarked
package dev.tributary.privacy.noise;

import org.jspecify.annotations.NullMarked;
