package dev.tributary.nn.engine.java;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loops over rows: plain and on vectors to the same bits, and what they are said to be. */
final class RowKernelsTest {
  private static final int LENGTH = 700;

  private final RowKernels plain = new PlainRows();
  private final RowKernels vectors = VectorModule.kernels().get().rows();

  /** Five arrays, and copies of them. */
  private static final class Arrays5 {
    private final float[][] one = new float[5][LENGTH];
    private final float[][] two = new float[5][];

    Arrays5(Random random) {
      for (int i = 0; i < 5; i++) {
        for (int j = 0; j < LENGTH; j++) {
          one[i][j] = (float) random.nextGaussian();
        }
        two[i] = one[i].clone();
      }
    }

    void same(String what) {
      for (int i = 0; i < 5; i++) {
        assertThat(two[i]).as(what).isEqualTo(one[i]);
      }
    }
  }

  private interface Call {
    void on(RowKernels rows, float[][] a);
  }

  private void both(String what, Random random, Call call) {
    Arrays5 arrays = new Arrays5(random);
    call.on(plain, arrays.one);
    call.on(vectors, arrays.two);
    arrays.same(what);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void rows_byPlainLoopsAndVectors_haveTheSameBits(long seed) {
    Random random = new Random(seed);
    for (int count = 1; count < 100; count++) {
      int n = count;
      int at = random.nextInt(9);
      int from = random.nextInt(9);
      String what = "seed " + seed + ", " + n + " numbers at " + at + " and " + from;
      both(what, random, (rows, a) -> rows.softmax(a[0], at, n, 0.3f));
      both(what, random, (rows, a) -> rows.softmaxGradient(a[0], from, a[1], at, n, 0.3f));
      both(
          what,
          random,
          (rows, a) -> a[4][0] = rows.normalise(a[0], at, n, 1e-5, a[1], from, a[2], a[3]));
      both(
          what,
          random,
          (rows, a) -> rows.normaliseGradient(a[0], at, n, 0.7f, a[1], from, a[2], a[3]));
      both(what, random, (rows, a) -> rows.add(a[0], at, a[1], from, n));
      both(what, random, (rows, a) -> rows.addProduct(a[0], at, a[1], from, a[2], 3, n));
      both(what, random, (rows, a) -> rows.product(a[0], at, a[1], from, a[1], from, n));
      both(what, random, (rows, a) -> rows.lstmState(a[0], at, a[1], from, 200 + from, n));
      both(
          what,
          random,
          (rows, a) -> rows.lstmGradient(a[0], at, a[1], a[2], from, a[3], a[4], 5, n));
    }
  }

  /** Short rows, single blocks, four blocks at a time and what is left of them. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 17, 100, 511, 512, 513, 2047, 2048, 2049, 10_000})
  void squares_areExactToSixDigits_andOfTheSameBits(int count) {
    Random random = new Random(count);
    float[] values = new float[count + 10];
    double expected = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.exp(random.nextGaussian()));
      expected += i >= 3 && i < 3 + count ? (double) values[i] * values[i] : 0;
    }
    double squares = plain.squares(values, 3, count);
    assertThat(squares).isCloseTo(expected, within(2e-6 * expected));
    assertThat(vectors.squares(values, 3, count)).isEqualTo(squares);
  }

  /** Also where scores are far apart or hidden. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 16, 33, 64})
  void softmax_isPowersOverTheirSum(int count) {
    Random random = new Random(count);
    for (RowKernels rows : new RowKernels[] {plain, vectors}) {
      float[] values = new float[count + 20];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (30 * random.nextGaussian());
      }
      if (count > 2) {
        values[4] = Float.NEGATIVE_INFINITY;
      }
      float[] before = values.clone();
      rows.softmax(values, 3, count, 0.5f);
      double sum = 0;
      double highest = Double.NEGATIVE_INFINITY;
      for (int i = 3; i < 3 + count; i++) {
        highest = Math.max(highest, before[i]);
      }
      for (int i = 3; i < 3 + count; i++) {
        sum += Math.exp(0.5 * (before[i] - highest));
      }
      for (int i = 0; i < values.length; i++) {
        boolean inside = i >= 3 && i < 3 + count;
        double expected = inside ? Math.exp(0.5 * (before[i] - highest)) / sum : before[i];
        assertThat((double) values[i]).isCloseTo(expected, within(1e-5 * Math.abs(expected)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 16, 50, 128})
  void normalise_hasMean0AndDeviation1(int count) {
    Random random = new Random(count);
    for (RowKernels rows : new RowKernels[] {plain, vectors}) {
      float[] values = new float[count];
      float[] parameters = new float[2 * count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) (50 + 3 * random.nextGaussian());
        parameters[i] = 2;
        parameters[count + i] = i;
      }
      float[] normalized = new float[count];
      float[] outputs = new float[count];
      float inverse = rows.normalise(values, 0, count, 0, parameters, 0, normalized, outputs);
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < count; i++) {
        sum += normalized[i];
        squares += (double) normalized[i] * normalized[i];
        assertThat(outputs[i]).isCloseTo(2 * normalized[i] + i, within(1e-5f * (1 + i)));
      }
      assertThat(sum / count).isCloseTo(0, within(1e-5));
      assertThat(squares / count).isCloseTo(1, within(1e-5));
      assertThat((normalized[1] - normalized[0]) / (values[1] - values[0]))
          .isCloseTo(inverse, within(1e-4f));
    }
  }
}
