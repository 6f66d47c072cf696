/** HTTP on Vert.x, mapped onto the coordinator. */
@NullMarked
package dev.tributary.coordinator.net;

import org.jspecify.annotations.NullMarked;
