package dev.tributary.coordinator.round;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.strategy.Strategies;
import dev.tributary.plan.Plan;
import dev.tributary.plan.PrivacyTerms;
import dev.tributary.plan.Segments;
import dev.tributary.plan.TrainingTask;
import dev.tributary.privacy.AdaptiveClip;
import dev.tributary.privacy.Budget;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.CohortSampling;
import dev.tributary.privacy.Histogram;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.RdpAccountant;
import dev.tributary.privacy.Segment;
import dev.tributary.secagg.SumParameters;
import dev.tributary.wire.Seed;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes the plan of each round. Everything but model, number, nonce and rotation is the same in all
 * rounds of a job, and is found and checked when the planner is made.
 */
public final class Planner {
  /** The seed of the rotation before the rounds, and of all of them with correlated noise. */
  private static final String FIXED_ROTATION = "0".repeat(64);

  private final Job job;
  private final Noise noise;
  private final @Nullable Histogram accuracy;
  private final @Nullable AdaptiveClip adaptiveClip;
  private final PipelineSpec pipeline;
  private final SumParameters sum;
  private final double memberEpsilon;

  /**
   * Plans a job for one suite.
   *
   * @param suite id of the {@link dev.tributary.secagg.SumSuite} that makes the sums
   * @throws dev.tributary.privacy.UnreachableBudgetException if no noise keeps the budget
   * @throws dev.tributary.privacy.PipelineException if the ring cannot hold the sum
   * @throws dev.tributary.secagg.SumParametersException if the suite cannot carry the job
   */
  public Planner(Job job, String suite) {
    this.job = job;
    this.noise = Noise.of(job);
    this.accuracy = accuracy(job, noise);
    this.adaptiveClip = adaptiveClip(job, restNoiseMultiplier(job, noise));
    this.pipeline = pipeline(FIXED_ROTATION, job.privacy().clipNorm());
    pipeline.check();
    this.memberEpsilon = findMemberEpsilon();
    Job.SecureAggregation secure = job.secureAggregation();
    this.sum =
        SumParameters.derive(
            suite,
            secure.mode(),
            job.cohort().size(),
            secure.corruptFraction(),
            secure.dropoutFraction(),
            job.cohort().minimum(),
            job.privacy().distributed() ? Noise.minimumHonest(job) : 0,
            pipeline.ringBits(),
            pipeline.encodedLength());
  }

  private static @Nullable Histogram accuracy(Job job, Noise noise) {
    Job.ClientEvaluation asked = job.evaluation().clients();
    return asked == null
        ? null
        : ClientAccuracy.histogram(asked, noise.mechanism().noiseMultiplier());
  }

  /** z of all that clients send but for the bins of their accuracy. */
  public static double restNoiseMultiplier(Job job, Noise noise) {
    double z = noise.mechanism().noiseMultiplier();
    Histogram accuracy = accuracy(job, noise);
    return accuracy == null ? z : accuracy.restNoiseMultiplier(z);
  }

  private static @Nullable AdaptiveClip adaptiveClip(Job job, double noiseMultiplier) {
    Job.AdaptiveClipping stated = job.privacy().adaptiveClip();
    return stated == null
        ? null
        : new AdaptiveClip(
            stated.quantile(),
            stated.learningRate(),
            noiseMultiplier,
            stated.bitNoise(job.cohort().size()));
  }

  /** What the job's rounds may spend of its population's budget. */
  public static Budget budget(Job job) {
    Job.Privacy privacy = job.privacy();
    return new Budget(
        privacy.population(),
        privacy.unit(),
        privacy.relation(),
        privacy.epsilon(),
        privacy.delta(),
        privacy.operator());
  }

  /** The budget of the job's population, if its ledger begins with this job. */
  public static Budget populationBudget(Job job) {
    return budget(job).withEpsilon(job.privacy().populationEpsilon());
  }

  /** How the job's cohorts are drawn, which makes the event that its rounds are charged as. */
  public static CohortSampling sampling(Job job) {
    Job.Cohort cohort = job.cohort();
    Integer clients = job.clients();
    if (!job.sampled()) {
      return new CohortSampling.Schedule(cohort.participations(), cohort.separation());
    }
    if (clients == null) {
      throw new IllegalArgumentException("a sample needs a known number of clients");
    }
    return new CohortSampling.FixedSize(clients, cohort.size(), cohort.minimum());
  }

  /**
   * Epsilon of the whole job for whoever knows in which rounds somebody was, such as the other
   * members of its cohorts: the budget under a schedule, more where cohorts are sampled.
   */
  public double memberEpsilon() {
    return memberEpsilon;
  }

  private double findMemberEpsilon() {
    Job.Privacy privacy = job.privacy();
    if (!job.sampled() || privacy.none()) {
      return privacy.epsilon();
    }
    Charge all = Charge.of(pipeline.event(), job.cohort().participations());
    return new RdpAccountant()
        .epsilon(List.of(all), privacy.delta(), privacy.unit(), privacy.relation())
        .epsilon();
  }

