package dev.tributary.simulation.bench;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.RingPacking;
import java.util.List;

/** A job of one dense layer, whose members all take part in every round. */
final class BenchJob {
  private static final int UNITS = 50;

  private BenchJob() {}

  /**
   * The job.
   *
   * @param length parameters of its model at least, and fewer than 51 more
   */
  static Job of(int cohort, int length, int rounds) {
    int inputs = Math.max(1, (length + UNITS - 1) / UNITS - 1);
    String text =
        """
        apiVersion: tributary/v1
        name: bench
        model:
          input: [%d]
          layers:
            - dense: {units: %d, activation: softmax}
          loss: sparse_categorical_crossentropy
        training: {localEpochs: 1, batchSize: 1, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
        strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 1.0}}}}
        rounds: %d
        cohort: {size: %d, minimum: %d}
        privacy: {mechanism: none}
        secureAggregation: {suite: sa1, mode: curious}
        deadline: 1h
        """
            .formatted(inputs, UNITS, rounds, cohort, cohort);
    return JobFile.parse("bench.yaml", text, List.of());
  }

  /**
   * Parameters of a model whose update has so many bytes on the line, or a little less: the ring is
   * wider for longer updates.
   */
  static int length(int cohort, long bytes) {
    int length = UNITS;
    for (int closer = 0; closer < 4; closer++) {
      double each = bytes(of(cohort, length, 1)) / (double) length;
      length = (int) Math.min(Integer.MAX_VALUE / 2, (long) (bytes / each));
    }
    return length;
  }

  /** Elements of the sum of its updates. */
  static int sumLength(Job job) {
    return new Planner(job, InsecurePlainSum.ID).sum().length();
  }

  /** Bytes of an update on the line. */
  static long bytes(Job job) {
    var sum = new Planner(job, InsecurePlainSum.ID).sum();
    return RingPacking.packedLength(sum.length(), sum.ringBits());
  }
}
