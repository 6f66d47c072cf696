/**
 * The engine on heap arrays that is always there. A tour in five lines:
 *
 * <p>{@link dev.tributary.nn.engine.java.JavaEngine} compiles to programs over {@code float[]}.<br>
 * {@link dev.tributary.nn.engine.java.Kernels} is the one loop nest they need, and the rule that
 * makes its result the same to the bit everywhere.<br>
 * {@link dev.tributary.nn.engine.java.PlainKernels} are loops that the compiler vectorises.<br>
 * {@code vector.VectorKernels} is on the Vector API: compiled apart, reached by name alone.<br>
 * It is taken when the JVM runs with {@code --add-modules jdk.incubator.vector}.
 */
@NullMarked
package dev.tributary.nn.engine.java;

import org.jspecify.annotations.NullMarked;
