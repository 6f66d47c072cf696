/**
 * The exact masked sum and the identities that take part in it.
 *
 * <ol>
 *   <li>{@link dev.tributary.secagg.SumSuite} is the seam: {@link dev.tributary.secagg.Sa1} is the
 *       protocol, {@code insecure.InsecurePlainSum} its unprotected twin.
 *   <li>{@link dev.tributary.secagg.SumParameters} are derived and recomputed by both ends; {@link
 *       dev.tributary.secagg.Schedule} turns one deadline into all step deadlines.
 *   <li>{@link dev.tributary.secagg.Topology} is where graph, threshold and quorum come from,
 *       {@link dev.tributary.secagg.SumCosts} what they cost.
 *   <li>{@link dev.tributary.secagg.SumSession} is what one end knows before the first message;
 *       {@link dev.tributary.secagg.SumSuite#open} makes its machine.
 *   <li>{@link dev.tributary.secagg.Identity}, {@link dev.tributary.secagg.Certificate}, {@link
 *       dev.tributary.secagg.TrustAnchors}: who is who, certified by somebody other than the
 *       coordinator. {@link dev.tributary.secagg.AuthorityFolder} is that somebody on disk; {@link
 *       dev.tributary.secagg.RevocationList} and {@link dev.tributary.secagg.Succession} are what
 *       it signs beside certificates.
 *   <li>{@code client}, {@code server}, {@code crypto} are internal: one class per protocol phase,
 *       and the primitives.
 * </ol>
 */
@NullMarked
package dev.tributary.secagg;

import org.jspecify.annotations.NullMarked;
