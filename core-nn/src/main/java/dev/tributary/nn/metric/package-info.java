/**
 * How good predictions are. {@link dev.tributary.nn.metric.Metric} names the measures that a job
 * can ask for; {@link dev.tributary.nn.metric.ConfusionMatrix}, {@link
 * dev.tributary.nn.metric.Classification} and {@link dev.tributary.nn.metric.Regression} compute
 * them from plain arrays.
 */
@NullMarked
package dev.tributary.nn.metric;

import org.jspecify.annotations.NullMarked;
