package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.data.Normalisation;
import dev.tributary.simulation.cli.ErrorCode;
import dev.tributary.simulation.data.Federation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code standardise: federated}, from the table to the rows that clients train on. */
class FederatedStatisticsTest {
  /** Columns: a year far from 0, an income with gaps, one that never changes, and a word. */
  private static final int[] NUMERIC = {0, 1, 2};

  private static final double[] HALF = {25, 50_000, 500};

  @TempDir private Path folder;
  private Path table = Path.of("");

  @BeforeEach
  void table() throws IOException {
    SplittableRandom random = new SplittableRandom(5);
    StringBuilder text = new StringBuilder("who,year,income,same,word,y\n");
    for (int row = 0; row < 400; row++) {
      int who = random.nextInt(12);
      String income = row % 3 == 0 ? "" : String.valueOf(20_000 + random.nextInt(40_000));
      text.append(
          "p%d,%d,%s,7,%s,%d\n"
              .formatted(
                  who, 1980 + random.nextInt(20) + who, income, row % 2 == 0 ? "a" : "b", row % 2));
    }
    table = Files.writeString(folder.resolve("people.csv"), text);
  }

  private Job job(String... overrides) {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.add("simulation.data.csv.file=" + table);
    return JobFile.parse(
        "statistics.yaml",
        """
        apiVersion: tributary/v1
        name: statistics
        model:
          input: [5]
          layers: [{dense: {units: 2, activation: softmax}}]
          loss: sparse_categorical_crossentropy
        training: {engine: java, localEpochs: 1, batchSize: 10, optimizer: {sgd: {learningRate: 0.1}}}
        strategy: fedavg
        rounds: 2
        cohort: {size: 6, minimum: 5}
        privacy: {mechanism: none, clipNorm: 1}
        deadline: 600s
        evaluation: {every: 2, metrics: [accuracy]}
        simulation:
          seed: 3
          data:
            csv:
              file: people.csv
              label: y
              standardise: federated
              ranges:
                - {column: year, from: 1975, to: 2025}
                - {column: income, from: 0, to: 100000}
                - {from: -500, to: 500}
            partition: {byColumn: {column: who}}
            split: perClient
        """,
        all);
  }

  private Experiment run(Job job, boolean fast, Federation dealt) throws Exception {
    Experiment experiment = new Experiment(job, fast, dealt, null);
    Path store = Files.createTempDirectory(folder, "store");
    Experiment.Outcome outcome = experiment.run(store, 2, RoundListener.none());
    assertThat(outcome.firstDecline()).isNull();
    assertThat(outcome.result().completed()).isEqualTo(2);
    return experiment;
  }

  /** One of them has no rows: it says zeros, and the others' statistics are the pooled ones. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void statistics_areThePooledOnes_withinTheGridsBound(boolean fast) throws Exception {
    Job job = job();
    Federation dealt = Experiment.dealt(job);
    List<Dataset> clients = new ArrayList<>(dealt.clients());
    clients.add(clients.get(0).subset(new int[0]));
    Federation more =
        new Federation(clients, dealt.test(), append(dealt.tests()), dealt.words(), dealt.sums());
    Experiment experiment = run(job, fast, more);
    StatisticsRound round =
        new StatisticsRound(job, clients.size(), Objects.requireNonNull(more.sums()));
    Normalisation learned = round.read(Objects.requireNonNull(experiment.statistics()));
    Normalisation pooled = pooled(clients);

    float[] sums = experiment.statistics().parameters();
    for (int column : NUMERIC) {
      double error = round.error() / sums[3 * column];
      double half = HALF[column];
      assertThat(error).isLessThan(1e-4);
      assertThat(learned.mean()[column])
          .isCloseTo(pooled.mean()[column], within((float) (half * (2 * error + 1e-6))));
      double variance = Math.pow(pooled.deviation()[column], 2);
      assertThat(Math.pow(learned.deviation()[column], 2))
          .isCloseTo(variance, within(half * half * (6 * error + 1e-6)));
    }
    assertThat(pooled.deviation()[0]).isGreaterThan(1);
    assertThat(learned.deviation()[1]).isGreaterThan(10_000);
    assertThat(learned.deviation()[2]).as("a column that never changes").isZero();
    trainedOn(experiment.federation(), dealt, learned);
  }

  /** Training rows and those kept for evaluation are standardised alike; a gap is the mean. */
  private static void trainedOn(Federation now, Federation before, Normalisation learned) {
    assertThat(now.sums()).isNull();
    float[] raw = new float[5];
    float[] x = new float[5];
    int gaps = 0;
    List<Dataset> were = List.of(before.clients().get(3), before.tests().get(3), before.test());
    List<Dataset> are = List.of(now.clients().get(3), now.tests().get(3), now.test());
    for (int part = 0; part < were.size(); part++) {
      assertThat(are.get(part).size()).isEqualTo(were.get(part).size()).isPositive();
      for (int row = 0; row < were.get(part).size(); row++) {
        were.get(part).features(row, raw, 0);
        are.get(part).features(row, x, 0);
        assertThat(x[0]).isEqualTo((raw[0] - learned.mean()[0]) / learned.deviation()[0]);
        assertThat(x[2]).isZero();
        assertThat(x[3]).isEqualTo(raw[3]);
        if (Float.isNaN(raw[1])) {
          assertThat(x[1]).isZero();
          gaps++;
        }
      }
    }
    assertThat(gaps).isPositive();
  }

