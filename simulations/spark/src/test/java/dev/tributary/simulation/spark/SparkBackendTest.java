package dev.tributary.simulation.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.coordinator.round.ClientAccuracy;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.simulation.Backend;
import dev.tributary.simulation.Experiment;
import dev.tributary.simulation.UnsuitableBackendException;
import dev.tributary.simulation.VirtualBackend;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The clients on Spark, and the models of the other back ends. */
class SparkBackendTest {
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: spark
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
      deadline: 60s
      evaluation: {every: 3, metrics: [accuracy]}
      simulation:
        seed: 3
        data: {source: digits, partition: {iid: {clients: 24}}}
        faults: {dropout: 0.1}
      """;

  private static final String PRIVATE =
      "privacy={mechanism: distributed-discrete-gaussian, epsilon: 8, delta: 1e-5, clipNorm: 1}";

  @TempDir private Path folder;

  private final List<String> rounds = new ArrayList<>();

  private static Backend.JobText text(String... overrides) {
    return new Backend.JobText("spark.yaml", JOB, List.of(overrides), "");
  }

  private Backend.Setting setting(Backend.JobText text) throws Exception {
    rounds.clear();
    RoundListener listener =
        new RoundListener() {
          @Override
          public void onRound(RoundReport report) {
            ClientAccuracy found = report.clientAccuracy();
            rounds.add(
                "%d made %s%s"
                    .formatted(
                        report.survivors(),
                        report.modelDigest(),
                        found == null ? "" : " of one with " + found.counts()));
          }
        };
    return new Backend.Setting(text, Files.createTempDirectory(folder, "run"), 2, listener);
  }

  /** Who was in each round, and each model. */
  private List<String> run(Backend backend, Backend.JobText text) throws Exception {
    Backend.Setting setting = setting(text);
    Experiment.Outcome outcome =
        backend.run(new Experiment(text.parse(), backend.plainSum()), setting);
    assertThat(outcome.firstDecline()).isNull();
    assertThat(outcome.result().completed()).isEqualTo(3);
    return List.copyOf(rounds);
  }

  private List<String> run(SparkConf conf, SparkFleet.Attempt attempt, SparkListener listener)
      throws Exception {
    Backend.JobText text = text(PRIVATE);
    Backend.Setting setting = setting(text);
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      context.sc().addSparkListener(listener);
      new Experiment(text.parse(), true)
          .run(
              setting.scratch(),
              2,
              setting.listener(),
              new SparkFleet(context, attempt),
              setting.file());
    }
    return List.copyOf(rounds);
  }

  @Test
  void spark_isFoundByItsName() {
    assertThat(Backend.named("spark")).get().isInstanceOf(SparkBackend.class);
  }

  /** Dropouts in each; noise of clients, noise of the coordinator, memory of clients. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        PRIVATE,
        "privacy={mechanism: central-gaussian, epsilon: 8, delta: 1e-5, clipNorm: 1}",
        "strategy=scaffold"
      })
  void spark_releasesTheModelsOfOneThread(String override) throws Exception {
    List<String> here = run(VirtualBackend.SEQUENTIAL, text(override));
    assertThat(run(new SparkBackend(), text(override))).hasSize(3).isEqualTo(here);
  }

  /** What clients keep comes back to them, and what they find of the last model is counted. */
  @Test
  void fedbn_andEvaluationByClients_areThoseOfTheProtocol() throws Exception {
    Backend.JobText text =
        text(
            "model.layers=[{dense: {units: 12}}, batch_normalization, {activation: {activation: relu}}, {dense: {units: 10, activation: softmax}}]",
            "strategy=fedbn",
            "evaluation={every: 3, clients: {bins: 11}}",
            "simulation.data={source: digits, split: perClient, partition: {featureNoise: {clients: 24, sigma: 0.3}}}");
    List<String> protocol = run(VirtualBackend.PROTOCOL, text);
    assertThat(protocol).hasSize(3).allMatch(round -> round.contains(" of one with ["));
    assertThat(run(new SparkBackend(), text)).isEqualTo(protocol);
  }

  /** Executors are told what the round before the first said. */
  @Test
  void statisticsOfAllClients_areThoseOfOneThread() throws Exception {
    StringBuilder rows = new StringBuilder("a,b,y\n");
    for (int row = 0; row < 300; row++) {
      rows.append("%d,%d,%d\n".formatted(row % 17, row % 7, row % 2));
    }
    Path table = Files.writeString(folder.resolve("table.csv"), rows);
    Backend.JobText text =
        text(
            "model.input=[2]",
            "model.layers=[{dense: {units: 2, activation: softmax}}]",
            "simulation.data={csv: {file: '%s', label: y, standardise: federated, ranges: [{from: 0, to: 20}]}, partition: {iid: {clients: 24}}}"
                .formatted(table));
    List<String> here = run(VirtualBackend.SEQUENTIAL, text);
    assertThat(run(new SparkBackend(), text)).hasSize(3).isEqualTo(here);
  }

  /** The first attempt of a part of the tasks fails after it has been given its seats. */
  private static void failOnce() {
    TaskContext task = TaskContext.get();
    if (task.partitionId() % 3 == 1 && task.attemptNumber() == 0) {
      throw new IllegalStateException("this task fails once");
    }
  }

  @Test
  void tasksThatFail_areDoneAgain_andTheModelsAreTheSame() throws Exception {
    List<String> here = run(VirtualBackend.SEQUENTIAL, text(PRIVATE));
    AtomicInteger failed = new AtomicInteger();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd end) {
            failed.addAndGet(end.taskInfo().failed() ? 1 : 0);
          }
        };
    List<String> spark = run(SparkBackend.configuration(2), SparkBackendTest::failOnce, listener);
    assertThat(spark).isEqualTo(here);
    assertThat(failed.get()).isGreaterThanOrEqualTo(3);
  }

  /** An executor's process ends in the middle of a round. */
  private static void dieOnce() {
    TaskContext task = TaskContext.get();
    if (task.partitionId() == 2 && task.attemptNumber() == 0) {
      Runtime.getRuntime().halt(1);
    }
  }

  @Test
  void executorsThatDie_areReplaced_andTheModelsAreTheSame() throws Exception {
    List<String> here = run(VirtualBackend.SEQUENTIAL, text(PRIVATE));
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    String surefire = System.getProperty("surefire.test.class.path");
    String classPath = surefire == null ? System.getProperty("java.class.path") : surefire;
    SparkConf conf =
        SparkBackend.configuration(2)
            .set("spark.master", "local-cluster[2,1,512]")
            .set("spark.executor.memory", "512m")
            .set("spark.executor.extraClassPath", absolute(classPath));
    AtomicInteger lost = new AtomicInteger();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
            lost.incrementAndGet();
          }
        };
    assertThat(run(conf, SparkBackendTest::dieOnce, listener)).isEqualTo(here);
    assertThat(lost.get()).isGreaterThanOrEqualTo(1);
  }

  private static String absolute(String classPath) {
    List<String> entries = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      entries.add(new File(entry).getAbsolutePath());
    }
    return String.join(File.pathSeparator, entries);
  }

  @Test
  void deathsOfTheCoordinator_areRefused() {
    assertThatThrownBy(
            () -> run(new SparkBackend(), text("simulation.faults.coordinatorCrashes=0.01")))
        .isInstanceOf(UnsuitableBackendException.class)
        .hasMessageContaining("coordinatorCrashes");
  }
}
