/**
 * Models as data and their local training. A tour in six lines:
 *
 * <p>{@link dev.tributary.nn.ModelSpec} says what a model is: JSON, shapes, the layout of its flat
 * float32[d].<br>
 * {@link dev.tributary.nn.ModelFile} joins it with its values: safetensors bytes, named by digest.
 * <br>
 * {@link dev.tributary.nn.LocalTraining} is the loop of a client, {@link
 * dev.tributary.nn.TrainingConfig} what steers it.<br>
 * {@link dev.tributary.nn.Optimizer} makes steps from gradients, for client and coordinator.<br>
 * {@link dev.tributary.nn.Evaluation} gives {@link dev.tributary.nn.Metrics} that merge.<br>
 * {@link dev.tributary.nn.Model} answers with {@link dev.tributary.nn.Predictions}, which {@link
 * dev.tributary.nn.metric.Metric} measures.
 */
@NullMarked
package dev.tributary.nn;

import org.jspecify.annotations.NullMarked;
