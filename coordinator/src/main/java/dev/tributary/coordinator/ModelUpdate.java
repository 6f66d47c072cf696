package dev.tributary.coordinator;

import dev.tributary.coordinator.job.Job.Denominator;
import dev.tributary.coordinator.round.ClientAccuracy;
import dev.tributary.coordinator.store.Draft;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.VectorFile;
import dev.tributary.nn.Metrics;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.plan.Plan;
import dev.tributary.plan.Segments;
import dev.tributary.privacy.AdaptiveClip;
import dev.tributary.privacy.Histogram;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.UpdatePipeline;
import dev.tributary.privacy.correlated.CorrelatedNoise;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Work;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * From a ring sum to the next model, on a worker thread: decode, mean, strategy, block by block,
 * from the files of the model and of the strategy's state to new ones.
 */
final class ModelUpdate implements Work {
  private static final double LEAST_WEIGHT = 1e-6;

  private final int round;
  private final Base base;
  private final Plan plan;
  private final PipelineSpec pipeline;
  private final RingVector sum;
  private final double denominator;
  private final int clients;
  private final IntFunction<Strategy> strategies;
  private final NoiseSource centralNoise;
  private final @Nullable KeptNoise kept;
  private final @Nullable DoubleUnaryOperator nextClipNorm;
  private final @Nullable Evaluator evaluator;

  /** What a run's correlated noise needs from the rounds before. */
  static final class KeptNoise {
    private final byte[] state;
    private final int rounds;

    /**
     * Of a run.
     *
     * @param state as of the last released model; secret
     * @param rounds that had been then
     */
    KeptNoise(byte[] state, int rounds) {
      this.state = state;
      this.rounds = rounds;
    }

    @Override
    public String toString() {
      return "KeptNoise[" + rounds + " rounds, redacted]";
    }
  }

  /**
   * What a round goes on from.
   *
   * @param model digest
   * @param state digest of the strategy's state; null before the first released model
   */
  record Base(Store store, ModelSpec spec, String model, @Nullable String state) {}

  /**
   * The work of one round.
   *
   * @param denominator what the sum of the updates is divided by, where clients count alike
   * @param clients of the whole population
   * @param strategies the strategy before its first round for so many parameters
   * @param kept null before the first released model, and where noise is not correlated
   * @param nextClipNorm of the coordinate of the clip bits, where the clip norm adapts; else null
   * @param evaluator measures the new model; null where it is not due
   */
  ModelUpdate(
      int round,
      Base base,
      Plan plan,
      RingVector sum,
      double denominator,
      int clients,
      IntFunction<Strategy> strategies,
      NoiseSource centralNoise,
      @Nullable KeptNoise kept,
      @Nullable DoubleUnaryOperator nextClipNorm,
      @Nullable Evaluator evaluator) {
    this.round = round;
    this.base = base;
    this.plan = plan;
    this.pipeline = plan.pipeline();
    this.sum = sum;
    this.denominator = denominator;
    this.clients = clients;
    this.strategies = strategies;
    this.centralNoise = centralNoise;
    this.kept = kept;
    this.nextClipNorm = nextClipNorm;
    this.evaluator = evaluator;
  }

  /**
   * The fixed size of the cohort, or the survivors where nothing is promised about who they are.
   */
  static double denominator(Denominator kind, int cohort, int survivors) {
    return kind == Denominator.COHORT ? cohort : survivors;
  }

  /**
   * What the work makes, for whoever closes it.
   *
   * @param model sealed
   * @param state of the strategy, sealed, float32 little-endian
   * @param noiseState what later rounds need of correlated noise; secret; null without
   * @param clipNorm of the next round, where it adapts; else null
   */
  @SuppressWarnings("ArrayRecordComponent") // it is handed over, never compared
  record Result(
      Draft model,
      Draft state,
      byte @Nullable [] noiseState,
      @Nullable Double clipNorm,
      @Nullable Metrics metrics,
      @Nullable ClientAccuracy clientAccuracy)
      implements AutoCloseable {
    @Override
    public void close() {
      model.close();
      state.close();
    }

    @Override
    public String toString() {
      return "Result[redacted]";
    }
  }

  @Override
  public Result run() throws IOException {
    Draft model = base.store().draft();
    Draft state = base.store().draft();
    try {
      return run(model, state);
    } catch (IOException | RuntimeException | Error e) {
      model.close();
      state.close();
      throw e;
    }
  }

