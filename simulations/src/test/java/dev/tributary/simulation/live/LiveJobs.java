package dev.tributary.simulation.live;

/** Jobs that are small enough to be run with real processes in a test. */
final class LiveJobs {
  private LiveJobs() {}

  /** A private job over the shipped digits. */
  static String digits(int clients, int cohort, int rounds, int deadlineSeconds) {
    return """
        apiVersion: tributary/v1
        name: live-digits
        model:
          input: [64]
          layers: [{dense: {units: 10, activation: softmax}}]
          loss: sparse_categorical_crossentropy
        training: {localEpochs: 1, batchSize: 8, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
        strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 1.0}}}}
        rounds: %d
        cohort: {size: %d, minimum: %d, schedule: {participations: %d, separation: 1}}
        privacy: {unit: user, epsilon: 60, delta: 1e-5, clipNorm: 1.0, mechanism: distributed-discrete-gaussian, colluders: 1}
        secureAggregation: {suite: sa1, mode: malicious}
        deadline: %ds
        evaluation: {every: 1, metrics: [accuracy, loss]}
        simulation:
          seed: 1
          data: {source: digits, partition: {iid: {clients: %d}}}
        """
        .formatted(rounds, cohort, cohort * 3 / 4, rounds, deadlineSeconds, clients);
  }
}
