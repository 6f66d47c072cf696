/** The plain sum for simulations and tests; protects nothing. */
@NullMarked
package dev.tributary.secagg.insecure;

import org.jspecify.annotations.NullMarked;
