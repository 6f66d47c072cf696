package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.TrainingOptions;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engines;
import dev.tributary.wire.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Strategies in the deployed code beside their papers' loops, and under the whole protocol. */
class StrategiesTest {
  private static final long SEED = 7;
  private static final int CLIENTS = 8;
  private static final int ROUNDS = 4;
  private static final double RATE = 0.05;
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: strategies
      model:
        input: [64]
        layers: [{dense: {units: 10, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {localEpochs: 2, batchSize: 10, optimizer: {sgd: {learningRate: 0.05}}, engine: java}
      strategy: fedavg
      rounds: 4
      cohort: {size: 8, minimum: 6}
      privacy: {mechanism: none, clipNorm: 10}
      secureAggregation: {suite: sa1, mode: malicious}
      deadline: 60s
      evaluation: {every: 4, metrics: [accuracy]}
      simulation: {seed: 7, data: {source: digits, partition: {dirichlet: {clients: 8, alpha: 0.3}}}}
      """;

  @TempDir Path folder;

  private static Job job(String... overrides) {
    return JobFile.parse("strategies.yaml", JOB, List.of(overrides));
  }

  private ModelFile run(boolean fast, Job job) throws IOException, InterruptedException {
    Path store = Files.createTempDirectory(folder, "store");
    Experiment.Outcome outcome = new Experiment(job, fast).run(store, 2, new RoundListener() {});
    assertThat(outcome.firstDecline()).isNull();
    assertThat(outcome.result().completed()).isEqualTo(job.rounds());
    return outcome.model();
  }

  /** A client's local training as a round asks for it. */
  private static LocalTraining.Result local(
      Job job, Dataset data, float[] model, int client, int round, float[] correction) {
    Seed seed = Experiment.rootSeed(SEED).derive("client", client).derive("round", round);
    Job.Training t = job.training();
    TrainingConfig config =
        new TrainingConfig(t.localEpochs(), t.batchSize(), t.optimizer(), LocalMethod.sgd());
    return LocalTraining.train(
        Engines.byName("java"),
        ModelFile.of(job.model(), model),
        data,
        config,
        seed.derive("client/train").toLong(),
        TrainingOptions.standard().controlVariate(correction));
  }

  private static float[] start(Job job) {
    Seed seed = Experiment.rootSeed(SEED).derive("round", 0).derive("model");
    return job.model().initialise(seed.toLong());
  }

  /** To the rounding of the grid: a 1024th of the clip norm for each client, spread over all. */
  private static void compare(Job job, ModelFile made, double[] expected) {
    float[] parameters = made.parameters();
    float[] start = start(job);
    double moved = 0;
    double off = 0;
    for (int i = 0; i < parameters.length; i++) {
      moved += Math.pow(expected[i] - start[i], 2);
      off += Math.pow(expected[i] - parameters[i], 2);
    }
    assertThat(Math.sqrt(moved)).isGreaterThan(1);
    assertThat(Math.sqrt(off / moved)).isLessThan(0.03);
  }

  private static double[] wide(float[] narrow) {
    double[] wide = new double[narrow.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = narrow[i];
    }
    return wide;
  }

  private static float[] narrow(double[] wide) {
    float[] narrow = new float[wide.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) wide[i];
    }
    return narrow;
  }

  /** McMahan et al. 2017, algorithm 1: clients weighed by n_k, here up to 250. */
  @Test
  void weighedFedAvg_isThePapersLoop() throws Exception {
    Job job = job("strategy={fedavg: {maximumExamples: 250}}");
    List<Dataset> clients = Experiment.federation(job).clients();
    double[] model = wide(start(job));
    for (int round = 1; round <= ROUNDS; round++) {
      double[] sum = new double[model.length];
      double weights = 0;
      for (int k = 0; k < CLIENTS; k++) {
        LocalTraining.Result made =
            local(job, clients.get(k), narrow(model), k, round, new float[0]);
        double weight = Math.min(250, made.examples());
        weights += weight;
        for (int i = 0; i < sum.length; i++) {
          sum[i] += weight * made.update()[i];
        }
      }
      for (int i = 0; i < sum.length; i++) {
        model[i] += sum[i] / weights;
      }
    }
    assertThat(clients.stream().mapToInt(Dataset::size).max().getAsInt()).isGreaterThan(250);

    compare(job, run(true, job), model);
  }

  /** Wang et al. 2020: x += (sum p_i a_i) sum p_i (u_i / a_i), p_i = n_i / n. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.9})
  void fedNova_isThePapersLoop(double momentum) throws Exception {
    Job job =
        job(
            "strategy={fednova: {maximumExamples: 500}}",
            "privacy.clipNorm=40",
            "training.optimizer={sgd: {learningRate: 0.02, momentum: " + momentum + "}}");
    List<Dataset> clients = Experiment.federation(job).clients();
    double all = clients.stream().mapToInt(Dataset::size).sum();
    double[] model = wide(start(job));
    for (int round = 1; round <= ROUNDS; round++) {
      double[] direction = new double[model.length];
      double steps = 0;
      for (int k = 0; k < CLIENTS; k++) {
        LocalTraining.Result made =
            local(job, clients.get(k), narrow(model), k, round, new float[0]);
        double a = 0;
        for (int step = 1; step <= made.steps(); step++) {
          a += (1 - Math.pow(momentum, step)) / (1 - momentum);
        }
        double part = made.examples() / all;
        steps += part * a;
        for (int i = 0; i < direction.length; i++) {
          direction[i] += part * made.update()[i] / a;
        }
      }
      for (int i = 0; i < direction.length; i++) {
        model[i] += steps * direction[i];
      }
    }

    compare(job, run(true, job), model);
  }

  /** Karimireddy et al. 2020, algorithm 1, option II, with all clients in every round. */
  @Test
  void scaffold_isThePapersLoop() throws Exception {
    Job job = job("strategy={scaffold: {learningRate: 0.8}}");
    List<Dataset> clients = Experiment.federation(job).clients();
    double[] model = wide(start(job));
    double[] control = new double[model.length];
    double[][] own = new double[CLIENTS][model.length];
    for (int round = 1; round <= ROUNDS; round++) {
      double[] sum = new double[model.length];
      double[] changes = new double[model.length];
      for (int k = 0; k < CLIENTS; k++) {
        float[] correction = new float[model.length];
        for (int i = 0; i < correction.length; i++) {
          correction[i] = (float) (control[i] - own[k][i]);
        }
        LocalTraining.Result made = local(job, clients.get(k), narrow(model), k, round, correction);
        for (int i = 0; i < sum.length; i++) {
          double next = own[k][i] - control[i] - made.update()[i] / (made.steps() * RATE);
          changes[i] += next - own[k][i];
          own[k][i] = next;
          sum[i] += made.update()[i];
        }
      }
      for (int i = 0; i < sum.length; i++) {
        model[i] += 0.8 * sum[i] / CLIENTS;
        control[i] += changes[i] / CLIENTS;
      }
    }

    compare(job, run(true, job), model);
  }

  /** Under masks the sums are the same sums; a tenth of the clients leaves. */
  @ParameterizedTest
  @ValueSource(strings = {"{fednova: {maximumExamples: 250}}", "scaffold"})
  void underTheProtocol_isTheSameToTheBit(String strategy) throws Exception {
    Job job =
        job(
            "strategy=" + strategy,
            "rounds=3",
            "simulation.faults={dropout: 0.1, phases: [advertise]}");

    assertThat(run(false, job).digest()).isEqualTo(run(true, job).digest());
  }

  /** What the clients remember and what the coordinator writes go on after deaths. */
  @Test
  void scaffoldAfterDeathsOfTheCoordinator_isTheSameToTheBit() throws Exception {
    Job job = job("strategy=scaffold", "rounds=3");
    Job mortal = job("strategy=scaffold", "rounds=3", "simulation.faults.coordinatorCrashes=0.05");
    Experiment dying = new Experiment(mortal, false);
    Path store = Files.createTempDirectory(folder, "store");

    Experiment.Outcome outcome = dying.run(store, 2, new RoundListener() {});

    assertThat(dying.crashes()).isPositive();
    assertThat(outcome.model().digest()).isEqualTo(run(true, job).digest());
  }

  @Test
  void namesOfOneThing_giveOneModel() throws Exception {
    assertThat(run(true, job("strategy={fedprox: {mu: 0.2}}")).digest())
        .isEqualTo(run(true, job("training.method={prox: {mu: 0.2}}")).digest())
        .isNotEqualTo(run(true, job()).digest());
    assertThat(run(true, job("strategy={fedavgm: {learningRate: 0.5}}")).digest())
        .isEqualTo(
            run(
                    true,
                    job(
                        "strategy={fedavg: {serverOptimizer: {sgd: {learningRate: 0.5, momentum:"
                            + " 0.9}}}}"))
                .digest());
  }

  /** With noise of the clients the control variates are in what is clipped, noised and charged. */
  @Test
  void scaffoldWithPrivacy_isChargedForOneVectorOfBoth() throws Exception {
    String privacy =
        "privacy={epsilon: 50, delta: 1e-5, clipNorm: 1.0, mechanism:"
            + " distributed-discrete-gaussian, colluders: 1}";
    String schedule = "cohort={size: 8, minimum: 6, schedule: {participations: 4}}";
    Job job = job("strategy=scaffold", privacy, schedule);
    Path store = Files.createTempDirectory(folder, "store");

    Experiment.Outcome outcome = new Experiment(job, false).run(store, 2, new RoundListener() {});

    assertThat(outcome.firstDecline()).isNull();
    assertThat(outcome.result().completed()).isEqualTo(ROUNDS);
    assertThat(outcome.ledger().coordinatorView().epsilon()).isBetween(30.0, 50.0);
  }
}
