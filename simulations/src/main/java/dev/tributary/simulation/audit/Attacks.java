package dev.tributary.simulation.audit;

import dev.tributary.client.NnTrainer;
import dev.tributary.client.Refusal;
import dev.tributary.client.Trainer;
import dev.tributary.client.TrainingRequest;
import dev.tributary.coordinator.ScheduledCohort;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.Trainable;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import dev.tributary.plan.Plan;
import dev.tributary.plan.TrainingTask;
import dev.tributary.privacy.CohortSampling;
import dev.tributary.privacy.insecure.InsecureSeededNoise;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.simulation.Experiment;
import dev.tributary.simulation.Probe;
import dev.tributary.simulation.audit.AuditRecord.Row;
import dev.tributary.simulation.audit.MembershipInference.Scored;
import dev.tributary.simulation.data.Federation;
import dev.tributary.wire.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Two attacks on a job as it is configured, against three views of the same clients: single updates
 * in the open, sums without noise, and what the job itself shows. The first round is that of the
 * job's seed; membership is also asked of the last model of a whole run.
 */
public final class Attacks {
  /** Rows of each side of a membership test, at most. */
  private static final int MOST_ROWS = 2_000;

  /** Clients whose own models are asked about membership, at most. */
  private static final int MOST_CLIENTS = 50;

  private static final int LEAST_REFERENCE_EPOCHS = 5;
  private static final double FALSE_POSITIVES = 0.01;

  private final Job job;
  private final int threads;
  private final Seed root;
  private final Federation federation;
  private final Engine engine;
  private final ModelFile start;
  private final List<Integer> cohort;
  private final TrainingTask task;

  /** Attacks on a job that has a simulation section. */
  public Attacks(Job job, int threads) {
    this.job = job;
    this.threads = threads;
    this.root = Experiment.rootSeed(Objects.requireNonNull(job.simulation()).seed());
    this.federation = Experiment.federation(job);
    String name = job.training().engine();
    this.engine = name.equals("auto") ? Engines.best(job.model()) : Engines.byName(name);
    long seed = root.derive("round", 0).derive("model").toLong();
    this.start = ModelFile.of(job.model(), job.model().initialise(seed));
    Job.Cohort c = job.cohort();
    this.cohort =
        new ScheduledCohort(
                federation.clients().size(),
                c.size(),
                c.spares(),
                new CohortSampling.Schedule(c.participations(), c.separation()))
            .select(1, root.derive("round", 1).derive("cohort"))
            .subList(0, c.size());
    this.task = plan(job).training();
  }

  /**
   * Runs all of them; a model without a first dense layer has no inversion, and data without
   * evaluation rows no membership.
   *
   * @param scratch a folder
   */
  public List<Row> run(Path scratch) throws IOException, InterruptedException {
    List<Row> rows = new ArrayList<>();
    Optional<DenseInversion> inversion = DenseInversion.of(job.model());
    if (inversion.isPresent()) {
      rows.addAll(inversion(inversion.get()));
    }
    if (federation.test().size() >= 4) {
      rows.addAll(membership(scratch));
    }
    return rows;
  }

  private List<Row> inversion(DenseInversion attack) {
    List<Row> rows = new ArrayList<>();
    invert(attack, "clients as they are", client -> client, rows);
    invert(attack, "clients with one row", client -> client.subset(0), rows);
    Dataset test = federation.test();
    if (test.size() > 0) {
      float[][] known = attack.inputs(head(test, MOST_ROWS));
      float[] mean = new float[job.model().inputs()];
      for (float[] row : known) {
        for (int i = 0; i < mean.length; i++) {
          mean[i] += row[i] / known.length;
        }
      }
      double error = median(errors(attack, client -> client, List.of(mean)));
      rows.add(row("dense inversion", "error of the mean row instead", error, error, error));
    }
    return rows;
  }

