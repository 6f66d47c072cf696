package dev.tributary.simulation.chaos;

import dev.tributary.client.ClientListener;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.Policy;
import dev.tributary.client.Trainer;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.TrustAnchors;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * The job of all chaos: client i adds {@link #value} at coordinate i and nothing else, so that a
 * released model shows whose updates of which round are in it.
 */
final class ChaosJob {
  static final String NAME = "chaos";
  static final int CLIENTS = 8;

  /** Clients that may come later; the model has a coordinate for each. */
  static final int LATER = 2;

  static final int COHORT = 6;
  static final int MINIMUM = 4;
  static final int PARTICIPATIONS = 3;

  private ChaosJob() {}

  /**
   * The job's file.
   *
   * @param noise whether clients add noise; its standard deviation, 0.05 of the clip norm, leaves
   *     the reading of a coordinate wrong by an 8-sigma event alone
   */
  static String file(int rounds, boolean noise, int deadlineSeconds) {
    return """
        apiVersion: tributary/v1
        name: %s
        model:
          input: [4]
          layers: [{dense: {units: 2, activation: softmax}}]
          loss: sparse_categorical_crossentropy
        training: {localEpochs: 1, batchSize: 1, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
        strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 1.0}}}}
        rounds: %d
        cohort: {size: %d, minimum: %d, population: %d, joining: between-passes, schedule: {participations: %d, separation: 1}}
        privacy: %s
        secureAggregation: {suite: sa1, mode: curious}
        deadline: %ds
        evaluation: {every: 1, metrics: [accuracy]}
        """
        .formatted(
            NAME,
            rounds,
            COHORT,
            MINIMUM,
            CLIENTS,
            Math.max(PARTICIPATIONS, (rounds * COHORT + CLIENTS - 1) / CLIENTS),
            noise
                ? "{unit: user, epsilon: 20000, delta: 1e-5, clipNorm: 1.0, noiseMultiplier: 0.05,"
                    + " mechanism: distributed-discrete-gaussian, colluders: 1}"
                : "{mechanism: none, clipNorm: 1}",
            deadlineSeconds);
  }

  static Job parsed(String file) {
    return JobFile.parse("chaos.yaml", file, List.of());
  }

  /** What every client adds in a round: no two rounds that follow have the same. */
  static float value(int round) {
    return 1 - 0.15f * (round % 3);
  }

  /** A client that takes its time. */
  static FederatedClient.Builder client(
      int client, URI coordinator, Transport transport, Path state, int trainingMillis) {
    Trainer trainer =
        request -> {
          Thread.sleep(trainingMillis);
          float[] update = new float[request.length()];
          update[client] = value(request.round());
          return update;
        };
    return FederatedClient.builder()
        .coordinator(coordinator)
        .transport(transport)
        .trust(TrustAnchors.trustOnFirstUse())
        .state(state)
        .trainer(trainer)
        .listener(new ClientListener() {})
        .policy(
            Policy.atLeast()
                .mode(Mode.CURIOUS)
                .cohort(MINIMUM)
                .minimumSum(2)
                .maximumEpsilon(Double.POSITIVE_INFINITY));
  }

  /** Where a client keeps its state. */
  static Path state(Path folder, int client) {
    return folder.resolve("client-" + client);
  }
}