  /** What any round of the job releases about one of its clients. */
  public PrivacyEvent event() {
    return pipeline.event();
  }

  /** The sums of the job. */
  public SumParameters sum() {
    return sum;
  }

  /**
   * x such that honest clients' noise makes the sum of a round wrap with probability at most 2^-x;
   * infinite where clients add none.
   */
  public double wrapExponent() {
    return pipeline.wrapExponent();
  }

  /** Standard deviation of the noise on the number of clients in a bin of their accuracy. */
  public double accuracyNoise() {
    return accuracy == null ? 0 : accuracy.sigma(noise.mechanism().noiseMultiplier());
  }

  /** Noise, grid and ring of the job. */
  public Noise noise() {
    return noise;
  }

  /**
   * How the clip norm of the next round follows from this one's sum.
   *
   * @param clipNorm of this round
   * @return from the coordinate of the bits in the decoded sum; null where the clip norm stays
   */
  public @Nullable DoubleUnaryOperator nextClipNorm(double clipNorm) {
    AdaptiveClip adaptive = adaptiveClip;
    if (adaptive == null) {
      return null;
    }
    double bit = adaptive.bit(adaptive.jointNorm(clipNorm));
    int expected = job.cohort().size();
    return sum -> adaptive.next(clipNorm, sum, bit, expected);
  }

  /** As the next with the clip norm that the job states. */
  public Plan plan(int round, String modelDigest, long modelBytes, Seed seed) {
    return plan(round, modelDigest, modelBytes, "", seed, job.privacy().clipNorm());
  }

  /**
   * The plan of one round.
   *
   * @param round counted from 1
   * @param modelDigest SHA-256 of the model file, in hexadecimal
   * @param modelBytes length of the model file
   * @param controlDigest SHA-256 of the control variate, in hexadecimal; empty for none
   * @param seed the round's; nonce and rotation are derived from it
   * @param clipNorm that the rounds before have led to
   */
  public Plan plan(
      int round,
      String modelDigest,
      long modelBytes,
      String controlDigest,
      Seed seed,
      double clipNorm) {
    Job.Training training = job.training();
    Job.Privacy privacy = job.privacy();
    PipelineSpec encoding = pipeline(rotation(seed), clipNorm);
    double accuracyUnit = accuracy == null ? 0 : accuracy.unit(encoding.clipNorm());
    double restNorm = Histogram.restNorm(encoding.clipNorm(), accuracyUnit);
    return Plan.builder()
        .task(job.name())
        .round(round)
        .model(modelDigest, modelBytes)
        .pipeline(encoding)
        .maximumExamples(job.strategy().maximumExamples())
        .controlDigest(controlDigest)
        .localTensors(Strategies.local(job))
        .clipBit(adaptiveClip == null ? 0 : adaptiveClip.bit(restNorm))
        .accuracyUnit(accuracyUnit)
        .sum(sum)
        .training(
            new TrainingTask(
                training.localEpochs(),
                training.batchSize(),
                training.method().name(),
                training.method().parameters(),
                training.optimizer().name(),
                training.optimizer().parameters(),
                training.schedule().name(),
                training.schedule().parameters(),
                training.gradientClip(),
                training.examplePrivacy()))
        .privacy(
            new PrivacyTerms(
                privacy.unit(),
                privacy.relation(),
                memberEpsilon,
                privacy.delta(),
                job.cohort().participations(),
                job.cohort().separation()))
        .deadline(job.deadline())
        .nonce(seed.derive("nonce").bytes())
        .build();
  }

  /** Correlated noise cancels between rounds in the same coordinates alone. */
  private String rotation(Seed seed) {
    return job.privacy().correlated()
        ? FIXED_ROTATION
        : HexFormat.of().formatHex(seed.derive("rotation").bytes());
  }

  /** The parts of what a client encodes. */
  static List<Segment> segments(Job job) {
    List<Segment> segments = new ArrayList<>();
    segments.add(new Segment(Segments.UPDATE, job.model().trainable().size()));
    segments.addAll(Strategies.asked(job));
    if (job.privacy().adaptiveClip() != null) {
      segments.add(new Segment(AdaptiveClip.SEGMENT, 1));
    }
    Job.ClientEvaluation evaluation = job.evaluation().clients();
    if (evaluation != null) {
      segments.add(new Segment(Segments.ACCURACY, evaluation.bins()));
    }
    return segments;
  }

  /** Clip norm and grid step move together, by an exact power of two apart. */
  private PipelineSpec pipeline(String rotationSeed, double clipNorm) {
    double rest = adaptiveClip == null ? clipNorm : adaptiveClip.jointNorm(clipNorm);
    double norm = accuracy == null ? rest : accuracy.jointNorm(rest);
    return new PipelineSpec(
        segments(job),
        norm,
        norm * (noise.gridStep() / job.privacy().clipNorm()),
        noise.ringBits(),
        job.cohort().size(),
        noise.mechanism(),
        rotationSeed);
  }
}
