/** Primitives of the masked sum; internal. */
@NullMarked
package dev.tributary.secagg.crypto;

import org.jspecify.annotations.NullMarked;
