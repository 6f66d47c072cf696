/**
 * Seeded noise for simulations and tests; it hides nothing from whoever knows the seed.
 *
 * <p>The package stands apart and says so in its name, so that a search finds every use of it.
 * Production code opens {@link dev.tributary.privacy.NoiseSource#secure()}, which takes no seed.
 */
@NullMarked
package dev.tributary.privacy.insecure;

import org.jspecify.annotations.NullMarked;
