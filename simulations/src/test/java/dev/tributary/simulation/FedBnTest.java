package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.client.Trained;
import dev.tributary.client.Trainer;
import dev.tributary.client.TrainingRequest;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.nn.Evaluation;
import dev.tributary.nn.Layout;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTensors;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.TrainingOptions;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import dev.tributary.plan.Plan;
import dev.tributary.simulation.data.Federation;
import dev.tributary.wire.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** FedBN in the deployed code: what stays with a client, and what is made of it. */
class FedBnTest {
  private static final int CLIENTS = 8;
  private static final int ROUNDS = 4;
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: fedbn
      model:
        input: [64]
        layers: [{dense: {units: 12}}, batch_normalization, {activation: {activation: relu}}, {dense: {units: 10, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {localEpochs: 1, batchSize: 20, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
      strategy: fedbn
      rounds: 4
      cohort: {size: 8, minimum: 6}
      privacy: {mechanism: none, clipNorm: 100}
      deadline: 60s
      evaluation: {every: 4, clients: {bins: 41}}
      simulation: {seed: 7, data: {source: digits, split: perClient, partition: {featureNoise: {clients: 8, sigma: 0.3}}}}
      """;

  @TempDir Path folder;

  private record Run(ModelFile model, List<RoundReport> reports) {
    List<List<Double>> counts() {
      return reports.stream().map(report -> report.clientAccuracy().counts()).toList();
    }
  }

  private static Job job(String... overrides) {
    return JobFile.parse("fedbn.yaml", JOB, List.of(overrides));
  }

  private Run run(boolean fast, Job job, Probe probe) throws IOException, InterruptedException {
    List<RoundReport> reports = new ArrayList<>();
    RoundListener listener =
        new RoundListener() {
          @Override
          public void onRound(RoundReport report) {
            reports.add(report);
          }
        };
    Experiment.Outcome outcome =
        new Experiment(job, fast)
            .run(Files.createTempDirectory(folder, "store"), 2, listener, probe);
    assertThat(outcome.firstDecline()).isNull();
    assertThat(outcome.result().completed()).isEqualTo(job.rounds());
    return new Run(outcome.model(), reports);
  }

  /** Models in order, the first one too; and what left each trainer. */
  private static final class Witness implements Probe {
    private final List<ModelFile> models = new ArrayList<>();
    private final Queue<Integer> lengths = new ConcurrentLinkedQueue<>();

    Witness(Job job) {
      Seed seed = Experiment.rootSeed(7).derive("round", 0).derive("model");
      models.add(ModelFile.of(job.model(), job.model().initialise(seed.toLong())));
    }

    @Override
    public void released(int round, Supplier<ModelFile> model) {
      models.add(model.get());
    }

    @Override
    public Trainer trainer(int client, Trainer own) {
      return new Trainer() {
        @Override
        public Optional<dev.tributary.client.Refusal> check(Plan plan) {
          return own.check(plan);
        }

        @Override
        public OptionalDouble accuracy(TrainingRequest request) throws Exception {
          return own.accuracy(request);
        }

        @Override
        public float[] train(TrainingRequest request) throws Exception {
          return trained(request).update();
        }

        @Override
        public Trained trained(TrainingRequest request) throws Exception {
          Trained made = own.trained(request);
          lengths.add(made.update().length);
          return made;
        }
      };
    }
  }

  /**
   * Li et al. 2021, algorithm 1, client by client: each trains the model of the round with its own
   * normalization and keeps what becomes of that; what the others make of theirs never reaches it.
   * Each evaluates the next model with its own, which is what the rounds' sums count.
   */
  @Test
  void clients_trainAndEvaluateWithTheirOwnNormalization() throws Exception {
    Job job = job();
    Witness witness = new Witness(job);
    Run run = run(true, job, witness);

    Federation federation = Experiment.federation(job);
    Engine engine = Engines.byName("java");
    List<String> names =
        List.of("layers.1.weight", "layers.1.bias", "layers.1.mean", "layers.1.variance");
    Job.Training t = job.training();
    TrainingConfig config =
        new TrainingConfig(t.localEpochs(), t.batchSize(), t.optimizer(), LocalMethod.sgd());
    float[][] kept = new float[CLIENTS][0];
    for (int round = 1; round <= ROUNDS; round++) {
      ModelFile model = witness.models.get(round - 1);
      double[] counts = new double[41];
      double[] sum = new double[job.model().trainable().size()];
      for (int k = 0; k < CLIENTS; k++) {
        LocalTensors own = new LocalTensors(names, kept[k]);
        double accuracy =
            Evaluation.evaluate(engine, own.in(model), federation.tests().get(k)).accuracy();
        counts[(int) Math.round(40 * accuracy)]++;
        Seed seed = Experiment.rootSeed(7).derive("client", k).derive("round", round);
        LocalTraining.Result made =
            LocalTraining.train(
                engine,
                model,
                federation.clients().get(k),
                config,
                seed.derive("client/train").toLong(),
                TrainingOptions.standard().keep(own));
        kept[k] = made.kept();
        for (int i = 0; i < sum.length; i++) {
          sum[i] += made.update()[i] / (double) CLIENTS;
        }
      }
      assertThat(run.counts().get(round - 1))
          .as("round %s", round)
          .isEqualTo(Arrays.stream(counts).boxed().toList());
      compare(job, model, witness.models.get(round), sum);
    }
    assertThat(kept[0]).hasSize(48).isNotEqualTo(kept[7]);
    double first = run.reports().get(0).clientAccuracy().mean();
    assertThat(run.reports().get(3).clientAccuracy().mean()).isGreaterThan(first + 0.3);
  }

  /** What travels moved by the mean of the updates, to the rounding of the grid; nothing else. */
  private static void compare(Job job, ModelFile before, ModelFile after, double[] mean) {
    float[] moved = job.model().trainable().gather(after.parameters());
    float[] start = job.model().trainable().gather(before.parameters());
    for (int i = 0; i < moved.length; i++) {
      assertThat(moved[i] - start[i]).isCloseTo((float) mean[i], within(0.1f));
    }
  }

  /** Nothing of a normalization layer is in an update or in a released model. */
  @Test
  void normalization_neverTravels() throws Exception {
    Job job = job();
    Witness witness = new Witness(job);
    ModelFile last = run(true, job, witness).model();

    int all = job.model().layout().size();
    assertThat(all).isEqualTo(64 * 12 + 12 + 4 * 12 + 12 * 10 + 10);
    assertThat(witness.lengths).hasSize(CLIENTS * ROUNDS).containsOnly(all - 48);
    for (Layout.Tensor tensor : job.model().normalizations()) {
      int from = tensor.offset();
      assertThat(Arrays.copyOfRange(last.parameters(), from, from + tensor.length()))
          .as(tensor.name())
          .isEqualTo(
              Arrays.copyOfRange(witness.models.get(0).parameters(), from, from + tensor.length()));
    }
    assertThat(last.parameters()).isNotEqualTo(witness.models.get(0).parameters());
  }

  /** Also where clients drop out, before their input and after it. */
  @ParameterizedTest
  @ValueSource(strings = {"0", "0.1"})
  void maskedSum_givesTheSameModelsAndCounts(String dropout) throws Exception {
    Job job = job("simulation.faults={dropout: " + dropout + "}", "simulation.seed=11");
    Run plain = run(true, job, Probe.none());
    Run masked = run(false, job, Probe.none());
    assertThat(masked.model().digest()).isEqualTo(plain.model().digest());
    assertThat(masked.counts()).isEqualTo(plain.counts());
    int lost = plain.reports().stream().mapToInt(RoundReport::lost).sum();
    assertThat(lost > 0).isEqualTo(!dropout.equals("0"));
  }

  @Test
  void privateJob_pays_forWhatTravelsAlone() throws Exception {
    Job job =
        job(
            "privacy={epsilon: 200, delta: 1e-5, clipNorm: 1.0, mechanism:"
                + " distributed-discrete-gaussian, colluders: 1}",
            "cohort={size: 8, minimum: 6, schedule: {participations: 4}}");
    Run plain = run(true, job, Probe.none());
    assertThat(run(false, job, Probe.none()).model().digest()).isEqualTo(plain.model().digest());
    assertThat(plain.reports().get(3).released().epsilon()).isBetween(199.0, 200.0);
  }
}