  /** The inversion of the first round, with what each client holds. */
  private void invert(
      DenseInversion attack, String which, Function<Dataset, Dataset> held, List<Row> rows) {
    List<float[]> updates = new ArrayList<>();
    List<Double> alone = new ArrayList<>();
    for (int client : cohort) {
      Dataset data = held.apply(federation.clients().get(client));
      float[] update = update(data, client);
      updates.add(update);
      for (double error :
          DenseInversion.errors(attack.inputs(data), List.of(attack.candidates(update)))) {
        alone.add(error);
      }
    }
    double[] nothing = alone.stream().mapToDouble(Double::doubleValue).toArray();
    double[] sums = errors(attack, held, sum(attack, Variants.withoutNoise(job), updates));
    boolean noNoiseOfOneRound = job.privacy().none() || job.privacy().correlated();
    double[] shown =
        noNoiseOfOneRound ? new double[0] : errors(attack, held, sum(attack, job, updates));
    rows.add(
        row(
            "dense inversion",
            "rows recovered, " + which,
            recovered(nothing),
            recovered(sums),
            recovered(shown)));
    rows.add(
        row(
            "dense inversion",
            "median error, " + which,
            median(nothing),
            median(sums),
            median(shown)));
  }

  private double[] errors(
      DenseInversion attack, Function<Dataset, Dataset> held, List<float[]> candidates) {
    return cohort.stream()
        .map(client -> held.apply(federation.clients().get(client)))
        .flatMapToDouble(
            data -> Arrays.stream(DenseInversion.errors(attack.inputs(data), candidates)))
        .toArray();
  }

  /** What an update of this client would be in the first round. */
  private float[] update(Dataset data, int client) {
    Trainer trainer = NnTrainer.over(data, engine);
    try {
      return trainer.train(
          new TrainingRequest(
              job.name(),
              1,
              start,
              task,
              root.derive("audit/order", client).toLong(),
              new InsecureSeededNoise(root.derive("audit/examples", client).bytes())));
    } catch (Exception e) {
      throw new IllegalStateException("training failed", e);
    }
  }

  private Plan plan(Job which) {
    return new Planner(which, InsecurePlainSum.ID)
        .plan(1, start.digest(), start.toBytes().length, root.derive("round", 1));
  }

  private List<float[]> sum(DenseInversion attack, Job which, List<float[]> updates) {
    Seed noise = root.derive("audit/noise");
    float[] sum =
        RoundSum.of(
            plan(which).pipeline(),
            updates,
            i -> new InsecureSeededNoise(noise.derive("client", i).bytes()),
            new InsecureSeededNoise(noise.derive("central").bytes()));
    return List.of(attack.candidates(sum));
  }

  private List<Row> membership(Path scratch) throws IOException, InterruptedException {
    Dataset test = federation.test();
    int half = Math.min(MOST_ROWS, test.size() / 2);
    Dataset known = test.subset(IntStream.range(0, half).map(i -> 2 * i).toArray());
    Dataset strangers = test.subset(IntStream.range(0, half).map(i -> 2 * i + 1).toArray());
    ModelFile reference = reference(known);
    List<List<Scored>> single = ofClients(strangers);
    List<List<Scored>> sums =
        ofRun(Variants.withoutNoise(job), scratch.resolve("sums"), reference, strangers);
    List<List<Scored>> shown =
        job.privacy().none()
            ? List.of()
            : ofRun(job, scratch.resolve("claimed"), reference, strangers);
    List<Row> rows = new ArrayList<>();
    String[] scores = {"by loss", "by calibrated loss"};
    for (int i = 0; i < scores.length; i++) {
      rows.add(
          row(
              "membership",
              "AUC " + scores[i],
              MembershipInference.areaUnderCurve(single.get(i)),
              MembershipInference.areaUnderCurve(sums.get(i)),
              shown.isEmpty() ? Double.NaN : MembershipInference.areaUnderCurve(shown.get(i))));
      rows.add(
          row(
              "membership",
              "found at 1 % false alarms " + scores[i],
              MembershipInference.truePositives(single.get(i), FALSE_POSITIVES),
              MembershipInference.truePositives(sums.get(i), FALSE_POSITIVES),
              shown.isEmpty()
                  ? Double.NaN
                  : MembershipInference.truePositives(shown.get(i), FALSE_POSITIVES)));
    }
    return rows;
  }

