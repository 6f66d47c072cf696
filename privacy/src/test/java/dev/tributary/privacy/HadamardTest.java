package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HadamardTest {
  private static double[] vector(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextInt(-1000, 1000);
    }
    return x;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8, 16, 32, 64})
  void transform_isTheWalshHadamardMatrix(int n) {
    double[] x = vector(n, n);
    double[] expected = new double[n];
    for (int row = 0; row < n; row++) {
      for (int column = 0; column < n; column++) {
        expected[row] += (Integer.bitCount(row & column) & 1) == 0 ? x[column] : -x[column];
      }
    }
    Hadamard.transform(x, n);
    assertThat(x).containsExactly(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 128, 8192, 65536})
  void transform_twice_isTheLengthTimesTheVector(int n) {
    double[] x = vector(n, 7);
    double[] twice = x.clone();
    Hadamard.transform(twice, n);
    Hadamard.transform(twice, n);
    for (int i = 0; i < n; i++) {
      assertThat(twice[i]).isEqualTo(n * x[i]);
    }
  }

  /** Floats that do not add up exactly: passes over memory change nothing in the last bit. */
  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32, 1024, 2048, 4096, 8192, 65536})
  void transform_isBitForBitOneLevelAfterAnother(int n) {
    SplittableRandom random = new SplittableRandom(n);
    double[] x = random.doubles(n, -1, 1).toArray();
    double[] expected = x.clone();
    for (int h = 1; h < n; h *= 2) {
      for (int i = 0; i < n; i++) {
        if ((i & h) == 0) {
          double a = expected[i];
          double b = expected[i + h];
          expected[i] = a + b;
          expected[i + h] = a - b;
        }
      }
    }
    Hadamard.transform(x, n);
    assertThat(x).containsExactly(expected);
  }

  @Test
  void transform_lengthThatIsNoPowerOfTwo_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Hadamard.transform(new double[12], 12))
        .withMessageContaining("power of two");
    assertThatIllegalArgumentException().isThrownBy(() -> Hadamard.transform(new double[8], 16));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void rotation_backwardAfterForward_isTheLengthTimesTheVector(long seed) {
    Rotation rotation = new Rotation("%064x".formatted(seed));
    for (int n : new int[] {1, 32, 64, 128, 4096}) {
      double[] x = vector(n, seed);
      double[] back = x.clone();
      rotation.forward(3, back, n);
      rotation.backward(3, back, n);
      for (int i = 0; i < n; i++) {
        assertThat(back[i]).as("seed %s", seed).isEqualTo(n * x[i]);
      }
    }
  }

  @Test
  void rotation_blocksAndSeeds_haveTheirOwnSigns() {
    double[] first = ones(0, "00");
    assertThat(first).isNotEqualTo(ones(1, "00")).isNotEqualTo(ones(0, "01"));
    assertThat(first).isEqualTo(ones(0, "00"));
  }

  /** 65536 signs, sum of absolute value beyond 5.5 standard deviations with probability 4e-8. */
  @Test
  void rotation_signs_balance() {
    double[] x = ones(0, "a5");
    assertThat(x[0] / Math.sqrt(x.length)).isCloseTo(0, within(5.5));
  }

  private static double[] ones(int block, String seed) {
    double[] x = new double[1 << 16];
    java.util.Arrays.fill(x, 1);
    new Rotation(seed.repeat(32)).forward(block, x, x.length);
    return x;
  }
}
