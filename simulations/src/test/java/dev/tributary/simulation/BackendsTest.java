package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.coordinator.StoppedException;
import dev.tributary.coordinator.round.ClientAccuracy;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.simulation.cli.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One job on every back end. */
class BackendsTest {
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: backends
      model:
        input: [64]
        layers: [{dense: {units: 10, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {engine: java, localEpochs: 1, batchSize: 10, optimizer: {sgd: {learningRate: 0.1}}}
      strategy: fedavg
      rounds: 3
      cohort: {size: 20, minimum: 15, schedule: {participations: 3, separation: 1}}
      privacy: {mechanism: none, clipNorm: 1}
      secureAggregation: {suite: sa1, mode: malicious}
      deadline: 600s
      evaluation: {every: 3, metrics: [accuracy]}
      simulation:
        seed: 3
        data: {source: digits, partition: {iid: {clients: 24}}}
        faults: {dropout: 0.1}
      """;

  @TempDir private Path folder;

  /** What a run leaves: who was in each round, its model, and what clients found of the last. */
  private record Left(List<String> rounds, String model) {}

  private Left run(Backend backend, List<String> overrides)
      throws IOException, InterruptedException {
    Backend.JobText text = new Backend.JobText("backends.yaml", JOB, overrides, "");
    Experiment experiment = new Experiment(text.parse(), backend.plainSum());
    List<String> rounds = new ArrayList<>();
    RoundListener listener =
        new RoundListener() {
          @Override
          public void onRound(RoundReport report) {
            ClientAccuracy found = report.clientAccuracy();
            rounds.add(
                "%d: %d made %s%s"
                    .formatted(
                        report.round(),
                        report.survivors(),
                        report.modelDigest(),
                        found == null ? "" : " of one with " + found.counts()));
          }
        };
    Path store = Files.createTempDirectory(folder, backend.word());
    Experiment.Outcome outcome =
        backend.run(experiment, new Backend.Setting(text, store, 2, listener));
    assertThat(outcome.firstDecline()).isNull();
    assertThat(outcome.result().completed()).as("%s", outcome.result()).isGreaterThanOrEqualTo(3);
    return new Left(rounds, outcome.model().digest());
  }

  /**
   * What a round left with its clients that came to no sum counts nowhere, though clients of plain
   * sums were done with it.
   */
  @ParameterizedTest
  @ValueSource(strings = {"scaffold", "fedbn"})
  void everyBackend_forgetsWhatALostRoundLeft(String strategy) throws Exception {
    List<String> overrides = new ArrayList<>();
    overrides.add("strategy=" + strategy);
    overrides.add("rounds=6");
    overrides.add("cohort={size: 20, minimum: 15}");
    overrides.add("simulation.faults={dropout: 0.25, phases: [advertise]}");
    if (strategy.equals("fedbn")) {
      overrides.add(
          "model.layers=[{dense: {units: 12}}, batch_normalization, {activation: {activation: relu}}, {dense: {units: 10, activation: softmax}}]");
    }
    Map<String, Left> left = new TreeMap<>();
    for (Backend backend : Backend.all()) {
      left.put(backend.word(), run(backend, overrides));
    }
    left.put("fleet", run(new Scattered(), overrides));
    assertThat(left.values()).as("%s", left).containsOnly(left.get("protocol"));
    String rounds = String.join("; ", left.get("protocol").rounds());
    assertThat(rounds).containsPattern("made [0-9a-f]{64}.* made null.* made [0-9a-f]{64}");
  }

  /** Dropouts in each; noise of clients, noise of the coordinator, memory of clients. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "strategy=fedavg",
        "privacy={mechanism: distributed-discrete-gaussian, epsilon: 8, delta: 1e-5, clipNorm: 1}",
        "privacy={mechanism: central-gaussian, epsilon: 8, delta: 1e-5, clipNorm: 1}",
        "strategy=scaffold"
      })
  void everyBackend_releasesTheSameModels(String override) throws Exception {
    Map<String, Left> left = new TreeMap<>();
    for (Backend backend : Backend.all()) {
      left.put(backend.word(), run(backend, List.of(override)));
    }
    left.put("fleet", run(new Scattered(), List.of(override)));
    assertThat(left).containsKeys("sequential", "parallel", "protocol", "live");
    assertThat(left.values()).as("%s", left).containsOnly(left.get("sequential"));
    Left another = run(VirtualBackend.SEQUENTIAL, List.of(override, "simulation.seed=4"));
    assertThat(another).isNotEqualTo(left.get("sequential"));
  }

  /** Ctrl-C while clients check in ends the run, which has no round then. */
  @Test
  @Timeout(60)
  void live_thatIsStoppedBeforeAllClientsAreIn_ends() throws Exception {
    LiveBackend backend = new LiveBackend();
    Backend.JobText text = new Backend.JobText("backends.yaml", JOB, List.of(), "");
    Experiment experiment = new Experiment(text.parse(), backend.plainSum());
    experiment.stop("enough");
    assertThatThrownBy(
            () ->
                backend.run(
                    experiment, new Backend.Setting(text, folder, 2, new RoundListener() {})))
        .isInstanceOf(StoppedException.class)
        .hasMessage("enough");
  }

  /** What clients keep of their models, and how many count in each bin; noise is in both sums. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "strategy=fedbn",
        "privacy={mechanism: distributed-discrete-gaussian, epsilon: 200, delta: 1e-5, clipNorm: 1}"
      })
  void everyBackend_keepsTheSameNormalization_andFindsTheSameAccuracies(String override)
      throws Exception {
    List<String> overrides =
        List.of(
            "model.layers=[{dense: {units: 12}}, batch_normalization, {activation: {activation: relu}}, {dense: {units: 10, activation: softmax}}]",
            "strategy=fedbn",
            "evaluation={every: 3, clients: {bins: 11}}",
            "simulation.data={source: digits, split: perClient, partition: {featureNoise: {clients: 24, sigma: 0.3}}}",
            override);
    Map<String, Left> left = new TreeMap<>();
    for (Backend backend : Backend.all()) {
      left.put(backend.word(), run(backend, overrides));
    }
    left.put("fleet", run(new Scattered(), overrides));
    assertThat(left).containsKeys("sequential", "parallel", "protocol", "live");
    assertThat(left.values()).as("%s", left).containsOnly(left.get("protocol"));
    assertThat(left.get("protocol").rounds()).allMatch(round -> round.contains(" of one with ["));
    List<String> other = new ArrayList<>(overrides);
    other.add("strategy=fedavg");
    other.add("model.layers=[{dense: {units: 10, activation: softmax}}]");
    assertThat(run(VirtualBackend.PROTOCOL, other)).isNotEqualTo(left.get("protocol"));
  }

  /** Who is there when a round begins is for all that have virtual time to say alike. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "simulation.availability={random: {share: 0.85}}",
        "simulation.availability={daily: {hours: 20, spread: 24, every: 5h}}",
        "simulation.availability={daily: {hours: 3, spread: 4, every: 10h}}"
      })
  void virtualBackends_askTheSameClients(String override) throws Exception {
    String nobodyLeaves = "simulation.faults.dropout=0";
    List<String> overrides = List.of(override, nobodyLeaves);
    Map<String, Left> left = new TreeMap<>();
    for (Backend backend : VirtualBackend.values()) {
      left.put(backend.word(), run(backend, overrides));
    }
    left.put("fleet", run(new Scattered(), overrides));
    assertThat(left.values()).as("%s", left).containsOnly(left.get("sequential"));
    Left all = run(VirtualBackend.SEQUENTIAL, List.of(nobodyLeaves));
    assertThat(all).isNotEqualTo(left.get("sequential"));
  }

  /** Client 5 needs longer than a round may take, client 7 is never there, the others are. */
  @Test
  void virtualBackends_loseWhoIsTooSlow() throws Exception {
    StringBuilder trace = new StringBuilder("client,from,to,trainingSeconds\n");
    for (int client = 0; client < 24; client++) {
      trace.append(
          client == 7 ? "7,1e6,1e7,1\n" : client + ",0,1e7," + (client == 5 ? 1e4 : 1) + "\n");
    }
    Path file = Files.writeString(folder.resolve("trace.csv"), trace);
    List<String> overrides =
        List.of(
            "simulation.availability={trace: {file: '" + file + "'}}",
            "simulation.faults.dropout=0",
            "cohort={size: 24, minimum: 20, schedule: {participations: 3, separation: 1}}");
    Map<String, Left> left = new TreeMap<>();
    for (Backend backend : VirtualBackend.values()) {
      left.put(backend.word(), run(backend, overrides));
    }
    assertThat(left.values()).as("%s", left).containsOnly(left.get("sequential"));
    assertThat(left.get("protocol").rounds())
        .hasSize(3)
        .allMatch(round -> round.contains(": 22 made"));
    assertThatThrownBy(() -> run(new Scattered(), overrides))
        .isInstanceOf(UnsuitableBackendException.class)
        .hasMessageContaining("simulation.trainingSeconds");
  }

  /** The round before the first is one of its back end, with its suite and its dropouts. */
  @Test
  void everyBackend_learnsTheSameStatistics() throws Exception {
    StringBuilder text = new StringBuilder("a,b,y\n");
    for (int row = 0; row < 300; row++) {
      text.append("%d,%s,%d\n".formatted(row % 17, row % 5 == 0 ? "" : row % 7, row % 2));
    }
    Path table = Files.writeString(folder.resolve("table.csv"), text);
    List<String> overrides =
        List.of(
            "model.input=[2]",
            "model.layers=[{dense: {units: 2, activation: softmax}}]",
            "simulation.data={csv: {file: '%s', label: y, standardise: federated, ranges: [{from: 0, to: 20}]}, partition: {iid: {clients: 24}}}"
                .formatted(table));
    Map<String, Left> left = new TreeMap<>();
    for (Backend backend : Backend.all()) {
      left.put(backend.word(), run(backend, overrides));
    }
    left.put("fleet", run(new Scattered(), overrides));
    assertThat(left).containsKeys("sequential", "parallel", "protocol", "live");
    assertThat(left.values()).as("%s", left).containsOnly(left.get("sequential"));
    List<String> wider = new ArrayList<>(overrides);
    wider.add("simulation.data.csv.ranges=[{from: 0, to: 30}]");
    assertThat(run(VirtualBackend.SEQUENTIAL, wider)).isNotEqualTo(left.get("sequential"));
  }

  /**
   * A fleet whose parts are other processes as far as their data go: all that comes and goes has
   * been bytes. Each part is lost once, after its work was done, and done again.
   */
  private static final class Scattered implements Backend {
    @Override
    public String word() {
      return "scattered";
    }

    @Override
    public boolean plainSum() {
      return true;
    }

    @Override
    public Experiment.Outcome run(Experiment experiment, Setting setting)
        throws InterruptedException {
      Fleet fleet =
          (work, seats) -> {
            List<PartialSum> parts = new ArrayList<>();
            for (int from = 0; from < seats.size(); from += 7) {
              List<CohortWork.Seat> part = seats.subList(from, Math.min(from + 7, seats.size()));
              byte[] sent = bytes(new ArrayList<>(part));
              copy(bytes(work), CohortWork.class).sum(seatsOf(sent).iterator());
              parts.add(copy(bytes(work), CohortWork.class).sum(seatsOf(sent).iterator()));
            }
            Collections.reverse(parts);
            return parts.stream()
                .map(part -> copy(bytes(part), PartialSum.class))
                .reduce(PartialSum::plus)
                .orElseThrow();
          };
      return experiment.run(setting.scratch(), 2, setting.listener(), fleet, setting.file());
    }

    private static List<CohortWork.Seat> seatsOf(byte[] bytes) {
      List<CohortWork.Seat> seats = new ArrayList<>();
      for (Object seat : copy(bytes, ArrayList.class)) {
        seats.add((CohortWork.Seat) seat);
      }
      return seats;
    }

    private static byte[] bytes(Object object) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(object);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }

    private static <T> T copy(byte[] bytes, Class<T> type) {
      try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
        return type.cast(in.readObject());
      } catch (IOException | ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void backendThatIsNotThere_isRefused_andThoseThatAreThereAreNamed() {
    CommandRun run = CommandRun.of("simulate", "../examples/digits.yaml", "--backend", "abacus");
    run.failedWith(ErrorCode.BACKEND_UNAVAILABLE);
    assertThat(run.err()).contains("abacus", "sequential, parallel, protocol, live");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "simulation.faults.coordinatorCrashes=0.01",
        "simulation.faults.seed=42",
        "cohort.spares=1",
        "simulation.availability={random: {share: 0.9}}",
        "simulation.trainingSeconds={constant: {seconds: 1}}",
        "simulation.data.partition.iid.clients=501"
      })
  void live_refusesWhatIsNotForASeedToSay(String override) {
    assertThatThrownBy(() -> run(new LiveBackend(), List.of(override)))
        .isInstanceOf(UnsuitableBackendException.class)
        .hasMessageContaining("protocol");
  }

  /** Its seconds are real and its chance is not: the report says both. */
  @Test
  void live_throughTheCommandLine_saysWhatIsReal() throws IOException {
    Path job = Files.writeString(folder.resolve("job.yaml"), JOB);
    Path out = folder.resolve("out");
    CommandRun.of(
            "simulate",
            job.toString(),
            "--backend",
            "live",
            "--rounds",
            "1",
            "--out",
            out.toString())
        .succeeded();
    assertThat(Files.readString(out.resolve("report.html")))
        .contains("wall-clock time of this run", "keys and noise come from the seed");
  }

  @Test
  void fastBesideABackend_isRefused() {
    CommandRun.of("simulate", "../examples/digits.yaml", "--fast", "--backend", "protocol")
        .failedWith(ErrorCode.USAGE);
  }
}