  private Result run(Draft model, Draft state) throws IOException {
    @Nullable CorrelatedNoise noise = correlated();
    @Nullable Double clipNorm;
    @Nullable ClientAccuracy clientAccuracy;
    try (Draft decoded = base.store().draft();
        ServerStep step = new ServerStep(base, strategies, model, state)) {
      VectorFile sums = decoded.vector(0, pipeline.inputLength());
      decode(decoded, sums, noise == null ? null : noise.upTo(round));
      clipNorm =
          nextClipNorm == null
              ? null
              : (Double) nextClipNorm.applyAsDouble(one(sums, plan.offset(AdaptiveClip.SEGMENT)));
      clientAccuracy = clientAccuracy(sums);
      apply(sums, step);
    }
    model.seal();
    state.seal();
    Metrics metrics = evaluator == null ? null : evaluator.evaluate(ModelFile.read(model.file()));
    byte[] kept =
        noise == null || noise.round() == pipeline.correlated().schedule().rounds()
            ? null
            : noise.state();
    return new Result(model, state, kept, clipNorm, metrics, clientAccuracy);
  }

  /** A block is decoded once, since its noise is drawn then; what counts may stand at the end. */
  private void decode(Draft decoded, VectorFile sums, double @Nullable [] roundNoise) {
    UpdatePipeline decoder = new UpdatePipeline(pipeline);
    for (int block = 0; block < decoder.blocks(); block++) {
      int[] ring = new int[decoder.ringLength(block)];
      sum.read(decoder.ringOffset(block), ring, ring.length);
      float[] updates = new float[decoder.floatLength(block)];
      if (roundNoise == null) {
        decoder.decode(block, ring, updates, centralNoise);
      } else {
        decoder.decode(block, ring, updates, roundNoise);
      }
      decoded.write(sums, decoder.floatOffset(block), updates, 0, updates.length);
    }
  }

  /** Null where clients do not evaluate, and where noise leaves not a single one of them. */
  private @Nullable ClientAccuracy clientAccuracy(VectorFile sums) {
    if (plan.accuracyUnit() == 0) {
      return null;
    }
    float[] bins = new float[plan.length(Segments.ACCURACY)];
    sums.read(plan.offset(Segments.ACCURACY), bins, 0, bins.length);
    double[] counts = Histogram.counts(bins, plan.accuracyUnit());
    double z = pipeline.mechanism().noiseMultiplier();
    if (z == 0) {
      Arrays.setAll(counts, i -> Math.rint(counts[i])); // what is off is rounding to the grid
    }
    return Arrays.stream(counts).sum() < 1
        ? null
        : new ClientAccuracy(
            Arrays.stream(counts).boxed().toList(), z * pipeline.clipNorm() / plan.accuracyUnit());
  }

  private static float one(VectorFile sums, int at) {
    float[] value = new float[1];
    sums.read(at, value, 0, 1);
    return value[0];
  }

  /** The sum of what clients sent, into means, and those into parameters. */
  private void apply(VectorFile sums, ServerStep step) {
    int d = base.spec().trainable().size();
    boolean control = plan.asksFor(Segments.CONTROL);
    boolean weighed = plan.asksFor(Segments.WEIGHT);
    int at = control ? 2 * d : d;
    double divisor = weighed ? one(sums, at) / plan.scalarUnit() : denominator;
    double factor =
        weighed && plan.asksFor(Segments.STEPS)
            ? one(sums, at + 1) / plan.scalarUnit() / divisor
            : 1;
    // Clients without a single example have nothing to say, and their weights are rounding.
    boolean nobody = divisor < LEAST_WEIGHT;
    ServerStep.Means update =
        (from, count) -> {
          float[] mean = new float[count];
          sums.read(from, mean, 0, count);
          for (int i = 0; i < count; i++) {
            mean[i] = nobody ? 0 : (float) (mean[i] / divisor * factor);
          }
          return mean;
        };
    ServerStep.Means change =
        (from, count) -> {
          float[] mean = new float[count];
          sums.read(d + from, mean, 0, count);
          for (int i = 0; i < count; i++) {
            mean[i] /= clients;
          }
          return mean;
        };
    step.run(round, update, control ? change : null);
  }

  private @Nullable CorrelatedNoise correlated() {
    if (!(pipeline.mechanism() instanceof Mechanism.CentralCorrelated)) {
      return null;
    }
    CorrelatedNoise.Run run = pipeline.correlated();
    return kept == null
        ? new CorrelatedNoise(run, centralNoise)
        : CorrelatedNoise.restore(run, centralNoise, kept.state, kept.rounds);
  }
}