  private static List<Dataset> append(List<Dataset> tests) {
    List<Dataset> more = new ArrayList<>(tests);
    more.add(tests.get(0).subset(new int[0]));
    return more;
  }

  private static Normalisation pooled(List<Dataset> clients) {
    int rows = clients.stream().mapToInt(Dataset::size).sum();
    float[] features = new float[5 * rows];
    int at = 0;
    for (Dataset own : clients) {
      for (int row = 0; row < own.size(); row++) {
        own.features(row, features, at);
        at += 5;
      }
    }
    return Normalisation.of(
        Dataset.regression(new int[] {5}, features, new float[rows]),
        new boolean[] {true, true, true, false, false});
  }

  /** Who counts for at most 10 rows counts for as much as any other. */
  @Test
  void maximumExamples_boundsWhatAClientCountsFor() throws Exception {
    Job job = job("simulation.data.csv.maximumExamples=10");
    Experiment experiment = run(job, true, Experiment.dealt(job));
    float[] sums = Objects.requireNonNull(experiment.statistics()).parameters();
    assertThat(sums[0]).as("12 clients of more than 10 rows").isCloseTo(1, within(1e-5f));
  }

  @Test
  void roundWithoutASum_isRefusedInItsWords() {
    Job job = job("simulation.faults.dropout=0.9");
    assertThatThrownBy(() -> run(job, true, Experiment.dealt(job)))
        .isInstanceOf(StatisticsException.class)
        .hasMessageContaining("round of statistics")
        .hasMessageContaining("lower cohort.minimum");
  }

  @Test
  void stopBeforeTheStatistics_saysSo() throws IOException {
    Experiment experiment = new Experiment(job(), true);
    experiment.stop("enough");
    Path store = Files.createTempDirectory(folder, "store");
    assertThatThrownBy(() -> experiment.run(store, 1, RoundListener.none()))
        .isInstanceOf(StatisticsException.class)
        .hasMessageContaining("stopped in the round of statistics");
  }

  /** How many are in the sum is told, and nothing of any client; twice the same. */
  @Test
  void run_saysWhatWasLearnedAndFromHowMany() throws IOException {
    Path file = Files.writeString(folder.resolve("job.yaml"), job().source());
    List<String> pages = new ArrayList<>();
    for (String name : List.of("one", "two")) {
      Path json = folder.resolve(name + ".json");
      CommandRun told =
          CommandRun.of(
                  "simulate",
                  file.toString(),
                  "--set",
                  "simulation.faults.dropout=0.1",
                  "--out",
                  folder.resolve(name).toString(),
                  "--json",
                  json.toString())
              .succeeded();
      JsonNode learned = new ObjectMapper().readTree(json.toFile()).get("statistics");
      assertThat(learned.size()).isEqualTo(3);
      assertThat(learned.get("columns").asInt()).isEqualTo(3);
      int in = learned.get("survivors").asInt();
      assertThat(in).isBetween(10, 11);
      assertThat(in + learned.get("dropouts").asInt()).isEqualTo(12);
      String sum = "mean and deviation of 3 numeric columns, from a sum over " + in;
      assertThat(told.out())
          .contains("  Federated statistics: 3 columns, 12 clients asked\n")
          .contains("  Federated statistics: 3 columns  %d in, %d lost  ".formatted(in, 12 - in))
          .contains("  statistics  " + sum + " of 12 clients\n");
      pages.add(Files.readString(folder.resolve(name).resolve("report.html")));
      assertThat(pages.get(0)).contains(sum + " of 12 clients.");
    }
    assertThat(pages.get(1)).isEqualTo(pages.get(0));
  }

  /** Where no round is run, nobody trains on columns as they are in the file. */
  @Test
  void rowsWithoutARound_areRefused_andInspectShowsThem() throws IOException {
    assertThatThrownBy(() -> Experiment.federation(job()))
        .isInstanceOf(UnsuitableBackendException.class)
        .hasMessageContaining("standardise: federated");
    Path file = Files.writeString(folder.resolve("job.yaml"), job().source());
    CommandRun inspected = CommandRun.of("data", "inspect", file.toString(), "--set", "rounds=1");
    inspected.succeeded();
    assertThat(inspected.out()).contains("standardised with federated statistics");
    CommandRun.of("simulate", file.toString(), "--set", "simulation.faults.dropout=0.9")
        .failedWith(ErrorCode.NO_ROUND_COMPLETED);
  }

  @Test
  void columnWithoutARange_isNamed() {
    assertThatThrownBy(
            () ->
                Experiment.dealt(
                    job("simulation.data.csv.ranges=[{column: year, from: 1, to: 2}]")))
        .hasMessageContaining("no range for the numeric column 'income'");
    assertThatThrownBy(
            () ->
                Experiment.dealt(
                    job(
                        "simulation.data.csv.ranges=[{from: 1, to: 2}, {column: word, from: 1, to: 2}]")))
        .hasMessageContaining("'word', which is no numeric column");
  }
}
