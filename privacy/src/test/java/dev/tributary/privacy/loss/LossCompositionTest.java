package dev.tributary.privacy.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.privacy.AnalyticGaussian;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LossCompositionTest {
  private static LossComposition of(LossPair pair, int count) {
    return new LossComposition(List.of(new LossComposition.Item(pair, count)));
  }

  /** Randomised response by its two losses: the exact composition is a binomial sum. */
  @ParameterizedTest
  @CsvSource({"1, 0.3", "5, 0.3", "30, 0.1"})
  void epsilon_ofAtoms_isThatOfTheBinomialSum(int count, double loss) {
    double p = 1 / (1 + Math.exp(-loss));
    AtomicPair pair = new AtomicPair(new double[] {loss, -loss}, new double[] {p, 1 - p}, 0);
    double epsilon = of(pair, count).epsilon(1e-3);
    double exact = 0;
    double binomial = 1;
    for (int k = 0; k <= count; k++) {
      double sum = (count - 2 * k) * loss;
      double mass = binomial * Math.pow(p, count - k) * Math.pow(1 - p, k);
      exact += sum > epsilon ? -mass * Math.expm1(epsilon - sum) : 0;
      binomial *= (double) (count - k) / (k + 1);
    }
    assertThat(exact).isLessThanOrEqualTo(1e-3).isCloseTo(1e-3, within(1e-5));
  }

  /** Never below the exact trade-off of one release, on whatever grid. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void delta_ofOneRelease_isNeverBelowTheExactOne(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double q = Math.pow(10, -3 * random.nextDouble());
    double s = 0.4 + 3 * random.nextDouble();
    for (boolean remove : new boolean[] {true, false}) {
      SampledGaussianPair pair = new SampledGaussianPair(q, s, remove);
      for (double epsilon : new double[] {0.01, 0.1, 0.5}) {
        double exact = pair.delta(epsilon);
        double shown = of(pair, 1).delta(epsilon);
        assertThat(shown)
            .as("seed %s, epsilon %s, remove %s", seed, epsilon, remove)
            .isGreaterThanOrEqualTo(exact * (1 - 1e-9))
            .isLessThanOrEqualTo(exact * 1.01 + 1e-12);
      }
    }
  }

  /** Losses of a few cells of the widest grid: it is made finer until epsilon is near. */
  @ParameterizedTest
  @CsvSource({"1000, 16, 1e-5", "1000, 16, 1e-4", "2000, 16, 1e-4", "5000, 400, 1e-5"})
  void grids_becomeAsFineAsLossesNeed(double deviation, int count, double delta) {
    LossComposition composed = of(new SampledGaussianPair(1, deviation, true), count);
    double z = deviation / Math.sqrt(count);
    double exact = AnalyticGaussian.epsilon(z, delta);
    assertThat(composed.epsilon(delta)).isBetween(exact * (1 - 1e-9), exact * 1.0004 + 2e-8);
    assertThat(composed.delta(exact)).isBetween(delta * (1 - 1e-9), delta * 1.006);
  }

  /** Refuses where the arithmetic cannot tell delta from nothing. */
  @Test
  void epsilon_atTheNoiseFloor_isRefused() {
    AtomicPair pair =
        new AtomicPair(new double[] {0.1, -0.1}, new double[] {0.525, 0.475 - 1e-9}, 1e-9);
    assertThatExceptionOfType(NoiseFloorException.class)
        .isThrownBy(() -> of(pair, 10).epsilon(1e-9))
        .withMessageContaining("noise floor");
  }

  @Test
  void fft_convolvesAsTheSumDoes() {
    SplittableRandom random = new SplittableRandom(5);
    int n = 64;
    double[] a = random.doubles(n).toArray();
    double[] re = a.clone();
    double[] im = new double[n];
    Fft fft = new Fft(n);
    fft.forward(re, im);
    for (int i = 0; i < n; i++) {
      double old = re[i];
      re[i] = old * old - im[i] * im[i];
      im[i] = 2 * old * im[i];
    }
    fft.inverse(re, im);
    for (int i = 0; i < n; i++) {
      double sum = 0;
      for (int j = 0; j < n; j++) {
        sum += a[j] * a[Math.floorMod(i - j, n)];
      }
      assertThat(re[i]).isCloseTo(sum, within(1e-12));
      assertThat(im[i]).isCloseTo(0, within(1e-12));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new Fft(48));
  }
}