  /** A model of the attacker's own, trained on rows that no client holds. */
  private ModelFile reference(Dataset known) {
    Job.Training training = job.training();
    TrainingConfig config =
        new TrainingConfig(
            Math.max(LEAST_REFERENCE_EPOCHS, training.localEpochs()),
            training.batchSize(),
            training.optimizer(),
            training.method());
    long seed = root.derive("audit/reference").toLong();
    return moved(LocalTraining.train(engine, start, known, config, seed).update());
  }

  private ModelFile moved(float[] update) {
    Trainable part = job.model().trainable();
    float[] whole = start.parameters();
    float[] parameters = part.gather(whole);
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] += update[i];
    }
    part.scatter(parameters, whole);
    return ModelFile.of(job.model(), whole);
  }

  /** Clients' own models of the first round, calibrated by the model they started from. */
  private List<List<Scored>> ofClients(Dataset strangers) {
    List<Scored> plain = new ArrayList<>();
    List<Scored> calibrated = new ArrayList<>();
    int at = 0;
    for (int client : cohort.subList(0, Math.min(MOST_CLIENTS, cohort.size()))) {
      Dataset own = federation.clients().get(client);
      ModelFile model = moved(update(own, client));
      int from = at;
      int[] others =
          IntStream.range(0, own.size()).map(i -> (from + i) % strangers.size()).toArray();
      at += own.size();
      add(model, start, own, true, plain, calibrated);
      add(model, start, strangers.subset(others), false, plain, calibrated);
    }
    return List.of(plain, calibrated);
  }

  /** The last model of a run, calibrated by the attacker's own. */
  private List<List<Scored>> ofRun(Job which, Path scratch, ModelFile reference, Dataset strangers)
      throws IOException, InterruptedException {
    Set<Integer> trained = new ConcurrentSkipListSet<>();
    Probe recording =
        new Probe() {
          @Override
          public Trainer trainer(int client, Trainer own) {
            return new Trainer() {
              @Override
              public Optional<Refusal> check(Plan plan) {
                return own.check(plan);
              }

              @Override
              public float[] train(TrainingRequest request) throws Exception {
                trained.add(client);
                return own.train(request);
              }
            };
          }
        };
    ModelFile model =
        new Experiment(which, true)
            .run(Files.createDirectory(scratch), threads, RoundListener.none(), recording)
            .model();
    List<Scored> plain = new ArrayList<>();
    List<Scored> calibrated = new ArrayList<>();
    int each = Math.max(1, MOST_ROWS / Math.max(1, trained.size()));
    for (int client : new TreeSet<>(trained)) {
      if (plain.size() < MOST_ROWS) {
        Dataset own = head(federation.clients().get(client), each);
        add(model, reference, own, true, plain, calibrated);
      }
    }
    add(model, reference, strangers, false, plain, calibrated);
    return List.of(plain, calibrated);
  }

  private void add(
      ModelFile model,
      ModelFile reference,
      Dataset rows,
      boolean member,
      List<Scored> plain,
      List<Scored> calibrated) {
    double[] losses = MembershipInference.losses(engine, model, rows);
    double[] without = MembershipInference.losses(engine, reference, rows);
    plain.addAll(MembershipInference.scores(losses, new double[0], member));
    calibrated.addAll(MembershipInference.scores(losses, without, member));
  }

  private static Dataset head(Dataset rows, int most) {
    return rows.subset(IntStream.range(0, Math.min(most, rows.size())).toArray());
  }

  private static double recovered(double[] errors) {
    return Arrays.stream(errors)
        .map(error -> error <= DenseInversion.RECOVERED ? 1 : 0)
        .average()
        .orElse(Double.NaN);
  }

  private static double median(double[] errors) {
    double[] sorted = errors.clone();
    Arrays.sort(sorted);
    return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
  }

  private static Row row(String attack, String measure, double a, double b, double c) {
    return new Row(attack, measure, finite(a), finite(b), finite(c));
  }

  private static OptionalDouble finite(double value) {
    return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
  }
}
