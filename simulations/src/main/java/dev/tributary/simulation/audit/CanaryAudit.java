package dev.tributary.simulation.audit;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.Job.Denominator;
import dev.tributary.coordinator.round.Noise;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.privacy.Calibrator;
import dev.tributary.privacy.OneRunAudit;
import dev.tributary.privacy.Relation;
import dev.tributary.simulation.Experiment;
import dev.tributary.wire.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One-run auditing (Steinke, Nasr, Jagielski 2023) of a job: clients are the canaries, since the
 * unit is the client, and the simulation is the one that {@code simulate} runs. Several runs may be
 * pooled: each canary belongs to one of them, so a flipped coin still changes one input of one
 * mechanism, and the theorem holds for all of them together.
 *
 * <p>The attacker sees the decoded sum of every round, the plan, and who was in it, unless the
 * claim counts on cohorts being secret. Where clients make the noise that is what the job's number
 * speaks of; with central noise the sum is seen after the noise.
 */
public final class CanaryAudit {
  private static final String COINS = "audit/canaries";

  private final Job job;
  private final Settings settings;

  /**
   * How to audit.
   *
   * @param canaries of each run; 0 for every client
   * @param confidence in (1/2, 1)
   * @param noiseFactor part of the declared noise to draw; anything but 1 is a drill, which a sound
   *     audit must catch
   * @param masked the job's own suite in place of the plain sum, which gives the same models
   */
  public record Settings(
      int canaries, int runs, double confidence, double noiseFactor, boolean masked, int threads) {}

