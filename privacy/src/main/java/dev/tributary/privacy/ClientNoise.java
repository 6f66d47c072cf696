package dev.tributary.privacy;

import dev.tributary.privacy.noise.IntegerNoise;
import java.util.Optional;

/** What one client adds to each coordinate, in grid units. */
sealed interface ClientNoise {
  IntegerNoise sampler();

  /** Standard deviation. */
  double deviation();

  /**
   * What the noise of n clients together passes with probability at most 2 exp(-exponent), by
   * Chernoff's bound.
   */
  double tail(int contributors, double exponent);

  /** What keeps the noise from being drawn, and what would do. */
  default Optional<String> violation() {
    return Optional.empty();
  }

  /** Sub-Gaussian with its own sigma (Canonne, Kamath, Steinke 2020, Corollary 17). */
  record Gaussian(double sigma) implements ClientNoise {
    @Override
    public double deviation() {
      return sigma;
    }

    @Override
    public IntegerNoise sampler() {
      return IntegerNoise.discreteGaussian(sigma);
    }

    @Override
    public double tail(int contributors, double exponent) {
      return sigma * Math.sqrt(contributors) * Math.sqrt(2 * exponent);
    }
  }

  /**
   * ln E[e^(tX)] = V (cosh t - 1), so that the exponent at x is x asinh(x/V) - sqrt(x^2+V^2) + V.
   */
  record Skellam(double variance) implements ClientNoise {
    private static final double LEAST = 0x1p-10;
    private static final double MOST = 0x1p28;

    @Override
    public double deviation() {
      return Math.sqrt(variance);
    }

    @Override
    public IntegerNoise sampler() {
      return IntegerNoise.skellam(variance);
    }

    @Override
    public double tail(int contributors, double exponent) {
      double total = variance * contributors;
      double t = Math.log1p(exponent / total + Math.sqrt(2 * exponent / total));
      // Any t bounds: P[X >= x] <= exp(total (cosh t - 1) - t x). This one is near the best.
      return (exponent + 2 * total * Math.sinh(t / 2) * Math.sinh(t / 2)) / t;
    }

    @Override
    public Optional<String> violation() {
      return variance >= LEAST && variance <= MOST
          ? Optional.empty()
          : Optional.of(
              "a Skellam share of variance "
                  + variance
                  + " in grid units cannot be drawn: it must be >= 2^-10 and <= 2^28."
                  + (variance > MOST ? " Raise gridStep" : " Lower gridStep"));
    }
  }

  record Laplace(double scale) implements ClientNoise {
    private static final double MOST = 0x1p30;

    /** The variance is 2 q / (1 - q)^2 at q = exp(-1/b). */
    @Override
    public double deviation() {
      return Math.sqrt(0.5) / Math.sinh(0.5 / scale);
    }

    @Override
    public IntegerNoise sampler() {
      return IntegerNoise.discreteLaplace(scale);
    }

    /** The least of Chernoff's bounds at t = j / (32 b); E[e^(tX)] is a product of two series. */
    @Override
    public double tail(int contributors, double exponent) {
      double whole = 2 * Math.log(-Math.expm1(-1 / scale));
      double least = Double.POSITIVE_INFINITY;
      for (int j = 1; j < 32; j++) {
        double t = j / (32 * scale);
        double moment =
            whole - Math.log(-Math.expm1(t - 1 / scale)) - Math.log(-Math.expm1(-t - 1 / scale));
        least = Math.min(least, (exponent + contributors * moment) / t);
      }
      return least;
    }

    @Override
    public Optional<String> violation() {
      return scale < MOST
          ? Optional.empty()
          : Optional.of(
              "Laplace noise of scale "
                  + scale
                  + " in grid units cannot be drawn: it must be < 2^30. Raise gridStep");
    }
  }
}
