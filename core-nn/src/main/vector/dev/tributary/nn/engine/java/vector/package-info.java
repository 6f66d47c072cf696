/** Kernels on the Vector API; the java engine loads them when the incubating module is there. */
@NullMarked
package dev.tributary.nn.engine.java.vector;

import org.jspecify.annotations.NullMarked;
