package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole protocol under a coordinator that dies again and again, by scripted chance. */
class MortalCoordinatorTest {
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: mortal
      model:
        input: [64]
        layers: [{dense: {units: 10, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {localEpochs: 1, batchSize: 10, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
      strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 1.0}}}}
      rounds: 3
      cohort: {size: 12, minimum: 9, schedule: {participations: 3, separation: 1}}
      privacy: {unit: user, epsilon: 200, delta: 1e-5, clipNorm: 1.0, mechanism: distributed-discrete-gaussian, colluders: 1}
      secureAggregation: {suite: sa1, mode: malicious}
      deadline: 60s
      evaluation: {every: 1, metrics: [accuracy]}
      simulation: {data: {source: digits, partition: {iid: {clients: 16}}}}
      """;

  @TempDir Path folder;

  private final List<String> recovered = new ArrayList<>();

  private record Run(String model, List<Integer> survivors, int crashes, double epsilon) {}

  private Run run(long seed, double crashes, double dropout, String... more)
      throws IOException, InterruptedException {
    List<String> overrides = new ArrayList<>(List.of(more));
    overrides.add("simulation.seed=" + seed);
    overrides.add("simulation.faults.coordinatorCrashes=" + crashes);
    overrides.add("simulation.faults.dropout=" + dropout);
    Experiment experiment = new Experiment(JobFile.parse("mortal.yaml", JOB, overrides), false);
    List<Integer> survivors = new ArrayList<>();
    RoundListener listener =
        new RoundListener() {
          @Override
          public void onRound(RoundReport report) {
            survivors.add(report.survivors());
          }

          @Override
          public void onRecovered(int round, String what) {
            recovered.add(what.replaceAll("[0-9]+", "N"));
          }
        };
    Path store = Files.createTempDirectory(folder, "store");
    Experiment.Outcome outcome = experiment.run(store, 2, listener);
    assertThat(outcome.firstDecline()).isNull();
    return new Run(
        outcome.result().modelDigest(),
        survivors,
        experiment.crashes(),
        outcome.ledger().coordinatorView().epsilon());
  }

  @Test
  void deathsAtAnyEvent_changeNothingThatComesOut() throws Exception {
    int deaths = 0;
    for (long seed = 1; seed <= 12; seed++) {
      deaths += changesNothing(seed);
    }
    assertThat(deaths).isGreaterThan(24);
    assertThat(recovered)
        .hasSizeGreaterThan(24)
        .containsOnly("taken up again where it was, by N events");
  }

  @Tag("nightly")
  @Test
  void deathsAtAnyEvent_ofAThousandSeeds_changeNothingThatComesOut() throws Exception {
    int deaths = 0;
    for (long seed = 100; seed < 1_100; seed++) {
      deaths += changesNothing(seed);
      if (seed % 100 == 99) {
        System.out.printf("seeds to %d, %d deaths%n", seed, deaths);
      }
    }
  }

  /** One run with deaths beside one without; every third loses a tenth of its clients too. */
  private int changesNothing(long seed) throws Exception {
    double dropout = seed % 3 == 0 ? 0.1 : 0;
    Run undisturbed = run(seed, 0, dropout);
    Run mortal = run(seed, 0.02 * (1 + seed % 4), dropout);

    assertThat(mortal.model()).as("seed %d", seed).isEqualTo(undisturbed.model());
    assertThat(mortal.survivors()).as("seed %d", seed).isEqualTo(undisturbed.survivors());
    assertThat(mortal.epsilon()).as("seed %d", seed).isEqualTo(undisturbed.epsilon());
    return mortal.crashes();
  }

  /** A fifth is away at the beginning of each round, and the spares make every sum whole. */
  @Test
  void sparesForWhoIsAway_fillEverySum_withDeathsToo() throws Exception {
    String[] spares = {
      "cohort.spares=6",
      "cohort.schedule.participations=5",
      "simulation.data.partition={iid: {clients: 20}}",
      "simulation.faults.phases=[advertise]"
    };
    Run undisturbed = run(3, 0, 0.2, spares);

    assertThat(undisturbed.survivors()).containsExactly(12, 12, 12);
    assertThat(run(3, 0, 0.2, "simulation.faults.phases=[advertise]").survivors())
        .anyMatch(survivors -> survivors < 12);
    Run mortal = run(3, 0.06, 0.2, spares);
    assertThat(mortal.crashes()).isPositive();
    assertThat(mortal.model()).isEqualTo(undisturbed.model());
    assertThat(mortal.survivors()).isEqualTo(undisturbed.survivors());
  }

  @Test
  void theSameSeed_diesAtTheSameEvents() throws Exception {
    assertThat(run(5, 0.1, 0.1)).isEqualTo(run(5, 0.1, 0.1));
  }
}
