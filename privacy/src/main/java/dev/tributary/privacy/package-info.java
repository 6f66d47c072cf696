/** Clipping, encoding and noise; accountants; the ledger. */
@NullMarked
package dev.tributary.privacy;

import org.jspecify.annotations.NullMarked;
