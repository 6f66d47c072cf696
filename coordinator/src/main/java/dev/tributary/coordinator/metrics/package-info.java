/**
 * Round reports as metrics. {@link dev.tributary.coordinator.metrics.CoordinatorMetrics} listens to
 * rounds and writes Prometheus' text; it is the one class that names Micrometer. Its counter of
 * clients partitions the cohorts: every member of every round is in exactly one outcome. Nothing in
 * it is computed from clients' data.
 */
@NullMarked
package dev.tributary.coordinator.metrics;

import org.jspecify.annotations.NullMarked;
