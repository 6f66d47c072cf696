package dev.tributary.privacy;

import dev.tributary.privacy.Contribution.Outcome;
import dev.tributary.privacy.noise.IntegerNoise;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Both ends of the path between floats and ring. Encoding: clip, rotate, scale, round, check the
 * norm on integers, add the noise share, wrap. Decoding, block by block: centre, add the central
 * noise, rotate back, scale.
 *
 * <p>The steps are those of Kairouz, Liu, Steinke 2021, Algorithms 1 and 2, with the rotation
 * block-diagonal in blocks of 2^16 (the last padded to a power of two). The clip before the
 * rotation is in floating point and shapes utility; the promise rests on the integer norm check
 * alone: whatever comes in, NaN included, an integer vector of norm at most {@link
 * PipelineSpec#integerNormBound()} and the noise share go out.
 *
 * <p>Safe for use by several threads. Symbols: C clip norm, gamma grid step, n block length, w ring
 * bits.
 */
public final class UpdatePipeline {
  private final PipelineSpec spec;
  private final Blocks blocks;
  private final Rotation rotation;
  private final StochasticRounding rounding;
  private final @Nullable IntegerNoise share;
  private final @Nullable IntegerNoise central;
  private final BitSet noised = new BitSet();

  /**
   * Checks the specification and prepares the samplers.
   *
   * @throws PipelineException if the specification cannot keep its promises
   */
  public UpdatePipeline(PipelineSpec spec) {
    spec.check();
    this.spec = spec;
    blocks = new Blocks(spec.inputLength());
    rotation = new Rotation(spec.rotationSeed());
    rounding = new StochasticRounding(spec.integerNormBound());
    share = spec.clientNoise().map(ClientNoise::sampler).orElse(null);
    central =
        spec.event() instanceof PrivacyEvent.DiscreteGaussian event
            ? IntegerNoise.discreteGaussian(event.sigma())
            : null;
  }

  public PipelineSpec spec() {
    return spec;
  }

  /** d, floats of an update. */
  public int inputLength() {
    return spec.inputLength();
  }

  /** Ring elements of a contribution. */
  public int encodedLength() {
    return blocks.encodedLength();
  }

  public int blocks() {
    return blocks.count();
  }

  /** First float of the update that the block holds. */
  public int floatOffset(int block) {
    return blocks.floatOffset(block);
  }

  /** Floats of the update that the block holds, at most 2^16. */
  public int floatLength(int block) {
    return blocks.floatLength(block);
  }

  /** First ring element of the contribution that the block holds. */
  public int ringOffset(int block) {
    return blocks.ringOffset(block);
  }

  /** Ring elements of the contribution that the block holds, a power of two of at most 2^16. */
  public int ringLength(int block) {
    return blocks.ringLength(block);
  }

  /**
   * Encodes one client's update. Bad data is no error: an update that holds a NaN or an infinity
   * goes out as zero and the noise share, as {@link Contribution#outcome()} says.
   *
   * @param update float32[d], all segments one after the other, not changed
   * @param noise purposes {@code encode/rounding} and {@code encode/noise}
   * @return Z_2^w[encodedLength], values signed and centred on 0
   * @throws IllegalArgumentException if the length is not d
   */
  public Contribution encode(float[] update, NoiseSource noise) {
    if (update.length != inputLength()) {
      throw new IllegalArgumentException(
          "an update holds " + inputLength() + " floats here, was " + update.length);
    }
    int[] ring = new int[encodedLength()];
    Outcome outcome = round(update, ring, noise);
    if (outcome == Outcome.ZEROED_NOT_FINITE || outcome == Outcome.ZEROED_ROUNDING) {
      Arrays.fill(ring, 0);
    }
    addShare(ring, noise);
    return new Contribution(ring, outcome);
  }

  private Outcome round(float[] update, int[] ring, NoiseSource noise) {
    double norm = norm(update);
    if (!(norm < Double.POSITIVE_INFINITY)) {
      return Outcome.ZEROED_NOT_FINITE;
    }
    double clip = norm > spec.clipNorm() ? spec.clipNorm() / norm : 1;
    try (BitStream bits = noise.open("encode/rounding")) {
      if (!rotateAndRound(update, clip / spec.gridStep(), ring, bits)) {
        return Outcome.ZEROED_ROUNDING;
      }
    }
    return clip < 1 ? Outcome.CLIPPED : Outcome.ENCODED;
  }

  /**
   * l2 norm in double: the square of a float neither overflows nor underflows, and NaN and infinity
   * come through.
   */
  private static double norm(float[] update) {
    double sum = 0;
    for (float u : update) {
      sum += (double) u * u;
    }
    return Math.sqrt(sum);
  }

  /** Each block is rounded while it is in the cache, and made anew for another attempt. */
  private boolean rotateAndRound(float[] update, double factor, int[] ring, BitStream bits) {
    double[] work = new double[ringLength(0)];
    float[] scaled = new float[work.length];
    for (int i = 0; i < StochasticRounding.ATTEMPTS; i++) {
      StochasticRounding.Attempt attempt = rounding.attempt(bits);
      int block = 0;
      while (block < blocks()) {
        rotateAndScale(update, block, factor, work, scaled);
        if (!attempt.round(scaled, ringLength(block), ring, ringOffset(block))) {
          break;
        }
        block++;
      }
      if (block == blocks()) {
        return true;
      }
    }
    return false;
  }

  private void rotateAndScale(
      float[] update, int block, double factor, double[] work, float[] scaled) {
    int from = floatOffset(block);
    int floats = floatLength(block);
    int n = ringLength(block);
    for (int i = 0; i < floats; i++) {
      work[i] = update[from + i];
    }
    Arrays.fill(work, floats, n, 0);
    rotation.forward(block, work, n);
    double scale = factor / Math.sqrt(n);
    for (int i = 0; i < n; i++) {
      scaled[i] = (float) (work[i] * scale);
    }
  }

  private void addShare(int[] ring, NoiseSource noise) {
    int mask = -1 >>> (Integer.SIZE - spec.ringBits());
    if (share == null) {
      for (int i = 0; i < ring.length; i++) {
        ring[i] &= mask;
      }
      return;
    }
    try (BitStream bits = noise.open("encode/noise")) {
      add(share, ring, mask, bits);
    }
  }

  private static void add(IntegerNoise noise, int[] ring, int mask, BitStream bits) {
    for (int i = 0; i < ring.length; i++) {
      ring[i] = (ring[i] + (int) noise.sample(bits)) & mask;
    }
  }

  /**
   * Decodes one block of a sum of contributions. With central noise this is the release of the
   * block and happens once per object; a second time would show the same sum under other noise.
   *
   * @param block its number; both arrays are local to it
   * @param ring Z_2^w, elements {@code [0, ringLength(block))}, not changed
   * @param sumOfUpdates float32, elements {@code [0, floatLength(block))} are set
   * @param centralNoise purpose {@code decode/central/} and the block's number; not asked unless
   *     the noise is central
   * @throws IllegalStateException if the block was released before with central noise
   */
  public void decode(int block, int[] ring, float[] sumOfUpdates, NoiseSource centralNoise) {
    if (spec.mechanism() instanceof Mechanism.CentralCorrelated) {
      throw new IllegalStateException("correlated noise is the run's: give the noise of the round");
    }
    int n = ringLength(block);
    checkLocal("ring", n, ring.length);
    double[] work = centre(ring, n);
    if (central != null) {
      addCentral(central, block, work, n, centralNoise);
    }
    unrotate(block, work, sumOfUpdates);
  }

  /**
   * As {@link #decode(int, int[], float[], NoiseSource)} with correlated noise: once per object.
   *
   * @param roundNoise float64[encodedLength], the noise of this round, in grid units
   */
  public void decode(int block, int[] ring, float[] sumOfUpdates, double[] roundNoise) {
    if (!(spec.mechanism() instanceof Mechanism.CentralCorrelated)) {
      throw new IllegalStateException("there is no correlated noise with " + spec.mechanism().id());
    }
    if (roundNoise.length != encodedLength()) {
      throw new IllegalArgumentException(
          "the noise of a round has " + encodedLength() + " numbers, was " + roundNoise.length);
    }
    int n = ringLength(block);
    checkLocal("ring", n, ring.length);
    double[] work = centre(ring, n);
    release(block);
    int from = ringOffset(block);
    for (int i = 0; i < n; i++) {
      work[i] += roundNoise[from + i];
    }
    unrotate(block, work, sumOfUpdates);
  }

  private void unrotate(int block, double[] work, float[] sumOfUpdates) {
    int n = ringLength(block);
    int floats = floatLength(block);
    checkLocal("sumOfUpdates", floats, sumOfUpdates.length);
    rotation.backward(block, work, n);
    double scale = spec.gridStep() / Math.sqrt(n);
    for (int i = 0; i < floats; i++) {
      sumOfUpdates[i] = (float) (work[i] * scale);
    }
  }

  private static void checkLocal(String name, int needed, int length) {
    if (length < needed || length > Blocks.SIZE) {
      throw new IllegalArgumentException(
          name + " must hold one block: " + needed + " to " + Blocks.SIZE + ", was " + length);
    }
  }

  private double[] centre(int[] ring, int n) {
    double[] work = new double[n];
    int shift = Integer.SIZE - spec.ringBits();
    for (int i = 0; i < n; i++) {
      work[i] = (ring[i] << shift) >> shift;
    }
    return work;
  }

  private void release(int block) {
    synchronized (noised) {
      if (noised.get(block)) {
        throw new IllegalStateException("block " + block + " was released already");
      }
      noised.set(block);
    }
  }

  private void addCentral(
      IntegerNoise gaussian, int block, double[] work, int n, NoiseSource noise) {
    release(block);
    try (BitStream bits = noise.open("decode/central/" + block)) {
      for (int i = 0; i < n; i++) {
        work[i] += gaussian.sample(bits);
      }
    }
  }
}
