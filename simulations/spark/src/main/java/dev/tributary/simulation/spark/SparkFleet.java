package dev.tributary.simulation.spark;

import dev.tributary.simulation.CohortWork;
import dev.tributary.simulation.Fleet;
import dev.tributary.simulation.PartialSum;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * A round's clients as one Spark job: seats are partitioned over the executors, each partition adds
 * its inputs, and the sums are reduced as a tree. Whatever an executor had is done again by another
 * when it is lost.
 */
final class SparkFleet implements Fleet {
  /** For each core, so that one slow partition does not leave the others idle for long. */
  private static final int PARTITIONS = 4;

  private final JavaSparkContext context;
  private final Attempt attempt;

  /** What a task does first; for tests, whose tasks die. */
  @FunctionalInterface
  interface Attempt extends Serializable {
    void begin();
  }

  SparkFleet(JavaSparkContext context) {
    this(context, () -> {});
  }

  SparkFleet(JavaSparkContext context, Attempt attempt) {
    this.context = context;
    this.attempt = attempt;
  }

  @Override
  public PartialSum sum(CohortWork work, List<CohortWork.Seat> seats) {
    int partitions = Math.min(seats.size(), PARTITIONS * context.defaultParallelism());
    Broadcast<CohortWork> shared = context.broadcast(work);
    Attempt first = attempt;
    try {
      return context
          .parallelize(seats, partitions)
          .mapPartitions(part -> sum(first, shared.value(), part))
          .treeReduce(PartialSum::plus);
    } finally {
      shared.destroy();
    }
  }

  private static Iterator<PartialSum> sum(
      Attempt first, CohortWork work, Iterator<CohortWork.Seat> part) {
    first.begin();
    return List.of(work.sum(part)).iterator();
  }
}
