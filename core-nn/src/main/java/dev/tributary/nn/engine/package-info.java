/**
 * The engine SPI. A tour in five lines:
 *
 * <p>{@link dev.tributary.nn.engine.Engine} compiles a model to a {@link
 * dev.tributary.nn.engine.Program} for a batch size and {@link dev.tributary.nn.engine.Mode}.<br>
 * {@link dev.tributary.nn.engine.Batch} gathers rows; a program turns them into gradients.<br>
 * {@link dev.tributary.nn.engine.OutputLoss} is the end of every model, one code for all engines.
 * <br>
 * {@link dev.tributary.nn.engine.ProgramPool} keeps closed programs for the next client.<br>
 * {@link dev.tributary.nn.engine.Engines} finds engines and picks one.
 */
@NullMarked
package dev.tributary.nn.engine;

import org.jspecify.annotations.NullMarked;
