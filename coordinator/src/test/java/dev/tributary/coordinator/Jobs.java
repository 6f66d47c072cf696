package dev.tributary.coordinator;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import java.util.List;

/** Small jobs for tests: 15 parameters, 30 clients, cohorts of 10, at least 8 of them in a sum. */
public final class Jobs {
  private static final String PLAIN =
      """
      apiVersion: tributary/v1
      name: small
      model: {input: [4], layers: [{dense: {units: 3, activation: softmax}}], loss: sparse_categorical_crossentropy}
      training: {batchSize: 5, optimizer: {sgd: {learningRate: 0.1}}}
      strategy: fedavg
      rounds: 6
      cohort: {size: 10, minimum: 8, population: 30, schedule: {participations: 2, separation: 3}}
      privacy: {mechanism: none, clipNorm: 1}
      secureAggregation: {mode: curious, dropoutFraction: 0.2}
      deadline: 10s
      """;

  private static final String PRIVATE =
      "privacy={mechanism: distributed-discrete-gaussian, epsilon: 8, delta: 1e-5, clipNorm: 1}";

  private Jobs() {}

  public static Job plain(String... overrides) {
    return JobFile.parse("small.yaml", PLAIN, List.of(overrides));
  }

  public static Job withNoise(String... overrides) {
    List<String> all = new java.util.ArrayList<>(List.of(PRIVATE));
    all.addAll(List.of(overrides));
    return JobFile.parse("small.yaml", PLAIN, all);
  }
}
