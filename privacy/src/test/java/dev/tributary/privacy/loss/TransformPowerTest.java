package dev.tributary.privacy.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TransformPowerTest {
  private static final double STEP = 0.01;

  /** Half the mass at loss 0 and the rest between -90 and 90 cells; few of them far out. */
  private static ConnectTheDots grid(double centre, double far) {
    ConnectTheDots grid = new ConnectTheDots(STEP, -90, 181);
    SplittableRandom random = new SplittableRandom(3);
    double sum = 0;
    for (int i = 0; i < 181; i++) {
      grid.mass()[i] = random.nextDouble() * (Math.abs(i - 90) > 64 ? far : 1);
      sum += grid.mass()[i];
    }
    for (int i = 0; i < 181; i++) {
      grid.mass()[i] *= (1 - centre) / sum;
    }
    grid.mass()[90] += centre;
    return grid;
  }

  /** The tilted masses, convolved {@code count} times around a circle. */
  private static double[] convolved(ConnectTheDots grid, double tilt, int count, int size) {
    double[] once = new double[size];
    double sum = 0;
    for (int i = 0; i < grid.points(); i++) {
      sum += grid.mass()[i] * Math.exp(tilt * grid.point(i));
    }
    for (int i = 0; i < grid.points(); i++) {
      once[(int) Math.floorMod(grid.lowest() + i, (long) size)] +=
          grid.mass()[i] * Math.exp(tilt * grid.point(i)) / sum;
    }
    double[] power = new double[size];
    power[0] = 1;
    double[] square = once;
    for (int bits = count; bits > 0; bits >>= 1) {
      power = (bits & 1) == 1 ? circular(power, square) : power;
      square = circular(square, square);
    }
    return power;
  }

  private static double[] circular(double[] a, double[] b) {
    double[] out = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b.length; j++) {
        out[(i + j) % a.length] += a[i] * b[j];
      }
    }
    return out;
  }

  /** Below and above the count from which the centre is summed apart. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 999, 1000, 5000})
  void power_isTheRepeatedConvolution(int count) {
    int size = 512;
    for (double tilt : new double[] {0.5, 9}) {
      ConnectTheDots grid = grid(count < 10 ? 0.3 : 1 - 5.0 / count, 0.3);
      double[] re = new double[size];
      double[] im = new double[size];
      Arrays.fill(re, 1);
      Fft fft = new Fft(size);
      new TransformPower(grid, tilt, count).multiply(fft, re, im);
      fft.inverse(re, im);
      double[] expected = convolved(grid, tilt, count, size);
      for (int i = 0; i < size; i++) {
        assertThat(re[i]).as("%s at %s", tilt, i).isCloseTo(expected[i], within(1e-12));
        assertThat(im[i]).as("%s at %s", tilt, i).isCloseTo(0, within(1e-13));
      }
    }
  }

  /** Two factors: the product of the transforms, complex as they are. */
  @Test
  void powers_multiply() {
    int size = 512;
    double[] re = new double[size];
    double[] im = new double[size];
    Arrays.fill(re, 1);
    Fft fft = new Fft(size);
    ConnectTheDots first = grid(0.3, 1);
    ConnectTheDots second = grid(0.999, 0.1);
    new TransformPower(first, 2, 2).multiply(fft, re, im);
    new TransformPower(second, 2, 2000).multiply(fft, re, im);
    fft.inverse(re, im);
    double[] expected = circular(convolved(first, 2, 2, size), convolved(second, 2, 2000, size));
    for (int i = 0; i < size; i++) {
      assertThat(re[i]).as("at %s", i).isCloseTo(expected[i], within(1e-12));
      assertThat(im[i]).as("at %s", i).isCloseTo(0, within(1e-13));
    }
  }

  /** Rare losses over 10^9 releases are Poisson; the masses themselves are exact to n 2^-53. */
  @Test
  void manyReleases_keepTheirDigits() {
    int size = 256;
    ConnectTheDots grid = new ConnectTheDots(STEP, -1, 3);
    int count = 1_000_000_000;
    double rate = 2e-9;
    grid.mass()[1] = 1 - rate;
    grid.mass()[2] = rate;
    double[] re = new double[size];
    double[] im = new double[size];
    Arrays.fill(re, 1);
    Fft fft = new Fft(size);
    new TransformPower(grid, 0, count).multiply(fft, re, im);
    fft.inverse(re, im);
    double poisson = Math.exp(-2);
    for (int k = 0; k < 8; k++) {
      assertThat(re[k]).as("at %s", k).isCloseTo(poisson, within(3e-7 * poisson));
      poisson *= 2.0 / (k + 1);
    }
  }

  /** Frequencies at which the power is nothing are exactly nothing. */
  @Test
  void vanishedFrequencies_areZero() {
    int size = 128;
    ConnectTheDots grid = new ConnectTheDots(STEP, -1, 3);
    grid.mass()[0] = 0.25;
    grid.mass()[1] = 0.5;
    grid.mass()[2] = 0.25;
    double[] re = new double[size];
    double[] im = new double[size];
    Arrays.fill(re, 1);
    new TransformPower(grid, 0, 4000).multiply(new Fft(size), re, im);
    // The transform is cos^2(omega / 2); index 1 holds the frequency pi, where it is 0.
    assertThat(re[0]).isCloseTo(1, within(1e-12));
    assertThat(re[1]).isZero();
    assertThat(im[1]).isZero();
    int small = Integer.reverse(2) >>> (Integer.numberOfLeadingZeros(size) + 1);
    double omega = 2 * Math.PI * 2 / size;
    double expected = Math.pow(Math.cos(omega / 2), 8000);
    assertThat(Math.hypot(re[small], im[small])).isCloseTo(expected, within(1e-9 * expected));
  }
}
