package dev.tributary.nn.engine.java;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.nn.Activation;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Models;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.engine.Engine;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The java engine gives the same bits whatever its loops run on. */
final class KernelBitsTest {
  private static final Kernels VECTORS = VectorModule.kernels().get();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void multiply_byPlainLoopsAndVectors_isTheDefinitionToTheBit(long seed) {
    Random random = new Random(seed);
    for (int trial = 0; trial < 64; trial++) {
      boolean large = trial >= 60; // rows of b are copied, tiles are taller
      boolean deep = trial >= 56 && !large; // cut in parts, where tiles do not overlap
      int m = deep ? 4 * (1 + random.nextInt(12)) : 1 + random.nextInt(large ? 300 : 40);
      int n = deep ? 16 * (1 + random.nextInt(40)) : 1 + random.nextInt(large ? 200 : 70);
      int depth = 1 + random.nextInt(deep ? 700 : 50);
      boolean transposed = random.nextBoolean();
      int aRow = transposed ? 1 : depth;
      int aStep = transposed ? m : 1;
      int aOffset = random.nextInt(5);
      int bOffset = random.nextInt(5);
      int cOffset = random.nextInt(5);
      float[] a = floats(random, aOffset + m * depth);
      float[] b = floats(random, bOffset + depth * n + random.nextInt(2) * Kernels.SLACK);
      float[] init = floats(random, n + Kernels.SLACK);
      float[] expected = new float[m * n];
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          float sum = init[j];
          for (int k = 0; k < depth; k++) {
            sum = Math.fma(a[aOffset + i * aRow + k * aStep], b[bOffset + k * n + j], sum);
          }
          expected[i * n + j] = sum;
        }
      }
      for (Kernels kernels : List.of(new PlainKernels(), VECTORS)) {
        float[] c = floats(random, cOffset + m * n + random.nextInt(2) * Kernels.SLACK);
        float[] before = c.clone();
        kernels.multiply(a, aOffset, aRow, aStep, b, bOffset, c, cOffset, m, n, depth, init);
        String what = kernels.name() + ", seed " + seed + ": " + m + " x " + n + " x " + depth;
        assertThat(Arrays.copyOfRange(c, cOffset, cOffset + m * n)).as(what).isEqualTo(expected);
        assertThat(Arrays.copyOf(c, cOffset)).as(what).isEqualTo(Arrays.copyOf(before, cOffset));
        int spillEnd = Math.min(c.length, cOffset + m * n + n);
        assertThat(Arrays.copyOfRange(c, spillEnd, c.length))
            .as("beyond the spill, " + what)
            .isEqualTo(Arrays.copyOfRange(before, spillEnd, before.length));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(FloatFunction.class)
  void map_byPlainLoopsAndVectors_isTheFunctionToTheBit(FloatFunction function) {
    Random random = new Random(function.ordinal());
    float[] from = new float[100_003];
    for (int i = 0; i < from.length; i++) {
      from[i] =
          i % 3 == 0 ? Float.intBitsToFloat(random.nextInt()) : (float) (4 * random.nextGaussian());
    }
    float[] edges = {
      0f,
      -0f,
      0.625f,
      -0.625f,
      1f,
      2f,
      1.4142135f,
      2.828427f,
      -87.33f,
      -87.34f,
      88.72f,
      88.73f,
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MIN_VALUE,
      Float.MAX_VALUE
    };
    System.arraycopy(edges, 0, from, 1_000, edges.length);
    for (Kernels kernels : List.of(new PlainKernels(), VECTORS)) {
      float[] into = new float[from.length + 3];
      kernels.map(function, from, 2, into, 5, from.length - 2);
      for (int i = 2; i < from.length; i++) {
        assertThat(Float.floatToIntBits(into[3 + i]))
            .as("%s, %s of %s", kernels.name(), function, from[i])
            .isEqualTo(Float.floatToIntBits(function.of(from[i])));
      }
      float[] inPlace = from.clone();
      kernels.map(function, inPlace, 7, inPlace, 7, 50);
      assertThat(Arrays.copyOfRange(inPlace, 7, 57)).isEqualTo(Arrays.copyOfRange(into, 10, 60));
      assertThat(Arrays.copyOf(inPlace, 7)).isEqualTo(Arrays.copyOf(from, 7));
      assertThat(inPlace[57]).isEqualTo(from[57]);
    }
  }

  @Test
  void gelu_byPlainLoopsAndVectors_isTheFunctionAndItsSlopeToTheBit() {
    Random random = new Random(8);
    for (int count : new int[] {1, 15, 16, 1_000, 5_003}) {
      float[] inputs = floats(random, count);
      for (int i = 0; i < count; i += 7) {
        inputs[i] = Float.intBitsToFloat(random.nextInt());
      }
      for (Kernels kernels : List.of(new PlainKernels(), VECTORS)) {
        float[] outputs = new float[count];
        float[] slopes = new float[count];
        kernels.gelu(inputs, outputs, slopes, count);
        for (int i = 0; i < count; i++) {
          String what = kernels.name() + " of " + inputs[i];
          assertThat(Float.floatToIntBits(outputs[i]))
              .as(what)
              .isEqualTo(Float.floatToIntBits(Activation.gelu(inputs[i])));
          assertThat(Float.floatToIntBits(slopes[i]))
              .as(what)
              .isEqualTo(Float.floatToIntBits(Activation.geluSlope(inputs[i])));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 16, 17, 64, 333})
  void comparisons_byPlainLoopsAndVectors_areTheDefinitionToTheBit(int count) {
    Random random = new Random(count);
    float[] a = floats(random, count + 9);
    float[] b = floats(random, count + 9);
    for (int i = 0; i < a.length; i++) {
      a[i] = i % 7 == 3 ? Float.NaN : i % 5 == 0 ? 0f : i % 11 == 0 ? b[i] : a[i];
      b[i] = i % 13 == 0 ? Float.NaN : b[i];
    }
    for (Kernels kernels : List.of(new PlainKernels(), VECTORS)) {
      float[] kept = b.clone();
      kernels.wherePositive(a, kept, kept, count);
      float[] best = b.clone();
      int[] winners = new int[best.length];
      kernels.greatest(a, 4, best, winners, 2, count);
      float[] expectedKept = b.clone();
      float[] expectedBest = b.clone();
      int[] expectedWinners = new int[best.length];
      for (int i = 0; i < count; i++) {
        expectedKept[i] = a[i] > 0 ? b[i] : 0f;
        boolean wins = a[4 + i] > b[2 + i] || Float.isNaN(a[4 + i]);
        expectedBest[2 + i] = wins ? a[4 + i] : b[2 + i];
        expectedWinners[2 + i] = wins ? 4 + i : 0;
      }
      assertThat(kept).as(kernels.name()).isEqualTo(expectedKept);
      assertThat(best).as(kernels.name()).isEqualTo(expectedBest);
      assertThat(winners).as(kernels.name()).isEqualTo(expectedWinners);
    }
  }

  @Test
  void train_byPlainLoopsAndVectors_givesTheSameBits() {
    for (ModelSpec spec : Models.variety()) {
      float[] plain = train(new JavaEngine(PlainKernels::new), spec);
      float[] vectors = train(new JavaEngine(), spec);
      assertThat(vectors).as(spec.toString()).isEqualTo(plain);
      assertThat(plain).as(spec.toString()).isNotEqualTo(new float[plain.length]);
    }
  }

  /** Written down once: every machine and every Java must train to this very file. */
  @Test
  void train_everywhere_givesTheSameDigest() {
    ModelSpec spec = Models.variety().get(3);
    float[] trained = train(new JavaEngine(), spec);
    assertThat(ModelFile.of(spec, trained).digest())
        .isEqualTo("03ac3dd2cee4d40cf72aa7a6f74693fa91dd593bd88b73d99cd42d4e5e6353fe");
  }

  private static float[] train(Engine engine, ModelSpec spec) {
    TrainingConfig config =
        new TrainingConfig(4, 7, OptimizerSpec.adam(0.01), LocalMethod.prox(0.1));
    ModelFile start = ModelFile.of(spec, spec.initialise(9));
    return LocalTraining.train(engine, start, Models.noise(spec, 45, 2), config, 5).update();
  }

  private static float[] floats(Random random, int length) {
    float[] floats = new float[length];
    for (int i = 0; i < length; i++) {
      floats[i] = (float) random.nextGaussian();
    }
    return floats;
  }
}
