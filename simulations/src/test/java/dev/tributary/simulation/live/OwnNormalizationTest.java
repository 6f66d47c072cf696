package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.NnTrainer;
import dev.tributary.client.Policy;
import dev.tributary.client.Refusal;
import dev.tributary.client.Trained;
import dev.tributary.client.Trainer;
import dev.tributary.client.TrainingRequest;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.net.HttpServer;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.nn.Evaluation;
import dev.tributary.nn.Layout;
import dev.tributary.nn.LocalTensors;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.Experiment;
import dev.tributary.simulation.data.Federation;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * FedBN with federated evaluation as it is deployed, with draws that nobody knows beforehand: over
 * HTTPS, clients of the SDK with their state on disk. What came of each round is what its clients'
 * own numbers make.
 */
final class OwnNormalizationTest {
  private static final int CLIENTS = 4;
  private static final int ROUNDS = 3;
  private static final int CLIP = 20;
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: own-normalization
      model:
        input: [64]
        layers: [{dense: {units: 12}}, batch_normalization, {activation: {activation: relu}}, {dense: {units: 10, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {localEpochs: 1, batchSize: 20, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
      strategy: fedbn
      rounds: 3
      cohort: {size: 4, minimum: 4}
      privacy: {mechanism: none, clipNorm: 20}
      secureAggregation: {suite: sa1, mode: curious}
      deadline: 120s
      evaluation: {every: 3, clients: {bins: 41}}
      simulation: {seed: 7, data: {source: digits, split: perClient, partition: {featureNoise: {clients: 4, sigma: 0.3}}}}
      """;

  @TempDir private Path folder;

  private final Engine engine = Engines.byName("java");
  private final Map<List<Integer>, Work> work = new ConcurrentHashMap<>();

  /** What a client did in a round: what it found of the model, and what it made of it. */
  private record Work(ModelFile model, double accuracy, Trained trained) {}

  @Test
  @Timeout(120)
  void normalizationStays_andRoundsCountWhatClientsFindWithTheirs() throws Exception {
    Job job = JobFile.parse("own-normalization.yaml", JOB, List.of());
    Federation federation = Experiment.federation(job);
    Map<Integer, RoundReport> reports = new ConcurrentHashMap<>();
    RoundListener listener =
        new RoundListener() {
          @Override
          public void onRound(RoundReport report) {
            reports.put(report.round(), report);
          }
        };
    TlsIdentity tls = TlsIdentity.createOrLoad(folder.resolve("tls"), List.of("127.0.0.1"));
    List<FederatedClient> clients = new ArrayList<>();
    try (Store store = Store.open(folder.resolve("store"), Durability.MEMORY);
        Coordinator coordinator =
            Coordinator.open(
                store,
                new Coordinator.Settings(
                    job,
                    CLIENTS,
                    TrustAnchors.trustOnFirstUse(),
                    new Sa1(),
                    null,
                    listener,
                    Clock.systemUTC(),
                    1));
        HttpServer server =
            HttpServer.start(coordinator, new CoordinatorMetrics(), tls, "127.0.0.1", 0)) {
      URI address = URI.create("https://127.0.0.1:" + server.port());
      try (Transport transport = HttpTransport.pinned(address, tls.fingerprint())) {
        for (int client = 0; client < CLIENTS; client++) {
          NnTrainer own =
              NnTrainer.over(federation.clients().get(client), engine)
                  .heldOut(federation.tests().get(client));
          clients.add(
              FederatedClient.builder()
                  .coordinator(address)
                  .transport(transport)
                  .trust(TrustAnchors.trustOnFirstUse())
                  .state(folder.resolve("client-" + client))
                  .trainer(new Watched(client, own))
                  .policy(
                      Policy.atLeast()
                          .cohort(CLIENTS)
                          .minimumSum(CLIENTS)
                          .mode(Mode.CURIOUS)
                          .maximumEpsilon(Double.POSITIVE_INFINITY))
                  .start());
        }
        for (FederatedClient client : clients) {
          client.awaitDone();
        }
      } finally {
        clients.forEach(FederatedClient::close);
      }
      assertThat(work).hasSize(CLIENTS * ROUNDS);
      for (int round = 1; round <= ROUNDS; round++) {
        RoundReport report = reports.get(round);
        assertThat(report.survivors()).isEqualTo(CLIENTS);
        counted(round, report, federation);
        moved(
            job, round, ModelFile.parse(store.blobs().read(String.valueOf(report.modelDigest()))));
      }
    }
  }

  /** Each client with the normalization that it kept of the round before. */
  private void counted(int round, RoundReport report, Federation federation) {
    double[] counts = new double[41];
    for (int client = 0; client < CLIENTS; client++) {
      Work done = work.get(List.of(round, client));
      float[] kept =
          round == 1 ? new float[0] : work.get(List.of(round - 1, client)).trained().kept();
      LocalTensors own =
          new LocalTensors(
              List.of("layers.1.weight", "layers.1.bias", "layers.1.mean", "layers.1.variance"),
              kept);
      assertThat(done.accuracy())
          .isEqualTo(
              Evaluation.evaluate(engine, own.in(done.model()), federation.tests().get(client))
                  .accuracy());
      counts[(int) Math.round(40 * done.accuracy())]++;
    }
    assertThat(report.clientAccuracy().counts())
        .as("round %d", round)
        .isEqualTo(Arrays.stream(counts).boxed().toList());
  }

  /** By the mean of the updates, to eight deviations of the grid's error; normalization by none. */
  private void moved(Job job, int round, ModelFile after) {
    ModelFile before = work.get(List.of(round, 0)).model();
    float[] moved = job.model().trainable().gather(after.parameters());
    float[] start = job.model().trainable().gather(before.parameters());
    double error = 8 * (CLIP / 1024.0) / (2 * Math.sqrt(CLIENTS));
    for (int i = 0; i < moved.length; i++) {
      double mean = 0;
      for (int client = 0; client < CLIENTS; client++) {
        mean += work.get(List.of(round, client)).trained().update()[i] / (double) CLIENTS;
      }
      assertThat((double) moved[i] - start[i]).isCloseTo(mean, within(error));
    }
    for (Layout.Tensor tensor : job.model().normalizations()) {
      int from = tensor.offset();
      int to = from + tensor.length();
      assertThat(Arrays.copyOfRange(after.parameters(), from, to))
          .as(tensor.name())
          .isEqualTo(Arrays.copyOfRange(before.parameters(), from, to));
    }
    assertThat(work.get(List.of(round, 0)).trained().kept())
        .hasSize(48)
        .isNotEqualTo(work.get(List.of(round, 1)).trained().kept());
  }

  private final class Watched implements Trainer {
    private final int client;
    private final NnTrainer own;
    private double accuracy;

    Watched(int client, NnTrainer own) {
      this.client = client;
      this.own = own;
    }

    @Override
    public Optional<Refusal> check(Plan plan) {
      return own.check(plan);
    }

    @Override
    public OptionalDouble accuracy(TrainingRequest request) {
      OptionalDouble found = own.accuracy(request);
      accuracy = found.orElseThrow();
      return found;
    }

    @Override
    public float[] train(TrainingRequest request) {
      return trained(request).update();
    }

    @Override
    public Trained trained(TrainingRequest request) {
      Trained made = own.trained(request);
      work.put(List.of(request.round(), client), new Work(request.model(), accuracy, made));
      return made;
    }
  }
}
