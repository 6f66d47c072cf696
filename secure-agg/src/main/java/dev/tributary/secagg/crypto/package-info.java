/**
 * Primitives of the sum (secure aggregation, section 3); internal to this module.
 *
 * <ol>
 *   <li>{@link dev.tributary.secagg.crypto.Labels} and {@code Hkdf}: every derived or signed byte
 *       string, by its label.
 *   <li>{@code KeyAgreement} and {@link dev.tributary.secagg.crypto.Signatures}: the seams to
 *       X25519 and Ed25519.
 *   <li>{@code MlKem768}: the seam to ML-KEM-768; {@code EdgeKem}: its half of one member's masks.
 *   <li>{@code Masks}: AES-256-CTR key streams, added tile by tile.
 *   <li>{@code Shamir}: sharing over GF(2^61 - 1).
 *   <li>{@code ShareBox}: AES-256-GCM of one pair of shares.
 * </ol>
 */
@NullMarked
package dev.tributary.secagg.crypto;

import org.jspecify.annotations.NullMarked;