  /** More canaries than there are clients. */
  public static final class TooManyCanariesException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    TooManyCanariesException(int canaries, int clients) {
      super("canaries are clients; asked for " + canaries + ", the job has " + clients);
    }
  }

  /** No round with a canary came to a sum. */
  public static final class NothingReleasedException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    NothingReleasedException() {
      super("no canary was in a round that came to a sum: let fewer clients drop out");
    }
  }

  /** An audit of a job that has a simulation section. */
  public CanaryAudit(Job job, Settings settings) {
    this.job = job;
    this.settings = settings;
  }

  private Job.Simulation simulation() {
    return Objects.requireNonNull(job.simulation(), "simulation");
  }

  /**
   * Runs it.
   *
   * @param scratch an empty folder
   * @param progress hears of each run that is done, from 1
   * @throws TooManyCanariesException for more canaries than clients
   * @throws NothingReleasedException if no canary was in a round that released something
   */
  public AuditRecord run(Path scratch, IntConsumer progress)
      throws IOException, InterruptedException {
    Seed seed = Experiment.rootSeed(simulation().seed());
    double significance = 1 - settings.confidence();
    AuditRecord.Claim claim = claim(job);
    double epsilon = claim.epsilon().orElse(Double.POSITIVE_INFINITY);
    Rehearsal.@Nullable Plan plan = null;
    List<Canaries.Score> scores = new ArrayList<>();
    for (int run = 0; run < settings.runs(); run++) {
      Job executed = executed(job, settings.noiseFactor(), runSeed(seed, run));
      Experiment experiment = new Experiment(executed, !settings.masked());
      int clients = experiment.federation().clients().size();
      int count = count(clients);
      if (plan == null) {
        plan =
            new Rehearsal(
                    expected(count, clients),
                    scoreNoise(clients) / 2,
                    epsilon,
                    claim.delta(),
                    significance,
                    seed.derive("audit/rehearsal").toLong())
                .plan();
      }
      Canaries canaries = new Canaries(seed.derive(COINS, run), job, clients, count);
      Path folder = Files.createDirectory(scratch.resolve("run" + run));
      experiment.run(folder, settings.threads(), RoundListener.none(), canaries);
      scores.addAll(canaries.scores());
      progress.accept(run + 1);
    }
    if (scores.isEmpty() || plan == null) {
      throw new NothingReleasedException();
    }
    Guesses guesses = guesses(scores, plan.guesses());
    return new AuditRecord(
        job.name(),
        job.source(),
        simulation().seed(),
        claim,
        found(guesses, claim, plan, significance),
        List.of());
  }

  private AuditRecord.Found found(
      Guesses guesses, AuditRecord.Claim claim, Rehearsal.Plan plan, double significance) {
    int m = guesses.canaries();
    int r = guesses.made();
    int v = guesses.correct();
    double pValue =
        claim.epsilon().isPresent()
            ? OneRunAudit.pValue(m, r, v, claim.epsilon().getAsDouble(), claim.delta())
            : 1;
    return new AuditRecord.Found(
        settings.runs(),
        settings.noiseFactor(),
        guesses,
        settings.confidence(),
        OneRunAudit.epsilonLowerBound(m, r, v, claim.delta(), significance),
        OneRunAudit.epsilonLowerBound(m, r, v, 0, significance),
        pValue,
        plan.needed(),
        plan.power(),
        Rehearsal.PLAYS);
  }

  private static Guesses guesses(List<Canaries.Score> scores, int planned) {
    double[] values = scores.stream().mapToDouble(Canaries.Score::value).toArray();
    boolean[] included = new boolean[values.length];
    for (int i = 0; i < included.length; i++) {
      included[i] = scores.get(i).included();
    }
    return Guesses.of(values, included, Math.min(planned, values.length));
  }

  private int count(int clients) {
    if (settings.canaries() > clients) {
      throw new TooManyCanariesException(settings.canaries(), clients);
    }
    return settings.canaries() == 0 ? clients : settings.canaries();
  }

  /** The first run has the job's own seed. */
  private long runSeed(Seed seed, int run) {
    return run == 0 ? simulation().seed() : seed.derive("audit/run", run).toLong();
  }

  /** Canaries of all runs that can be expected to have a score. */
  private int expected(int count, int clients) {
    if (job.sampled()) {
      return settings.runs() * count;
    }
    double asked = (double) job.rounds() * job.cohort().size() / clients;
    return Math.max(1, (int) (settings.runs() * (double) count * Math.min(1, asked)));
  }

  /** Rounds of a canary, on average over those that are in one at all. */
  private double participations(int clients) {
    double asked = (double) job.rounds() * job.cohort().size() / clients;
    return Math.max(1, Math.min(job.cohort().participations(), asked));
  }

  /** Standard deviation of a score over its rounds, as declared, where the signal counts 1. */
  private double scoreNoise(int clients) {
    if (job.privacy().none()) {
      return 0;
    }
    Calibrator.Plan plan = Noise.plan(job, job.cohort().participations());
    double survivors = job.cohort().size() * (1 - simulation().faults().dropout());
    double ofARound =
        plan.shareSigma() > 0
            ? plan.shareSigma() / job.privacy().clipNorm() * Math.sqrt(survivors)
            : plan.noiseMultiplier();
    boolean twice = job.privacy().relation() == Relation.REPLACE_ONE;
    if (job.sampled()) {
      // All rounds count, and in how many a canary was differs as well.
      double rate = (double) job.cohort().size() / clients;
      double noise = ofARound / (twice ? 2 : 1) / rate;
      return Math.sqrt((noise * noise + (1 - rate) / rate) / job.rounds());
    }
    return ofARound / (twice ? 2 : 1) / Math.sqrt(participations(clients));
  }

  /** What the job promises for the whole of its declared run. */
  static AuditRecord.Claim claim(Job job) {
    Job.Privacy privacy = job.privacy();
    String unit = privacy.unit().name().toLowerCase(Locale.ROOT);
    String relation = privacy.relation().name().toLowerCase(Locale.ROOT).replace('_', '-');
    if (privacy.none()) {
      return new AuditRecord.Claim(
          OptionalDouble.empty(),
          privacy.delta(),
          unit,
          relation,
          privacy.mechanism(),
          0,
          "whoever sees each round's sum");
    }
    Calibrator.Plan plan = Noise.plan(job, job.cohort().participations());
    return new AuditRecord.Claim(
        OptionalDouble.of(plan.guarantee().epsilon()),
        privacy.delta(),
        unit,
        relation,
        privacy.mechanism(),
        plan.noiseMultiplier(),
        privacy.madeByClients()
            ? "whoever sees each round's sum"
            : "whoever sees each round's sum after the coordinator's noise"
                + (job.sampled() ? " and learns of no cohort" : ""));
  }

  /**
   * The job as it is run: each round releases the mean as it is, and is measured at the end alone.
   * With a factor the noise is so much of the declared, under a budget that lets it pass; that job
   * exists here and in no command that trains.
   */
  static Job executed(Job job, double factor, long seed) {
    Job.Simulation simulation = Objects.requireNonNull(job.simulation());
    Job plain =
        new Job(
            job.name(),
            job.model(),
            job.training(),
            new Job.ServerStrategy(
                job.strategy().name(), OptimizerSpec.sgd(1, 0, 0), 1, Denominator.COHORT),
            job.rounds(),
            job.cohort(),
            job.privacy(),
            job.secureAggregation(),
            job.deadline(),
            new Job.Evaluation(job.rounds(), job.evaluation().metrics()),
            new Job.Simulation(
                seed,
                simulation.data(),
                simulation.partition(),
                simulation.split(),
                simulation.faults(),
                simulation.availability(),
                simulation.trainingSeconds()),
            job.source());
    if (factor == 1 || job.privacy().none()) {
      return plain;
    }
    double declared = Noise.plan(job, job.cohort().participations()).noiseMultiplier();
    Job drill = Variants.withNoise(plain, factor * declared, job.privacy().epsilon());
    double cost = Noise.plan(drill, job.cohort().participations()).guarantee().epsilon();
    return Variants.withNoise(drill, factor * declared, 2 * cost);
  }
}
