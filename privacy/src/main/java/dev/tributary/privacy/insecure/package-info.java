/** Seeded noise for simulations and tests; never for real data. */
@NullMarked
package dev.tributary.privacy.insecure;

import org.jspecify.annotations.NullMarked;
