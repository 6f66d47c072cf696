/** The server's half of the masked sum; internal. */
@NullMarked
package dev.tributary.secagg.server;

import org.jspecify.annotations.NullMarked;
