package dev.tributary.coordinator;

import dev.tributary.coordinator.job.Job.Denominator;
import dev.tributary.nn.Metrics;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.Trainable;
import dev.tributary.plan.Plan;
import dev.tributary.plan.Segments;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.UpdatePipeline;
import dev.tributary.privacy.correlated.CorrelatedNoise;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Work;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * From a ring sum to the next model, on a worker thread: decode, mean, server optimizer, block by
 * block. It alone holds the strategy while it runs.
 */
final class ModelUpdate implements Work {
  private static final int BLOCK = 1 << 16;
  private static final double LEAST_WEIGHT = 1e-6;

  private final int round;
  private final ModelFile model;
  private final Plan plan;
  private final PipelineSpec pipeline;
  private final RingVector sum;
  private final double denominator;
  private final int clients;
  private final Strategy strategy;
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
   * The work of one round.
   *
   * @param denominator what the sum of the updates is divided by, where clients count alike
   * @param clients of the whole population
   * @param kept null before the first released model, and where noise is not correlated
   * @param nextClipNorm of the last coordinate of the sum, where the clip norm adapts; else null
   * @param evaluator measures the new model; null where it is not due
   */
  ModelUpdate(
      int round,
      ModelFile model,
      Plan plan,
      RingVector sum,
      double denominator,
      int clients,
      Strategy strategy,
      NoiseSource centralNoise,
      @Nullable KeptNoise kept,
      @Nullable DoubleUnaryOperator nextClipNorm,
      @Nullable Evaluator evaluator) {
    this.round = round;
    this.model = model;
    this.plan = plan;
    this.pipeline = plan.pipeline();
    this.sum = sum;
    this.denominator = denominator;
    this.clients = clients;
    this.strategy = strategy;
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

  /** What the work makes. Its arrays belong to whoever takes it. */
  static final class Result {
    private final ModelFile model;
    private final byte[] modelBytes;
    private final byte[] optimizerState;
    private final byte @Nullable [] noiseState;
    private final @Nullable Double clipNorm;
    private final @Nullable Metrics metrics;

    /**
     * A released model.
     *
     * @param optimizerState float32 little-endian
     * @param noiseState what later rounds need of correlated noise; secret; null without
     * @param clipNorm of the next round, where it adapts; else null
     */
    Result(
        ModelFile model,
        byte[] modelBytes,
        byte[] optimizerState,
        byte @Nullable [] noiseState,
        @Nullable Double clipNorm,
        @Nullable Metrics metrics) {
      this.model = model;
      this.modelBytes = modelBytes;
      this.optimizerState = optimizerState;
      this.noiseState = noiseState;
      this.clipNorm = clipNorm;
      this.metrics = metrics;
    }

    ModelFile model() {
      return model;
    }

    byte[] modelBytes() {
      return modelBytes;
    }

    byte[] optimizerState() {
      return optimizerState;
    }

    byte @Nullable [] noiseState() {
      return noiseState;
    }

    @Nullable Double clipNorm() {
      return clipNorm;
    }

    @Nullable Metrics metrics() {
      return metrics;
    }
  }

  @Override
  public Result run() {
    Trainable part = model.spec().trainable();
    float[] whole = model.parameters();
    float[] parameters = part.gather(whole);
    float[] sums = new float[pipeline.inputLength()];
    UpdatePipeline decoder = new UpdatePipeline(pipeline);
    @Nullable CorrelatedNoise noise = correlated();
    double[] roundNoise = noise == null ? null : noise.upTo(round);
    for (int block = 0; block < decoder.blocks(); block++) {
      int[] ring = new int[decoder.ringLength(block)];
      sum.read(decoder.ringOffset(block), ring, ring.length);
      float[] updates = new float[decoder.floatLength(block)];
      if (roundNoise == null) {
        decoder.decode(block, ring, updates, centralNoise);
      } else {
        decoder.decode(block, ring, updates, roundNoise);
      }
      System.arraycopy(updates, 0, sums, decoder.floatOffset(block), updates.length);
    }
    @Nullable Double clipNorm =
        nextClipNorm == null ? null : (Double) nextClipNorm.applyAsDouble(sums[sums.length - 1]);
    apply(sums, parameters);
    strategy.endRound();
    part.scatter(parameters, whole);
    ModelFile next = ModelFile.of(model.spec(), whole);
    Metrics metrics = evaluator == null ? null : evaluator.evaluate(next);
    byte[] state =
        noise == null || noise.round() == pipeline.correlated().schedule().rounds()
            ? null
            : noise.state();
    return new Result(next, next.toBytes(), bytes(strategy.state()), state, clipNorm, metrics);
  }

  /** The sum of what clients sent, into means, and those into parameters. */
  private void apply(float[] sums, float[] parameters) {
    int d = parameters.length;
    double divisor = denominator;
    double factor = 1;
    boolean control = plan.asksFor(Segments.CONTROL);
    if (plan.asksFor(Segments.WEIGHT)) {
      int at = control ? 2 * d : d;
      divisor = sums[at] / plan.scalarUnit();
      if (plan.asksFor(Segments.STEPS)) {
        factor = sums[at + 1] / plan.scalarUnit() / divisor;
      }
    }
    // Clients without a single example have nothing to say, and their weights are rounding.
    boolean nobody = divisor < LEAST_WEIGHT;
    for (int from = 0; from < d; from += BLOCK) {
      int to = Math.min(d, from + BLOCK);
      for (int i = from; i < to; i++) {
        sums[i] = nobody ? 0 : (float) (sums[i] / divisor * factor);
      }
      strategy.apply(round, parameters, sums, from, to);
    }
    if (control) {
      float[] change = new float[d];
      for (int i = 0; i < d; i++) {
        change[i] = sums[d + i] / clients;
      }
      strategy.control(change, 0, d);
    }
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

  static byte[] bytes(float[] state) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, state.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(state);
    return bytes.array();
  }

  static float[] floats(byte[] bytes) {
    float[] state = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(state);
    return state;
  }
}
