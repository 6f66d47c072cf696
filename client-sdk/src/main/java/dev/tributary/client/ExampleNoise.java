package dev.tributary.client;

import dev.tributary.nn.ExampleGradients;
import dev.tributary.plan.ExamplePrivacy;
import dev.tributary.privacy.BitStream;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.NoisySum;
import java.util.Arrays;

/**
 * Hides the examples of one training: secret coins choose the rows of a step, each gradient is
 * clipped and rounded to integers, and their sum gets discrete Gaussian noise.
 */
final class ExampleNoise implements ExampleGradients {
  private final ExamplePrivacy terms;
  private final NoiseSource noise;
  private int steps;

  /**
   * Of one training.
   *
   * @param noise coins, rounding and noise, each step with purposes of its own
   */
  ExampleNoise(ExamplePrivacy terms, NoiseSource noise) {
    this.terms = terms;
    this.noise = noise;
  }

  /** Coins of 63 bits: never a higher rate than the one that is accounted for. */
  @Override
  public int[] sample(int rows, double rate) {
    if (!(rate > 0 && rate <= 1)) {
      throw new IllegalArgumentException("rate must be > 0 and <= 1, was " + rate);
    }
    int[] taken = new int[rows];
    int count = 0;
    long below = (long) Math.scalb(rate, 63);
    try (BitStream coins = noise.open(purpose("coins"))) {
      for (int row = 0; row < rows; row++) {
        if (coins.nextLong() >>> 1 < below || rate == 1) {
          taken[count++] = row;
        }
      }
    }
    return Arrays.copyOf(taken, count);
  }

  private String purpose(String what) {
    return "examples/" + steps + "/" + what;
  }

  @Override
  public Sum open(int length) {
    steps++;
    NoisySum sum = new NoisySum(length, terms.clipNorm(), terms.noiseMultiplier());
    BitStream rounding = noise.open(purpose("rounding"));
    return new Sum() {
      @Override
      public void add(float[] gradient) {
        sum.add(gradient, rounding);
      }

      @Override
      public float[] release(double expected) {
        rounding.close();
        return sum.release(expected, what -> noise.open(purpose(what)));
      }
    };
  }
}
