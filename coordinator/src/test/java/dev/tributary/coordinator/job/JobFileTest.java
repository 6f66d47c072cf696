package dev.tributary.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.Schedule;
import dev.tributary.plan.ExamplePrivacy;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobFileTest {
  static final String PRIVATE =
      """
      apiVersion: tributary/v1
      name: fashion-private
      model:
        input: [28, 28, 1]
        layers: [flatten, {dense: {units: 10, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {localEpochs: 5, batchSize: 10, optimizer: {sgd: {learningRate: 0.1}}}
      strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 0.25, momentum: 0.9, decay: {linear: {from: 0.5}}}}}}
      rounds: 80
      cohort: {size: 100, minimum: 85, schedule: {participations: 8, separation: 5}}
      privacy: {unit: user, epsilon: 4, delta: 1e-5, clipNorm: 0.3, mechanism: distributed-discrete-gaussian, colluders: 1}
      secureAggregation: {suite: sa1, mode: malicious}
      deadline: 60s
      evaluation: {every: 5, metrics: [accuracy, loss]}
      simulation:
        seed: 1
        data: {source: fashion-mnist-12k, partition: {iid: {clients: 1000}}}
        faults: {dropout: 0.05}
      """;

  @Test
  void parse_theMainJob_givesItsValues() {
    Job job = JobFile.parse("my.yaml", PRIVATE, List.of());

    assertThat(job.name()).isEqualTo("fashion-private");
    assertThat(job.model().layout().size()).isEqualTo(7850);
    assertThat(job.training().localEpochs()).isEqualTo(5);
    assertThat(job.strategy().serverOptimizer().parameters()).containsEntry("momentum", 0.9);
    assertThat(job.strategy().decayFrom()).isEqualTo(0.5);
    assertThat(job.strategy().denominator()).isEqualTo(Job.Denominator.COHORT);
    assertThat(job.cohort())
        .isEqualTo(
            new Job.Cohort(100, 85, null, Job.Sampling.SCHEDULE, Job.Joining.CLOSED, 0, 8, 5));
    assertThat(job.privacy())
        .isEqualTo(
            new Job.Privacy(
                "distributed-discrete-gaussian",
                "default",
                Unit.USER,
                Relation.ZERO_OUT,
                4,
                1e-5,
                0.3,
                1,
                null,
                null,
                4,
                "",
                null));
    assertThat(job.secureAggregation())
        .isEqualTo(new Job.SecureAggregation("sa1", Mode.MALICIOUS, 0.01, 0.15));
    assertThat(job.deadline()).isEqualTo(Duration.ofSeconds(60));
    assertThat(job.evaluation()).isEqualTo(new Job.Evaluation(5, List.of("accuracy", "loss")));
    assertThat(job.simulation().partition()).isEqualTo(new Job.Partition.Iid(1000));
    assertThat(job.simulation().faults().phases())
        .containsExactly("advertise", "share", "input", "sign", "unmask");
  }

  @Test
  void parse_postQuantumSuite_upToWhatItCarries() {
    String suite = "secureAggregation.suite=sa1-mlkem768";
    assertThat(JobFile.parse("job.yaml", PRIVATE, List.of(suite)).secureAggregation().suite())
        .isEqualTo("sa1-mlkem768");
    assertThatThrownBy(
            () ->
                JobFile.parse(
                    "job.yaml",
                    PRIVATE,
                    List.of(
                        suite,
                        "cohort.size=300",
                        "cohort.minimum=260",
                        "simulation.data.partition.iid.clients=4000")))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("suite sa1-mlkem768 carries at most 32640 pairs")
        .hasMessageContaining("Provided: 44850 pairs of 300 clients");
  }

  @Test
  void parse_trainingOptions_giveTheirValues() {
    Job job =
        JobFile.parse(
            "my.yaml",
            PRIVATE,
            List.of(
                "training.optimizer={rmsprop: {learningRate: 0.1, rho: 0.8}}",
                "training.method={prox: {mu: 0.25}}",
                "training.schedule={cosine: {warmup: 0.1}}",
                "training.gradientClip=2",
                "strategy={fedavg: {serverOptimizer: {adagrad: {learningRate: 0.1}}}}",
                "evaluation.metrics=[accuracy, f1, top_3]"));

    assertThat(job.training().optimizer().name()).isEqualTo("rmsprop");
    assertThat(job.training().optimizer().parameters())
        .containsEntry("rho", 0.8)
        .containsEntry("epsilon", 1e-8);
    assertThat(job.training().method()).isEqualTo(LocalMethod.prox(0.25));
    assertThat(job.training().schedule()).isEqualTo(new Schedule.Cosine(0.1, 0));
    assertThat(job.training().gradientClip()).isEqualTo(2);
    assertThat(job.strategy().serverOptimizer().parameters()).containsEntry("epsilon", 1e-10);
    assertThat(job.evaluation().metrics()).containsExactly("accuracy", "f1", "top_3");
  }

  @Test
  void parse_examplePrivacyOfAModelWithStatistics_isRefused() {
    List<String> overrides =
        List.of(
            "training.examplePrivacy={clipNorm: 1, noiseMultiplier: 1.1, epsilon: 8}",
            "model.layers=[flatten, batch_normalization, {dense: {units: 10, activation:"
                + " softmax}}]");

    assertThatThrownBy(() -> JobFile.parse("my.yaml", PRIVATE, overrides))
        .hasMessageContaining("cannot hide single examples in statistics of batches: layers.1.mean")
        .hasMessageContaining("group_normalization");
    assertThat(
            JobFile.parse("my.yaml", PRIVATE, overrides.subList(0, 1)).training().examplePrivacy())
        .contains(new ExamplePrivacy(1, 1.1, 8, 1e-5));
  }

  @Test
  void parse_budgetThatTheNoiseExceeds_namesAlternativesThatWork() {
    List<String> stated = List.of("privacy.epsilon=2", "privacy.noiseMultiplier=3.2");

    JobFileException refused =
        catchThrowableOfType(
            JobFileException.class, () -> JobFile.parse("my.yaml", PRIVATE, stated));

    assertThat(refused)
        .hasMessage(
            """
            --set: privacy.epsilon: 2 cannot pay for 80 rounds, 8 for each client, with noise \
            multiplier 3.2 (they cost 4.106 at delta 1e-5).
              Either rounds: 20 with participations: 2, or noiseMultiplier: 6.08, or leave \
            noiseMultiplier out and Tributary will choose it.
              See docs/errors.md#budget-too-small""");
    assertThatCode(
            () ->
                JobFile.parse(
                    "my.yaml",
                    PRIVATE,
                    List.of(
                        "privacy.epsilon=2",
                        "privacy.noiseMultiplier=3.2",
                        "rounds=20",
                        "cohort.schedule.participations=2")))
        .doesNotThrowAnyException();
    assertThatCode(
            () ->
                JobFile.parse(
                    "my.yaml",
                    PRIVATE,
                    List.of("privacy.epsilon=2", "privacy.noiseMultiplier=6.08")))
        .doesNotThrowAnyException();
    assertThatCode(() -> JobFile.parse("my.yaml", PRIVATE, List.of("privacy.epsilon=2")))
        .doesNotThrowAnyException();
  }

  @Test
  void parse_strategies_giveServerAndClientTheirHalves() {
    Job prox = strategy("{fedprox: {mu: 0.5, learningRate: 0.5}}");
    assertThat(prox.training().method()).isEqualTo(LocalMethod.prox(0.5));
    assertThat(prox.strategy().serverOptimizer().parameters()).containsEntry("learningRate", 0.5);
    assertThat(strategy("fedavgm").strategy().serverOptimizer().parameters())
        .containsEntry("momentum", 0.9)
        .containsEntry("learningRate", 1.0);
    Job yogi = strategy("{fedyogi: {learningRate: 0.01, decay: {linear: {from: 0.25}}}}");
    assertThat(yogi.strategy().serverOptimizer().name()).isEqualTo("fedyogi");
    assertThat(yogi.strategy().decayFrom()).isEqualTo(0.25);
    assertThat(strategy("scaffold").strategy().name()).isEqualTo("scaffold");
  }

  private static Job strategy(String strategy) {
    return JobFile.parse("my.yaml", PRIVATE, List.of("strategy=" + strategy));
  }

  @Test
  void parse_strategiesThatCannotReckonSteps_refused() {
    assertThatThrownBy(
            () ->
                JobFile.parse(
                    "my.yaml",
                    PRIVATE,
                    List.of("strategy=scaffold", "training.schedule={linear: {}}")))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("what a client's steps add up to");
    assertThatThrownBy(
            () ->
                JobFile.parse(
                    "my.yaml",
                    PRIVATE,
                    List.of("strategy={fedprox: {mu: 1}}", "training.method={prox: {mu: 0.1}}")))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("Leave training.method out");
  }

  /** line | key | override or replacement | part of the rule | part of the way out */
  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          rounds | 0 | job-out-of-range | must be between 1 and 1000000 | Write rounds: 1 or more
          rounds | many | job-wrong-type | is not a whole number | between 1
          rounds | 1.5 | job-wrong-type | is not a whole number | between 1
          rounds | "80" | job-wrong-type | is not a whole number | between 1
          name | Fashion Private | job-out-of-range | is not a name of small letters | fashion-private
          apiVersion | tributary/v2 | job-out-of-range | is none of tributary/v1 | Did you mean tributary/v1?
          deadline | soon | job-wrong-type | is not a duration | 500ms, 60s
          deadline | 60 | job-wrong-type | is not a duration | 500ms, 60s
          deadline | 0s | job-out-of-range | must be between 100ms and 720h | Choose another deadline
          deadline | 999999999h | job-out-of-range | must be between 100ms and 720h | Choose another deadline
          training.batchsize | 10 | job-unknown-key | is not known here | Did you mean batchSize?
          training.engine | tensorflow | job-out-of-range | is none of auto, java, nd4j | Known here
          training.optimizer | {sdg: {learningRate: 1}} | job-unknown-key | is none of sgd, nesterov, adam | Did you mean sgd?
          training.optimizer | {sgd: {learningRate: -1}} | job-out-of-range | must be between 1e-9 and 1000 | Write learningRate: 1e-9 or more
          training.optimizer | {sgd: {}} | job-missing-key | is missing | docs/job-file.md
          training.optimizer | {sgd: {learningRate: 1}, adam: {learningRate: 1}} | job-wrong-type | does not name exactly one | optimizer
          training.optimizer | {sgd: {learningRate: .nan}} | job-wrong-type | is not a number | between 1e-9 and 1000
          training.optimizer | {rmsprop: {learningRate: 1, decay: 0.9}} | job-unknown-key | is not known here | Known here
          training.optimizer | {adagrad: {learningRate: 1, epsilon: 0}} | job-out-of-range | must be between 1e-16 and 1 | epsilon: 1e-16 or more
          training.method | {prox: {}} | job-missing-key | is missing | docs/job-file.md
          training.method | {prox: {mu: -1}} | job-out-of-range | must be between 0 and 1000 | Write mu: 0 or more
          training.method | fedprox | job-unknown-key | is none of sgd, prox | Known here: sgd, prox
          training.schedule | {cosine: {warmup: 1.5}} | job-out-of-range | must be between 0 and 1 | Write warmup: 1 or less
          training.schedule | {staircase: {every: 0, factor: 0.5}} | job-out-of-range | must be between 1 and 1000000 | Write every: 1 or more
          training.schedule | {staircase: {every: 2, factor: 0}} | job-out-of-range | must be between 1e-6 and 1 | factor
          training.gradientClip | 0 | job-out-of-range | must be between 1e-9 and 1000000 | Write gradientClip: 1e-9 or more
          training.examplePrivacy | {clipNorm: 1, noiseMultiplier: 1.1} | job-missing-key | is missing | docs/job-file.md
          training.examplePrivacy | {clipNorm: 1, noiseMultiplier: 0, epsilon: 8} | job-out-of-range | must be between 0.001 and 1000000 | Write noiseMultiplier: 0.001 or more
          training.examplePrivacy | {clipNorm: 1, noiseMultiplier: 1, epsilon: 8, delta: 1} | job-out-of-range | must be greater than 0 and less than 1 | Choose another delta
          model.input | [28, 0] | job-out-of-range | a dimension is a whole number from 1 | [28, 28, 1]
          model.input | [] | job-out-of-range | has 0 dimensions | [28, 28, 1]
          model.layers | [flaten] | job-unknown-key | is none of activation, average_pooling2d, | Did you mean flatten?
          model.layers | [flatten, {dense: {units: 10, activation: relu}}] | model-does-not-fit | do not fit together | layer
          model.loss | mse | job-unknown-key | is none of | Known here
          strategy | median | needs-individual-updates | needs every client's own update | strategy: fedavg
          strategy | {krum: {}} | needs-individual-updates | needs every client's own update | strategy: fedavg
          strategy | {fedprox: {}} | job-missing-key | is missing | docs/job-file.md
          strategy | {fedadam: {learningRate: 0.1, tau: 0}} | job-out-of-range | must be between 1e-15 and 1000 | tau
          strategy | {fedadam: {learningRate: 0.1, maximumExamples: 5}} | data-dependent-denominator | how many examples they have | clients count alike
          strategy | {fednova: {maximumExamples: 5}} | data-dependent-denominator | how many examples they have | clients count alike
          strategy | {fednova: {}} | job-missing-key | is missing | docs/job-file.md
          strategy | {scaffold: {maximumExamples: 5}} | job-unknown-key | is not known here | Known here
          strategy | fedbn | model-does-not-fit | the model has none | batch_normalization
          strategy | {lion: {learningRate: 1}} | job-unknown-key | scaffold, fedbn, halving | Take one of these, or name the jar of your own in TRIBUTARY_CLASS_PATH
          strategy | fedavgn | job-unknown-key | is none of fedavg, fedavgm, fedprox | Did you mean fedavg
          strategy | {halving: {factor: 0.5}} | job-out-of-range | takes no noise that clients make | Choose another strategy
          strategy | {fedavg: {denominator: survivors}} | data-dependent-denominator | tells who took part | denominator: cohort
          cohort.minimum | 101 | cohort-below-floor | is more than the cohort's size of 100 | minimum: 100
          cohort.minimum | 60 | dropout-tolerance | dropoutFraction must be <= 33/100 | tolerate
          cohort.size | 2000 | job-out-of-range | any | any
          cohort.schedule.separation | 11 | schedule-infeasible | asks for 1100 different clients within 11 rounds | separation: 10
          cohort.schedule.participations | 7 | schedule-infeasible | lets 1000 clients fill 7000 places | participations: 8
          privacy.mechanism | tree | noise-not-for-clients | correlated between rounds | distributed-discrete-gaussian
          privacy.mechanism | blt | noise-not-for-clients | no client may hold | distributed-discrete-gaussian
          privacy.unit | example | unit-not-covered | a client's whole update | unit: user
          privacy.relation | add-remove | relation-not-covered | takes its share along | zero-out
          privacy.epsilon | 0 | job-out-of-range | must be between 0.001 and 1000000 | Write epsilon: 0.001 or more
          privacy.delta | 1 | job-out-of-range | must be greater than 0 and less than 1 | Choose another delta
          privacy.delta | 1e-30 | job-out-of-range | is less than 2^-60 | 1e-18
          privacy.delta | 0.001 | job-out-of-range | show one of the 1000 clients whole | below 0.001
          privacy.epsilon | 1e99999999999 | job-out-of-range | must be between 0.001 and 1000000 | Write epsilon: 1000000 or less
          privacy.clipNorm | 1e300 | job-out-of-range | must be between 1e-9 and 1000000 | Write clipNorm: 1000000 or less
          privacy.noiseMultiplier | 1e300 | job-out-of-range | must be between 0.001 and 1000000 | Write noiseMultiplier: 1000000 or less
          rounds | 99999999999999 | job-out-of-range | must be between 1 and 1000000 | Write rounds: 1000000 or less
          training.optimizer.sgd.momentum | 1 | job-out-of-range | must be at least 0 and less than 1 | Choose another momentum
          rounds |  | job-syntax | is given no value | leave it out to keep what the file says
          privacy.clipNorm | # none | job-syntax | is given no value | leave it out
          rounds | "" | job-wrong-type | is not a whole number | between 1
          privacy.population | " " | job-out-of-range | is not a name on one line | 64 characters
          privacy.population | "a\\nb" | job-out-of-range | is not a name on one line | 64 characters
          privacy | {mechanism: none, noiseMultiplier: 1} | job-out-of-range | mechanism none makes none | distributed-discrete-gaussian
          privacy.clipNorm | -0.3 | job-out-of-range | must be between 1e-9 and 1000000 | Write clipNorm: 1e-9 or more
          privacy.colluders | 0 | cohort-below-floor | leaves out no client's noise share | colluders: 1
          secureAggregation.corruptFraction | 0.001 | cohort-below-floor | leaves out no client's noise share | colluders: 1
          privacy.colluders | 85 | cohort-below-floor | leaves no honest noise share | colluders: 1
          privacy.ringBits | 8 | ring-too-small | cannot carry the noise | ringBits
          privacy | {mechanism: distributed-discrete-gaussian, epsilon: 0.05, delta: 1e-5, clipNorm: 0.3, ringBits: 16} | budget-too-small | cannot pay for 8 participations | larger epsilon
          secureAggregation.dropoutFraction | 0.3 | dropout-tolerance | lets 30 of 100 clients go | dropoutFraction: 0.15
          secureAggregation.mode | trusting | job-out-of-range | is none of curious, malicious | Known here
          secureAggregation.suite | sa2 | job-out-of-range | is none of sa1 | Did you mean sa1?
          evaluation.metrics | [acuracy] | job-out-of-range | holds acuracy | Did you mean accuracy?
          evaluation.metrics | [rmse] | model-does-not-fit | rmse is for models with one output | Take rmse out
          evaluation.clients | {} | job-out-of-range | evaluation.clients needs each client's own | split: perClient
          evaluation.clients | {bins: 1} | job-out-of-range | must be between 2 and 1001 | Write bins: 2 or more
          simulation.data | {source: x, csv: {file: a, label: b}, partition: {iid: {clients: 1000}}} | job-wrong-type | names 2 sources | exactly one
          cohort | {size: 100, minimum: 85, joining: between-passes, sampling: fixed-size} | sampling-not-covered | would change the number of clients | Leave joining out
          cohort.spares | 101 | schedule-infeasible | asks for 1005 different clients within 5 rounds | separation: 4
          cohort.spares | 20 | schedule-infeasible | 80 rounds of 100 clients and 20 spares have 9600 | participations: 10
          cohort.spares | 901 | schedule-infeasible | asks for 901 clients beside the 100 of a round | spares: 900
          cohort.spares | -1 | job-out-of-range | must be between 0 and 1048576 | Write spares: 0 or more
          cohort | {size: 100, minimum: 85, spares: 5, sampling: fixed-size} | sampling-not-covered | would let who is there decide | Leave spares out
          simulation.data.partition | {iid: {clients: 50}} | schedule-infeasible | asks for more clients than the 50 | size: 50
          simulation.faults.dropout | 1 | job-out-of-range | must be at least 0 and less than 1 | Choose another dropout
          simulation.faults.phases | [input, output] | job-out-of-range | holds output | Known here
          simulation.seed | -1 | job-wrong-type | is not a seed | 0 or more
          privcy | {} | job-unknown-key | is not known here | Did you mean privacy?
          """)
  void parse_oneWrongValue_namesKeyValueRuleAndWayOut(
      String key, String value, String code, String rule, String wayOut) {
    JobFileException refused =
        catchThrowableOfType(
            JobFileException.class,
            () ->
                JobFile.parse(
                    "my.yaml", PRIVATE, List.of(key + "=" + (value == null ? "" : value))));

    assertThat(refused).as("the job with %s=%s", key, value).isNotNull();
    if (!rule.equals("any")) {
      assertThat(refused.problems())
          .as("%s", refused.getMessage())
          .anySatisfy(
              problem -> {
                assertThat(problem.code()).isEqualTo(code);
                assertThat(problem.rule()).contains(rule);
                assertThat(problem.wayOut()).containsIgnoringCase(wayOut);
              });
    }
    assertThat(refused.problems()).allMatch(problem -> !problem.key().isEmpty());
  }

  /** What clients may be asked about a model, and where no noise, data or model fits that. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          privacy.mechanism=local-gaussian | job-out-of-range | evaluation.clients | each client's own | leave evaluation.clients out
          privacy.mechanism=central-tree | job-out-of-range | evaluation.clients | one for all rounds | leave evaluation.clients out
          evaluation.clients.noise=1 | job-out-of-range | evaluation.clients.noise | above the noise multiplier | Write noise: 10
          privacy={mechanism: none} | job-out-of-range | evaluation.clients.noise | makes none | Leave noise out
          training.examplePrivacy={clipNorm: 1, noiseMultiplier: 1.1, epsilon: 8} | job-out-of-range | evaluation.clients | single rows | Leave one
          simulation.data.split=pooled | job-out-of-range | simulation.data.split | no client's | split: perClient
          simulation.data.partition={drawn: {clients: 1000, rows: 10}} | job-out-of-range | simulation.data.partition | other clients may train on | another partition
          """)
  void parse_clientEvaluation_refusesWhatDoesNotGoWithIt(
      String override, String code, String key, String rule, String wayOut) {
    List<String> sound =
        List.of("evaluation.clients={noise: 50}", "simulation.data.split=perClient");
    assertThat(JobFile.parse("my.yaml", PRIVATE, sound).evaluation().clients())
        .isEqualTo(new Job.ClientEvaluation(21, 50.0));
    List<String> all = new java.util.ArrayList<>(sound);
    all.add(override);
    JobFileException refused =
        catchThrowableOfType(JobFileException.class, () -> JobFile.parse("my.yaml", PRIVATE, all));
    assertThat(refused).as(override).isNotNull();
    assertThat(refused.problems())
        .as("%s", refused.getMessage())
        .anySatisfy(
            problem -> {
              assertThat(problem.code()).isEqualTo(code);
              assertThat(problem.key()).isEqualTo(key);
              assertThat(problem.rule()).contains(rule);
              assertThat(problem.wayOut()).containsIgnoringCase(wayOut);
            });
  }

  @Test
  void parse_fedbn_normalizationStays() {
    String layers =
        "model.layers=[flatten, {dense: {units: 4}}, batch_normalization, {residual: {layers:"
            + " [layer_normalization]}}, {dense: {units: 10, activation: softmax}}]";
    Job job = JobFile.parse("my.yaml", PRIVATE, List.of("strategy=fedbn", layers));
    assertThat(job.model().trainable().size()).isEqualTo(784 * 4 + 4 + 4 * 10 + 10);
    assertThat(job.model().layout().size() - job.model().trainable().size()).isEqualTo(6 * 4);
    for (String bad :
        List.of(
            "model.trainable=['layers.2.*']",
            "training.examplePrivacy={clipNorm: 1, noiseMultiplier: 1.1, epsilon: 8}")) {
      assertThatThrownBy(
              () -> JobFile.parse("my.yaml", PRIVATE, List.of("strategy=fedbn", layers, bad)))
          .as(bad)
          .isInstanceOf(JobFileException.class)
          .hasMessageContaining("strategy");
    }
  }

  @Test
  void parse_clientEvaluation_ofAModelOfNumbers_isRefused() {
    assertThatThrownBy(
            () ->
                JobFile.parse(
                    "my.yaml",
                    PRIVATE,
                    List.of(
                        "evaluation.clients={}",
                        "simulation.data.split=perClient",
                        "model.layers=[flatten, {dense: {units: 1}}]",
                        "model.loss=squared_error")))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("this model predicts a number");
  }

  @ParameterizedTest
  @CsvSource({"rounds", "=4", ".rounds=4", "rounds.=4", "a..b=4", "''"})
  void parse_overrideWithoutAKey_isRefused(String override) {
    assertThatThrownBy(() -> JobFile.parse("my.yaml", PRIVATE, List.of(override)))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("is not an override");
  }

  /** What would take minutes to plan is refused before it is tried. */
  @ParameterizedTest
  @CsvSource({
    "central-tree, 20000, 101, 3, both multiplied may be 500000",
    "central-blt, 1000000, 3, 100, both multiplied may be 500000",
    "central-banded, 1000000, 3, 100, both multiplied may be 500000"
  })
  void parse_correlatedNoiseOfManyTurns_isRefused(
      String mechanism, int rounds, int participations, int separation, String rule) {
    assertThatThrownBy(
            () ->
                JobFile.parse(
                    "my.yaml",
                    PRIVATE,
                    List.of(
                        "privacy={mechanism: "
                            + mechanism
                            + ", clipNorm: 1, epsilon: 8, delta: 1e-9}",
                        "rounds=" + rounds,
                        "cohort.schedule={participations: %d, separation: %d}"
                            .formatted(participations, separation),
                        "simulation.data.partition={drawn: {clients: 100000000, rows: 5}}")))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("privacy.mechanism")
        .hasMessageContaining(rule);
  }

  /** A key deeper than any document may be nested; of a message that long nobody reads the end. */
  @Test
  void parse_overrideOfManyWords_isRefusedInFew() {
    assertThatThrownBy(
            () -> JobFile.parse("my.yaml", PRIVATE, List.of("a.".repeat(40_000) + "a=1")))
        .isInstanceOf(JobFileException.class)
        .satisfies(refused -> assertThat(refused.getMessage().length()).isLessThan(500))
        .hasMessageContaining("is not an override");
    assertThatThrownBy(() -> JobFile.parse("my.yaml", PRIVATE, List.of("a.".repeat(32) + "a=1")))
        .hasMessageContaining("is not an override");
    assertThatThrownBy(() -> JobFile.parse("my.yaml", PRIVATE, List.of("a.".repeat(31) + "a=1")))
        .hasMessageContaining("is not known here");
  }

  @Test
  void parse_severalProblems_reportsThemTogetherByLine() {
    String text =
        PRIVATE
            .replace("rounds: 80", "rounds: none")
            .replace("batchSize: 10", "batchSzie: 10")
            .replace("deadline: 60s", "deadline: 1");

    JobFileException refused =
        catchThrowableOfType(
            JobFileException.class, () -> JobFile.parse("my.yaml", text, List.of()));

    assertThat(refused.problems())
        .extracting(problem -> problem.line() + " " + problem.key() + " " + problem.code())
        .containsExactly(
            "7 training.batchSize job-missing-key",
            "7 training.batchSzie job-unknown-key",
            "9 rounds job-wrong-type",
            "13 deadline job-wrong-type");
    assertThat(refused.getMessage())
        .contains("my.yaml:9: rounds: none is not a whole number.\n  It must be between 1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          '' | The file is empty
          '- a' | A job is a list of keys and values
          'a: [1' | is not YAML
          'a: 1\na: 2' | stands here a second time
          'a: &x 1\nb: *x' | is an anchor
          'a: !!java.net.URL [x]' | is not YAML
          """)
  void parse_brokenText_isRefusedWithALine(String text, String rule) {
    assertThatThrownBy(
            () ->
                JobFile.parse("my.yaml", text == null ? "" : text.replace("\\n", "\n"), List.of()))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("my.yaml:")
        .hasMessageContaining(rule);
  }

  @Test
  void read_missingFile_saysSo(@TempDir Path directory) {
    assertThatThrownBy(() -> JobFile.read(directory.resolve("no.yaml"), List.of()))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("does not exist");
  }

  @Test
  void read_dataPaths_startFromTheFilesFolder(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("job.yaml");
    Files.writeString(file, PRIVATE);

    Job job =
        JobFile.read(
            file,
            List.of(
                "simulation.data={csv: {file: a.csv, label: y}, partition: {iid: {clients: 1000}}}"));

    assertThat(((Job.Data.Table) job.simulation().data()).file())
        .isEqualTo(directory.toAbsolutePath().resolve("a.csv"));
  }

  @Test
  void parse_everyKindOfData_givesItsValues() {
    String table =
        "csv: {file: a.csv, label: y, client: who, drop: id, numeric: [a, b], missing: [-1],"
            + " standardise: perClient}";
    assertThatThrownBy(() -> data(table, "byClient: {}")).hasMessageContaining("split: perClient");
    assertThat(data(table + ", split: perClient", "byClient: {}").data())
        .isEqualTo(
            new Job.Data.Table(
                "csv",
                Path.of("a.csv"),
                "y",
                "who",
                List.of("id"),
                List.of("a", "b"),
                List.of(),
                List.of("-1"),
                Job.Standardise.PER_CLIENT,
                List.of(),
                1_000,
                null,
                0.2));
    assertThat(data("leaf: {train: [a, b], shape: [28, 28, 1]}", "byClient: {}").data())
        .isEqualTo(
            new Job.Data.Leaf(
                List.of(Path.of("a"), Path.of("b")), List.of(), List.of(28, 28, 1), 0.2));
    assertThat(data("cifar: {train: a, classes: 100}", "iid: {clients: 1000}").data())
        .isEqualTo(new Job.Data.Cifar(List.of(Path.of("a")), List.of(), 100, 0.2));
    assertThat(data("text: {file: a, length: 20}", "byClient: {}").data())
        .isEqualTo(new Job.Data.Text(Path.of("a"), 20, 20, 0.2));
    Job.Simulation synthetic = data("synthetic: {clients: 1000, alpha: 0.5}", "byClient: {}");
    assertThat(synthetic.clients()).isEqualTo(1000);
    assertThat(synthetic.data()).isEqualTo(new Job.Data.Synthetic(1000, 0.5, 1, false, 0.2));
  }

  @Test
  void parse_quotedTextsOfAList_areWhatStandsBetweenTheQuotes() {
    Job.Simulation simulation =
        data("csv: {file: a.csv, label: y, drop: [\"zip code\", b]}", "iid: {clients: 1000}");

    assertThat(simulation.toString()).contains("[zip code, b]");
    assertThatThrownBy(
            () -> data("csv: {file: a.csv, label: y, drop: [{a: 1}]}", "iid: {clients: 1000}"))
        .hasMessageContaining("simulation.data.csv.drop")
        .hasMessageContaining("is not a text or a list of texts");
  }

  @ParameterizedTest
  @CsvSource({"99999999999999999999", "-4294967293", "-99999999999999999999"})
  void parse_sizeBeyondAnyWholeNumber_isRefusedByName(String size) {
    assertThatThrownBy(
            () -> parse("model.layers=[{conv2d: {filters: 2, kernelSize: " + size + "}}, flatten]"))
        .hasMessageContaining("kernelSize: " + size + " is not one whole number");
  }

  /** A number whose digits are tried in every division would take a minute. */
  @Test
  @Timeout(30)
  void parse_manyDigitsThatAreNoNumber_areRefusedAtOnce() {
    String digits = "1".repeat(100_000) + "x";

    assertThatThrownBy(
            () ->
                JobFile.parse(
                    "my.yaml", PRIVATE.replace("clipNorm: 0.3", "clipNorm: " + digits), List.of()))
        .hasMessageContaining("privacy.clipNorm");
  }

  @Test
  void parse_federatedStatistics_needRangesAndNoPrivacy() {
    String none = "privacy={mechanism: none}";
    String rows =
        "simulation.data={csv: {file: a, label: y, standardise: federated%s}, partition: {%s: {clients: 1000%s}}}";
    String ranges = ", ranges: [{column: a, from: -1, to: 2.5}, {from: 0, to: 9}]";
    Job.Data.Table table =
        (Job.Data.Table) parse(none, rows.formatted(ranges, "iid", "")).simulation().data();
    assertThat(table.standardise()).isEqualTo(Job.Standardise.FEDERATED);
    assertThat(table.ranges())
        .containsExactly(new Job.Range("a", -1, 2.5), new Job.Range("", 0, 9));
    assertThat(table.maximumExamples()).isEqualTo(1_000);
    assertThatThrownBy(() -> parse(rows.formatted(ranges, "iid", "")))
        .hasMessageContaining("sums without noise");
    assertThatThrownBy(
            () ->
                parse(
                    none,
                    "training.examplePrivacy={clipNorm: 1, noiseMultiplier: 1.1, epsilon: 8}",
                    rows.formatted(ranges, "iid", "")))
        .hasMessageContaining("sums without noise");
    assertThatThrownBy(() -> parse(none, rows.formatted(ranges, "drawn", ", rows: 5")))
        .hasMessageContaining("ask all of them at once");
    assertThatThrownBy(() -> parse(none, rows.formatted("", "iid", "")))
        .hasMessageContaining("ranges")
        .hasMessageContaining("is missing, and statistics are federated");
    assertThatThrownBy(() -> parse(none, rows.formatted(", ranges: [{from: 2, to: 2}]", "iid", "")))
        .hasMessageContaining("is not above from");
    assertThatThrownBy(
            () ->
                parse(
                    none,
                    rows.formatted(", ranges: [{from: 1, to: 2}, {from: 2, to: 3}]", "iid", "")))
        .hasMessageContaining("has a range already");
    assertThatThrownBy(
            () ->
                parse(
                    none,
                    "simulation.data={csv: {file: a, label: y"
                        + ranges
                        + "}, partition: {iid: {clients: 1000}}}"))
        .hasMessageContaining("for federated statistics alone");
  }

  @Test
  void parse_clientsThatNobodyNames_areRefused() {
    assertThatThrownBy(() -> data("csv: {file: a, label: y}", "byClient: {}"))
        .hasMessageContaining("nothing says whose row each row is");
    assertThatThrownBy(() -> data("cifar: {train: a}", "byColumn: {column: who}"))
        .hasMessageContaining("only tables have columns");
    assertThatThrownBy(() -> data("cifar: {train: a}, text: {file: b}", "iid: {clients: 1000}"))
        .hasMessageContaining("names 2 sources of data");
    assertThatThrownBy(() -> data("leaf: {tran: a}", "byClient: {}"))
        .hasMessageContaining("train: is missing")
        .hasMessageContaining("tran");
  }

  private static Job parse(String... overrides) {
    return JobFile.parse("job.yaml", PRIVATE, List.of(overrides), Path.of(""), key -> {});
  }

  private static Job.Simulation data(String rows, String partition) {
    String data = "simulation.data={" + rows + ", partition: {" + partition + "}}";
    return java.util.Objects.requireNonNull(
        JobFile.parse("job.yaml", PRIVATE, List.of(data), Path.of(""), key -> {}).simulation());
  }

  @Test
  void parse_noPrivacySection_asksForAnExplicitNone() {
    String text = PRIVATE.replaceAll("(?m)^privacy:.*\n", "");

    assertThatThrownBy(() -> JobFile.parse("my.yaml", text, List.of()))
        .hasMessageContaining("privacy: is missing");
    assertThat(
            JobFile.parse("my.yaml", text, List.of("privacy={mechanism: none}")).privacy().none())
        .isTrue();
  }

  /** The fractions that are left out fit cohort, minimum and colluders at every size. */
  @Test
  void parse_fractionsLeftOut_fitAnyCohort() {
    for (int size = 12; size <= 150; size += 3) {
      for (int lost = 0; lost <= size / 4; lost++) {
        int minimum = size - lost;
        String text = minimum + " of " + size;
        double dropout = JobReader.part(lost, size);
        double corrupt = JobReader.part(1, size);

        assertThat(
                SumParameters.derive(
                        Sa1.ID, Mode.CURIOUS, size, corrupt, dropout, minimum, minimum - 1, 32, 64)
                    .floor())
            .as("%s", text)
            .isEqualTo(minimum);
      }
    }
  }
}
