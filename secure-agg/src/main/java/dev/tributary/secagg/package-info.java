/** The exact masked sum and the identities that take part in it. */
@NullMarked
package dev.tributary.secagg;

import org.jspecify.annotations.NullMarked;
