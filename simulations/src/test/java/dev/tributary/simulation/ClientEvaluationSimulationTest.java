package dev.tributary.simulation;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.ClientAccuracy;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.nn.Evaluation;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engines;
import dev.tributary.simulation.data.Federation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients' own rows say of each round's model, in the deployed code, masked and not. */
class ClientEvaluationSimulationTest {
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: at-clients
      model:
        input: [64]
        layers: [{dense: {units: 10, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {localEpochs: 2, batchSize: 10, optimizer: {sgd: {learningRate: 0.05}}, engine: java}
      strategy: fedavg
      rounds: 3
      cohort: {size: 8, minimum: 6}
      privacy: {mechanism: none, clipNorm: 10}
      deadline: 60s
      evaluation: {every: 3, clients: {}}
      simulation: {seed: 7, data: {source: digits, split: perClient, partition: {dirichlet: {clients: 8, alpha: 0.3}}}}
      """;

  @TempDir Path folder;

  private record Run(Experiment.Outcome outcome, List<RoundReport> reports) {
    List<ClientAccuracy> accuracies() {
      return reports.stream()
          .map(RoundReport::clientAccuracy)
          .map(Objects::requireNonNull)
          .toList();
    }
  }

  private static Job job(String... overrides) {
    return JobFile.parse("at-clients.yaml", JOB, List.of(overrides));
  }

  private Run run(boolean fast, Job job, Probe probe) throws IOException, InterruptedException {
    Path store = Files.createTempDirectory(folder, "store");
    List<RoundReport> reports = new ArrayList<>();
    RoundListener listener =
        new RoundListener() {
          @Override
          public void onRound(RoundReport report) {
            reports.add(report);
          }
        };
    Experiment.Outcome outcome = new Experiment(job, fast).run(store, 2, listener, probe);
    assertThat(outcome.firstDecline()).isNull();
    assertThat(outcome.result().completed()).isEqualTo(job.rounds());
    return new Run(outcome, reports);
  }

  private static List<Double> direct(ModelFile model, Federation federation) {
    double[] counts = new double[21];
    for (Dataset own : federation.tests()) {
      double accuracy = Evaluation.evaluate(Engines.byName("java"), model, own).accuracy();
      counts[(int) Math.round(20 * accuracy)]++;
    }
    return Arrays.stream(counts).boxed().toList();
  }

  /** Each round counts what every client would find by itself for the model released before. */
  @Test
  void rounds_countWhatEachClientFindsOnItsOwnRows() throws Exception {
    Job job = job();
    Federation federation = Experiment.federation(job);
    List<ModelFile> released = new ArrayList<>();
    released.add(
        ModelFile.of(
            job.model(),
            job.model()
                .initialise(Experiment.rootSeed(7).derive("round", 0).derive("model").toLong())));
    Probe recording =
        new Probe() {
          @Override
          public void released(int round, java.util.function.Supplier<ModelFile> model) {
            released.add(model.get());
          }
        };
    Run run = run(true, job, recording);

    assertThat(federation.tests()).hasSize(8).allMatch(rows -> rows.size() > 0);
    for (int round = 1; round <= 3; round++) {
      assertThat(run.accuracies().get(round - 1).counts())
          .as("round %s", round)
          .isEqualTo(direct(released.get(round - 1), federation));
    }
    assertThat(run.accuracies().get(2).mean()).isGreaterThan(run.accuracies().get(0).mean() + 0.2);
    assertThat(run.accuracies().get(2).worstDecile()).isLessThan(run.accuracies().get(2).mean());
  }

  /** Under masks nothing changes, with the same seeds. */
  @Test
  void maskedSum_countsTheSame_andGivesTheSameModel() throws Exception {
    Run plain = run(true, job(), Probe.none());
    Run masked = run(false, job(), Probe.none());
    assertThat(masked.outcome().model().digest()).isEqualTo(plain.outcome().model().digest());
    assertThat(masked.accuracies()).isEqualTo(plain.accuracies());
  }

  @Test
  void privateJob_isBitIdenticalUnderMasks_andChargedForBoth() throws Exception {
    Job job =
        job(
            "privacy={epsilon: 200, delta: 1e-5, clipNorm: 1.0, mechanism:"
                + " distributed-discrete-gaussian, colluders: 1}",
            "cohort={size: 8, minimum: 6, schedule: {participations: 3}}",
            "evaluation={clients: {bins: 3}}");
    Run plain = run(true, job, Probe.none());
    Run masked = run(false, job, Probe.none());
    assertThat(masked.outcome().model().digest()).isEqualTo(plain.outcome().model().digest());
    assertThat(masked.reports().stream().map(RoundReport::clientAccuracy))
        .isEqualTo(plain.reports().stream().map(RoundReport::clientAccuracy).toList());
    assertThat(masked.outcome().ledger().coordinatorView().epsilon()).isBetween(199.0, 200.0);
    double clients = plain.accuracies().stream().mapToDouble(ClientAccuracy::clients).sum();
    double noise = plain.accuracies().get(0).noise();
    assertThat(noise).isPositive();
    assertThat(clients).as("24 with the noise of 9 bins").isCloseTo(24, within(8 * 3 * noise));
  }

  /** Data with test rows of its own keeps them, and its clients keep a fifth of theirs beside. */
  @Test
  void dataWithTestRows_clientsKeepRowsOfTheirOwn() {
    List<String> overrides =
        List.of(
            "model.input=[28, 28, 1]",
            "model.layers=[flatten, {dense: {units: 10, activation: softmax}}]",
            "simulation.data={source: fashion-mnist-12k, split: perClient, partition: {iid: {clients: 100}}}");
    Federation asked = Experiment.federation(job(overrides.toArray(String[]::new)));
    assertThat(asked.test().size()).isEqualTo(2000);
    assertThat(asked.tests()).hasSize(100).allMatch(rows -> rows.size() == 20);
    assertThat(asked.clients()).allMatch(rows -> rows.size() == 80);
    String text = JOB.replace(", clients: {}", "");
    Federation plain = Experiment.federation(JobFile.parse("at-clients.yaml", text, overrides));
    assertThat(plain.tests()).isEmpty();
    assertThat(plain.clients()).allMatch(rows -> rows.size() == 100);
  }

  /** From the command to every file that shows it. */
  @Test
  void files_haveTheFiguresOfTheRounds() throws Exception {
    Path job = Files.writeString(folder.resolve("job.yaml"), JOB);
    Path out = folder.resolve("run");
    Path result = folder.resolve("result.json");
    CommandRun.of(
            "simulate", job.toString(), "--fast", "--out", out.toString(), "--json", "" + result)
        .succeeded();
    List<ClientAccuracy> rounds = run(true, job(), Probe.none()).accuracies();
    List<String> csv = Files.readAllLines(out.resolve("rounds.csv"));
    List<String> columns = List.of(csv.get(0).split(","));
    for (int round = 1; round <= 3; round++) {
      String[] cells = csv.get(round).split(",");
      ClientAccuracy accuracy = rounds.get(round - 1);
      assertThat(Double.parseDouble(cells[columns.indexOf("client_accuracy_mean")]))
          .isCloseTo(accuracy.mean(), within(1e-6));
      assertThat(Double.parseDouble(cells[columns.indexOf("client_accuracy_worst_decile")]))
          .isCloseTo(accuracy.worstDecile(), within(1e-6));
      for (int percent : ClientAccuracy.PERCENTILES) {
        assertThat(Double.parseDouble(cells[columns.indexOf("client_accuracy_p" + percent)]))
            .isCloseTo(accuracy.percentile(percent), within(1e-6));
      }
    }
    JsonNode json = new ObjectMapper().readTree(result.toFile()).get("clientAccuracy");
    ClientAccuracy last = rounds.get(2);
    assertThat(json.get("round").asInt()).isEqualTo(3);
    assertThat(json.get("clients").asDouble()).isEqualTo(8);
    assertThat(json.get("mean").asDouble()).isEqualTo(last.mean());
    assertThat(json.get("worstDecile").asDouble()).isEqualTo(last.worstDecile());
    assertThat(json.get("p50").asDouble()).isEqualTo(last.percentile(50));
    assertThat(json.get("noise").asDouble()).isZero();
    assertThat(json.get("counts")).hasSize(21);
    String page = Files.readString(Path.of("..", "docs", "result-json.md"));
    json.fieldNames().forEachRemaining(name -> assertThat(page).contains("`" + name + "`"));
    assertThat(Files.readString(out.resolve("report.html")))
        .contains("Accuracy at clients as the round began, per cent", "worst tenth");
    assertThat(out.resolve("curves/client_accuracy.svg")).exists();
    assertThat(
            new String(
                Files.readAllBytes(out.resolve("tensorboard/events.out.tfevents.0.tributary")),
                ISO_8859_1))
        .contains("clients/accuracy_worst_decile");
  }
}
