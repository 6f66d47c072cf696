/** The engine on heap arrays that is always there. */
@NullMarked
package dev.tributary.nn.engine.java;

import org.jspecify.annotations.NullMarked;
