/**
 * The engine on ND4J; the only package that names its types. A tour in five lines:
 *
 * <p>{@link dev.tributary.nn.engine.nd4j.Nd4jEngine} loads the natives when first asked, and says
 * why if it cannot; it names no ND4J type.<br>
 * {@code Layers} records a model on a {@code Tape}: arrays and actions, layer by layer in the
 * classes whose names end in {@code Ops}.<br>
 * {@code Nd4jProgram} takes the memory and runs the actions; {@code Nd4jRuntime} sets one native
 * thread per training thread.<br>
 * {@code Operation} binds a custom operation to its arrays in a cached context.<br>
 * {@code FloatArray} is memory outside the heap with its two copies, in and out.
 */
@NullMarked
package dev.tributary.nn.engine.nd4j;

import org.jspecify.annotations.NullMarked;
