/** Machines, events and effects, and the wire that they speak. */
@NullMarked
package dev.tributary.wire;

import org.jspecify.annotations.NullMarked;
