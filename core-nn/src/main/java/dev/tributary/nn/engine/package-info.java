/** The engine SPI: a model compiles to a program of allocation-free steps. */
@NullMarked
package dev.tributary.nn.engine;

import org.jspecify.annotations.NullMarked;
