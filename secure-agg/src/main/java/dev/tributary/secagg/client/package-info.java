/** The client's half of the masked sum; internal. */
@NullMarked
package dev.tributary.secagg.client;

import org.jspecify.annotations.NullMarked;
