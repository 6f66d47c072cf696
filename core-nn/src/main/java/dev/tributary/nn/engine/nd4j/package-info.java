/** The engine on ND4J; the only package that names its types. */
@NullMarked
package dev.tributary.nn.engine.nd4j;

import org.jspecify.annotations.NullMarked;
