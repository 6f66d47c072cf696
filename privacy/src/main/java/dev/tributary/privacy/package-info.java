/**
 * Everything between an update in floats and a stated (epsilon, delta); on the JDK alone.
 *
 * <ul>
 *   <li>{@link dev.tributary.privacy.PipelineSpec} says clip, grid, ring and {@link
 *       dev.tributary.privacy.Mechanism}, and proves that they fit together.
 *   <li>{@link dev.tributary.privacy.UpdatePipeline} encodes at the client and decodes at the
 *       coordinator; noise comes from a {@link dev.tributary.privacy.NoiseSource}.
 *   <li>{@link dev.tributary.privacy.PrivacyEvent} is what one round releases; an {@link
 *       dev.tributary.privacy.Accountant} turns events into a {@link
 *       dev.tributary.privacy.Guarantee}.
 *   <li>Package {@code correlated} has central noise that is correlated between rounds.
 *   <li>{@link dev.tributary.privacy.Calibrator} finds the least noise for a budget.
 *   <li>{@link dev.tributary.privacy.Ledger} remembers what was spent, over a {@link
 *       dev.tributary.privacy.LedgerStorage}, and refuses the rest.
 * </ul>
 */
@NullMarked
package dev.tributary.privacy;

import org.jspecify.annotations.NullMarked;
