package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.privacy.Contribution.Outcome;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UpdatePipelineTest {
  private static float[] update(int length, double norm, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] update = new float[length];
    for (int i = 0; i < length; i++) {
      update[i] = (float) random.nextDouble(-1, 1);
    }
    double factor = norm / Specs.norm(update);
    for (int i = 0; i < length; i++) {
      update[i] *= (float) factor;
    }
    return update;
  }

  private static long signed(int element, int bits) {
    return (element << (32 - bits)) >> (32 - bits);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 100, 7850, 65536, 65537, 200_000})
  void blocks_coverEveryFloatAndRingElementOnce(int length) {
    UpdatePipeline pipeline = new UpdatePipeline(Specs.noiseless(length, 1, 10));
    int floats = 0;
    int ring = 0;
    for (int b = 0; b < pipeline.blocks(); b++) {
      assertThat(pipeline.floatOffset(b)).isEqualTo(floats);
      assertThat(pipeline.ringOffset(b)).isEqualTo(ring);
      assertThat(Integer.bitCount(pipeline.ringLength(b))).isOne();
      assertThat(pipeline.ringLength(b)).isBetween(pipeline.floatLength(b), 1 << 16);
      floats += pipeline.floatLength(b);
      ring += pipeline.ringLength(b);
    }
    assertThat(floats).isEqualTo(length).isEqualTo(pipeline.inputLength());
    assertThat(ring).isEqualTo(pipeline.encodedLength());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 100, 7850, 70_000})
  void oneUpdate_comesBack_upToRounding(int length) {
    PipelineSpec spec = Specs.noiseless(length, 2, 10);
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    float[] update = update(length, 1.5, length);
    Contribution contribution = pipeline.encode(update, Seeds.noise(1));
    assertThat(contribution.outcome()).isEqualTo(Outcome.ENCODED);
    float[] back = Specs.decode(pipeline, contribution.ring(), Seeds.noise(2));
    double moved = 0;
    for (int i = 0; i < length; i++) {
      moved += Math.pow(back[i] - update[i], 2);
    }
    double most = spec.gridStep() * Math.sqrt(spec.encodedLength());
    assertThat(Math.sqrt(moved)).isLessThan(most + 1e-6).isLessThan(2 * 2.0 / 1024 + 1e-6);
  }

  @Test
  void updateBeyondTheClip_isScaledToIt() {
    UpdatePipeline pipeline = new UpdatePipeline(Specs.noiseless(500, 0.3, 10));
    float[] update = update(500, 7, 3);
    Contribution contribution = pipeline.encode(update, Seeds.noise(1));
    assertThat(contribution.outcome()).isEqualTo(Outcome.CLIPPED);
    float[] back = Specs.decode(pipeline, contribution.ring(), Seeds.noise(2));
    for (int i = 0; i < 500; i++) {
      assertThat((double) back[i]).isCloseTo(update[i] * 0.3 / 7, within(1e-3));
    }
    assertThat(Specs.norm(back)).isCloseTo(0.3, within(1e-3));
  }

  @Test
  void segments_areClippedTogether() {
    PipelineSpec spec =
        new PipelineSpec(
            java.util.List.of(new Segment("weights", 90), new Segment("statistic", 10)),
            1,
            0x1p-16,
            30,
            10,
            new Mechanism.None(),
            Specs.SEED);
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    float[] update = new float[100];
    update[0] = 3;
    update[95] = 4;
    float[] back =
        Specs.decode(pipeline, pipeline.encode(update, Seeds.noise(1)).ring(), Seeds.noise(2));
    assertThat(back[0]).isCloseTo(0.6f, within(1e-3f));
    assertThat(back[95]).isCloseTo(0.8f, within(1e-3f));
  }

  @DisplayName("P1, P18: what leaves has a bounded norm in integers, whatever the update was")
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void integerNorm_neverPassesTheBound(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int length = 1 + random.nextInt(3000);
    PipelineSpec fine = Specs.noiseless(length, 1, 4);
    PipelineSpec spec =
        new PipelineSpec(
            fine.segments(),
            1,
            Math.scalb(1.0, -random.nextInt(12)),
            32,
            4,
            fine.mechanism(),
            Specs.SEED);
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    BigInteger limit = BigInteger.valueOf(IntegerNorm.squaredLimit(spec.integerNormBound()));
    float[] spike = new float[length];
    spike[random.nextInt(length)] = -1;
    float[] flat = new float[length];
    Arrays.fill(flat, (float) (1 / Math.sqrt(length)));
    for (float[] update :
        new float[][] {spike, flat, update(length, 1, seed), update(length, 9e9, seed)}) {
      BigInteger squared = BigInteger.ZERO;
      for (int x : pipeline.encode(update, Seeds.noise(seed)).ring()) {
        squared = squared.add(BigInteger.valueOf(x).pow(2));
      }
      assertThat(squared).as("seed %s, length %s", seed, length).isLessThanOrEqualTo(limit);
    }
  }

  @DisplayName("P18: integers add up to one sum in every order")
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void manyContributions_decodeToTheSumOfTheClippedUpdates_inAnyOrder(long seed) {
    int length = 70_000;
    int clients = 20;
    PipelineSpec spec = Specs.noiseless(length, 0.5, clients);
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    int[] sum = new int[pipeline.encodedLength()];
    int[] reversed = new int[pipeline.encodedLength()];
    double[] expected = new double[length];
    int[][] rings = new int[clients][];
    for (int c = 0; c < clients; c++) {
      double norm = 0.1 + 0.1 * c;
      float[] update = update(length, norm, 100 * seed + c);
      rings[c] = pipeline.encode(update, Seeds.noise(100 * seed + c)).ring();
      double factor = Math.min(1, 0.5 / Specs.norm(update));
      for (int i = 0; i < length; i++) {
        expected[i] += update[i] * factor;
      }
    }
    for (int c = 0; c < clients; c++) {
      Specs.addInto(sum, rings[c]);
      Specs.addInto(reversed, rings[clients - 1 - c]);
    }
    assertThat(sum).isEqualTo(reversed);
    float[] decoded = Specs.decode(pipeline, sum, Seeds.noise(1));
    double moved = 0;
    for (int i = 0; i < length; i++) {
      moved += Math.pow(decoded[i] - expected[i], 2);
    }
    double most = spec.gridStep() * Math.sqrt(spec.encodedLength() * (double) clients);
    assertThat(Math.sqrt(moved)).as("seed %s", seed).isLessThan(most);
  }

  @Test
  void ringSum_isExactlyTheIntegerSum_moduloTheRing() {
    PipelineSpec spec = Specs.distributed(300, 0.3, 3.28);
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    long[] integers = new long[pipeline.encodedLength()];
    int[] sum = new int[pipeline.encodedLength()];
    for (int c = 0; c < 100; c++) {
      int[] ring = pipeline.encode(update(300, 0.3, c), Seeds.noise(c)).ring();
      for (int i = 0; i < sum.length; i++) {
        assertThat(ring[i] >>> spec.ringBits()).isZero();
        integers[i] += signed(ring[i], spec.ringBits());
      }
      Specs.addInto(sum, ring);
    }
    for (int i = 0; i < sum.length; i++) {
      assertThat(signed(sum[i], spec.ringBits())).isEqualTo(integers[i]);
    }
  }

  /** Same seed, same noise: what differs between an update and zero is the integer part alone. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void noiseShare_isAddedToTheSameIntegers(long seed) {
    PipelineSpec noisy = Specs.distributed(1000, 0.3, 3.28);
    PipelineSpec plain =
        new PipelineSpec(
            noisy.segments(),
            0.3,
            noisy.gridStep(),
            noisy.ringBits(),
            100,
            new Mechanism.None(),
            Specs.SEED);
    float[] update = update(1000, 0.3, seed);
    int[] with = new UpdatePipeline(noisy).encode(update, Seeds.noise(seed)).ring();
    int[] noise = new UpdatePipeline(noisy).encode(new float[1000], Seeds.noise(seed)).ring();
    int[] without = new UpdatePipeline(plain).encode(update, Seeds.noise(seed)).ring();
    for (int i = 0; i < with.length; i++) {
      int bits = noisy.ringBits();
      assertThat(signed(with[i] - noise[i], bits))
          .as("seed %s", seed)
          .isEqualTo(signed(without[i], bits));
    }
  }

  @DisplayName("P3: a NaN or an infinity lets nothing through")
  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void notFinite_anywhere_sendsZeroAndTheNoiseShare(float bad) {
    UpdatePipeline pipeline = new UpdatePipeline(Specs.distributed(100, 0.3, 3.28));
    int[] noise = pipeline.encode(new float[100], Seeds.noise(9)).ring();
    for (int at : new int[] {0, 50, 99}) {
      float[] update = update(100, 0.2, 1);
      update[at] = bad;
      Contribution contribution = pipeline.encode(update, Seeds.noise(9));
      assertThat(contribution.outcome()).isEqualTo(Outcome.ZEROED_NOT_FINITE);
      assertThat(contribution.ring()).isEqualTo(noise);
    }
  }

  @DisplayName("P3: a norm of zero is no division by zero")
  @Test
  void zeroUpdate_isEncodedUnchanged() {
    UpdatePipeline pipeline = new UpdatePipeline(Specs.noiseless(100, 0.3, 10));
    Contribution contribution = pipeline.encode(new float[100], Seeds.noise(1));
    assertThat(contribution.outcome()).isEqualTo(Outcome.ENCODED);
    assertThat(contribution.ring()).containsOnly(0);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.MAX_VALUE, -Float.MAX_VALUE, 1e30f})
  void hugeFiniteUpdate_isClippedNotZeroed(float huge) {
    UpdatePipeline pipeline = new UpdatePipeline(Specs.noiseless(100, 0.3, 10));
    float[] update = new float[100];
    Arrays.fill(update, huge);
    Contribution contribution = pipeline.encode(update, Seeds.noise(1));
    assertThat(contribution.outcome()).isEqualTo(Outcome.CLIPPED);
    float[] back = Specs.decode(pipeline, contribution.ring(), Seeds.noise(1));
    assertThat(Specs.norm(back)).isCloseTo(0.3, within(1e-3));
  }

  @Test
  void subnormalUpdate_isEncoded() {
    UpdatePipeline pipeline = new UpdatePipeline(Specs.noiseless(100, 0.3, 10));
    float[] update = new float[100];
    Arrays.fill(update, Float.MIN_VALUE);
    assertThat(pipeline.encode(update, Seeds.noise(1)).outcome()).isEqualTo(Outcome.ENCODED);
  }

  /**
   * Rounding that always goes up, on a grid as coarse as the update, breaks the bound every time.
   */
  @Test
  void roundingThatNeverKeepsTheBound_sendsZeroAndTheNoiseShare() {
    Mechanism mechanism = new Mechanism.DistributedDiscreteGaussian(50, 10);
    PipelineSpec spec =
        new PipelineSpec(
            java.util.List.of(new Segment("u", 4096)), 8, 1, 20, 10, mechanism, Specs.SEED);
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    NoiseSource up =
        purpose ->
            purpose.equals("encode/rounding") ? new Always(-1) : Seeds.noise(1).open(purpose);
    Contribution contribution = pipeline.encode(update(4096, 8, 1), up);
    assertThat(contribution.outcome()).isEqualTo(Outcome.ZEROED_ROUNDING);
    assertThat(contribution.ring())
        .isEqualTo(pipeline.encode(new float[4096], Seeds.noise(1)).ring());
  }

  private record Always(long nextLong) implements BitStream {
    @Override
    public void close() {}
  }

  /**
   * Zero updates of n_min clients: chi-square of the sum's variance, failing a fresh key with 1e-6.
   */
  @Tag("statistical")
  @Test
  void sharesOfTheMinimum_addUpToTheDeclaredNoise() {
    PipelineSpec spec = Specs.distributed(4096, 0.3, 3.28);
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    int[] sum = new int[4096];
    for (int c = 0; c < 84; c++) {
      Specs.addInto(sum, pipeline.encode(new float[4096], Seeds.noise(1000 + c)).ring());
    }
    float[] decoded = Specs.decode(pipeline, sum, Seeds.noise(1));
    double sigma = 3.28 * 0.3;
    double squares = 0;
    for (float x : decoded) {
      squares += x * x / (sigma * sigma);
    }
    assertThat(squares).isBetween(ChiSquare.limit(4096, 1 - 5e-7), ChiSquare.limit(4096, 5e-7));
  }

  @DisplayName("P15: a sum of nothing is released with the declared noise all the same")
  @Tag("statistical")
  @Test
  void centralNoise_hasTheDeclaredVariance_andIsReleasedOnce() {
    PipelineSpec spec = Specs.central(4096, 0.3, 2);
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    int[] sum = pipeline.encode(new float[4096], Seeds.noise(1)).ring();
    assertThat(sum).containsOnly(0);
    float[] decoded = Specs.decode(pipeline, sum, Seeds.noise(77));
    double squares = 0;
    for (float x : decoded) {
      squares += x * x / (0.6 * 0.6);
    }
    assertThat(squares).isBetween(ChiSquare.limit(4096, 1 - 5e-7), ChiSquare.limit(4096, 5e-7));
    assertThatIllegalStateException()
        .isThrownBy(() -> Specs.decode(pipeline, sum, Seeds.noise(78)))
        .withMessage("block 0 was released already");
  }

  @Test
  void encode_wrongLength_isRefused() {
    UpdatePipeline pipeline = new UpdatePipeline(Specs.noiseless(100, 0.3, 10));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline.encode(new float[99], Seeds.noise(1)))
        .withMessage("an update holds 100 floats here, was 99");
  }

  @Test
  void decode_arraysOfTheWholeVector_areRefused() {
    UpdatePipeline pipeline = new UpdatePipeline(Specs.noiseless(100_000, 0.3, 10));
    int[] whole = new int[pipeline.encodedLength()];
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline.decode(0, whole, new float[1 << 16], Seeds.noise(1)))
        .withMessageStartingWith("ring must hold one block");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline.decode(0, new int[1 << 16], new float[10], Seeds.noise(1)))
        .withMessageStartingWith("sumOfUpdates must hold one block");
  }

  @Test
  void contribution_showsNothing_andCanBeWiped() {
    UpdatePipeline pipeline = new UpdatePipeline(Specs.distributed(100, 0.3, 3.28));
    Contribution contribution = pipeline.encode(new float[100], Seeds.noise(1));
    assertThat(contribution).hasToString("Contribution[128 ring elements, redacted]");
    contribution.destroy();
    assertThat(contribution.ring()).containsOnly(0);
  }
}
