package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.job.JobFileException;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a script says happens, to whom it says, and the sum and the ledger keep their rules. */
class FaultScriptTest {
  static final String JOB =
      """
      apiVersion: tributary/v1
      name: scripted
      model:
        input: [64]
        layers: [{dense: {units: 10, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {localEpochs: 1, batchSize: 10, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
      strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 1.0}}}}
      rounds: 2
      cohort: {size: 10, minimum: 7, schedule: {participations: 2, separation: 1}}
      privacy: {unit: user, epsilon: 200, delta: 1e-5, clipNorm: 1.0, mechanism: distributed-discrete-gaussian, colluders: 1}
      secureAggregation: {suite: sa1, mode: malicious}
      deadline: 60s
      evaluation: {every: 1, metrics: [accuracy]}
      simulation: {data: {source: digits, partition: {iid: {clients: 10}}}}
      """;

  @TempDir Path folder;

  private record Run(List<RoundReport> rounds, List<Experiment.Happened> happened, int crashes) {}

  private Run run(String... script) throws IOException, InterruptedException {
    String all = "simulation.faults.script=[" + String.join(", ", script) + "]";
    Experiment experiment = new Experiment(JobFile.parse("job.yaml", JOB, List.of(all)), false);
    List<RoundReport> rounds = new ArrayList<>();
    RoundListener listener =
        new RoundListener() {
          @Override
          public void onRound(RoundReport report) {
            rounds.add(report);
          }
        };
    experiment.run(Files.createTempDirectory(folder, "store"), 2, listener);
    return new Run(rounds, experiment.happened(), experiment.crashes());
  }

  @Test
  void oneFaultOfEachKind_happensOnce_andTheRestGoesOn() throws Exception {
    Run run =
        run(
            "{fault: drop, round: 1, client: 0, at: share}",
            "{fault: duplicate, round: 1, client: 1, at: input, seconds: 1}",
            "{fault: delay, round: 1, client: 2, at: advertise, seconds: 0.5}",
            "{fault: reorder, round: 1, client: 3, at: roster, seconds: 0.5}",
            "{fault: slow, round: 1, client: 4, seconds: 3}",
            "{fault: crash, round: 1, client: 5, at: unmask}",
            "{fault: crash, round: 2, client: 5, at: roster}",
            "{fault: lose, round: 2, client: 6, at: shares}",
            "{fault: corrupt, round: 2, client: 7, at: input}");

    assertThat(run.rounds()).extracting(RoundReport::survivors).containsExactly(9, 8);
    assertThat(run.rounds().get(0).dropped()).containsOnlyKeys("NO_SHARES");
    assertThat(run.rounds().get(1).dropped().values()).containsExactly(1, 1);
    assertThat(run.crashes()).isEqualTo(2);
    assertThat(run.happened())
        .extracting(each -> each.fault().kind().word())
        .containsExactlyInAnyOrder(
            "drop", "duplicate", "delay", "reorder", "crash", "crash", "lose", "corrupt", "slow");
  }

  @Test
  void lies_endTheLiarOrNothing_neverTheSum() throws Exception {
    Run run =
        run(
            "{fault: lie, round: 1, client: 0, at: advertise}",
            "{fault: lie, round: 1, client: 1, at: input}",
            "{fault: lie, round: 2, client: 2, at: unmask}");

    assertThat(run.happened()).hasSize(3);
    assertThat(run.rounds().get(0).dropped()).containsKey("EQUIVOCATION");
    assertThat(run.rounds().get(0).survivors()).isBetween(8, 9);
    assertThat(run.rounds().get(1).survivors()).isEqualTo(10);
  }

  @Test
  void aSeed_drawsTheSameScript_andTheSameRun() throws Exception {
    List<Job.Fault> drawn = FaultScript.draw(42, 2, 10);
    assertThat(FaultScript.draw(42, 2, 10)).isEqualTo(drawn);
    assertThat(FaultScript.draw(43, 2, 10)).isNotEqualTo(drawn);
    Job job = JobFile.parse("job.yaml", JOB, List.of("simulation.faults.seed=42"));
    assertThat(new Experiment(job, false).script()).isEqualTo(drawn);
    Job written =
        JobFile.parse(
            "job.yaml", JOB, List.of("simulation.faults.script=" + FaultScript.yaml(drawn)));
    assertThat(new Experiment(written, false).script()).isEqualTo(drawn);
  }

  @Test
  void aFault_atAMomentThatItCannotHave_isRefused() {
    assertThatThrownBy(() -> run("{fault: drop, round: 1, client: 0, at: roster}"))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("simulation.faults.script[0].at")
        .hasMessageContaining("advertise, share, input, sign, unmask");
    assertThatThrownBy(() -> run("{fault: lies, round: 1, client: 0}")).hasMessageContaining("lie");
    assertThatThrownBy(() -> run("{fault: drop, round: 0, client: 0}"))
        .hasMessageContaining("round");
  }
}
