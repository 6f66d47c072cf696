package dev.tributary.privacy;

import java.util.function.DoubleUnaryOperator;

/**
 * The exact trade-off of one continuous Gaussian (Balle, Wang 2018, Theorem 8): delta(epsilon) =
 * Phi(1/(2z) - epsilon z) - e^epsilon Phi(-1/(2z) - epsilon z), with no restriction to epsilon &lt;
 * 1.
 *
 * <p>With x = epsilon z - 1/(2z) and h = 1/z the difference equals phi(x) times the integral over t
 * &gt;= 0 of exp(-t^2/2 - x t) (1 - exp(-h t)). All of it is positive, so nothing cancels however
 * far out in the tail, and phi(x) stays a logarithm until the end. Symbols: z noise multiplier, Phi
 * and phi distribution and density of the standard normal.
 *
 * <p>For discrete noise these are continuous approximations, never the enforced number.
 */
public final class AnalyticGaussian {
  private static final double LOG_ROOT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

  /** exp(-45) is what an integral leaves out, relative to its largest value. */
  private static final double CUT = 45;

  /**
   * From this decay over the range of an integral on, one exponential is gone before the other
   * begins to fall.
   */
  private static final double STEEP = 40;

  private AnalyticGaussian() {}

  /** delta for an epsilon of at least 0. */
  public static double delta(double noiseMultiplier, double epsilon) {
    return Math.exp(logDelta(noiseMultiplier, epsilon));
  }

  /** ln delta, also where delta underflows. */
  public static double logDelta(double noiseMultiplier, double epsilon) {
    Checks.positive("noiseMultiplier", noiseMultiplier);
    Checks.notNegative("epsilon", epsilon);
    double x = epsilon * noiseMultiplier - 0.5 / noiseMultiplier;
    double h = 1 / noiseMultiplier;
    if (x < -1) {
      return Math.log(centre(-x, h));
    }
    double reach = reach(x);
    double integral =
        h * reach > STEEP
            ? mills(x) - mills(x + h)
            : GaussLegendre.integrate(
                t -> -Math.exp(-t * (0.5 * t + x)) * Math.expm1(-h * t), 0, reach);
    return Math.log(integral) - 0.5 * x * x - LOG_ROOT_TWO_PI;
  }

  /**
   * delta at x = -a, a &gt; 1: the integral of phi(t - a) (1 - exp(-h t)) around its peak near a.
   */
  private static double centre(double a, double h) {
    double reach = Math.sqrt(2 * CUT);
    if (h * (a + reach) > STEEP) {
      double logDensity = -0.5 * a * a - LOG_ROOT_TWO_PI;
      return 1 - Math.exp(logDensity) * (mills(a) + mills(h - a));
    }
    double density =
        GaussLegendre.integrate(
            t -> -Math.exp(-0.5 * (t - a) * (t - a)) * Math.expm1(-h * t),
            Math.max(0, a - reach),
            a + reach);
    return density * Math.exp(-LOG_ROOT_TWO_PI);
  }

  /** Mills ratio Phi(-y) / phi(y), the integral over t &gt;= 0 of exp(-t^2/2 - y t), y &gt;= -1. */
  private static double mills(double y) {
    return GaussLegendre.integrate(t -> Math.exp(-t * (0.5 * t + y)), 0, reach(y));
  }

  /** The t at which t^2/2 + y t is {@link #CUT}. */
  private static double reach(double y) {
    return 2 * CUT / (y + Math.sqrt(y * y + 2 * CUT));
  }

  /** The smallest epsilon for a delta. */
  public static double epsilon(double noiseMultiplier, double delta) {
    Checks.delta(delta);
    double target = Math.log(delta);
    if (logDelta(noiseMultiplier, 0) <= target) {
      return 0;
    }
    return boundary(epsilon -> logDelta(noiseMultiplier, epsilon) - target);
  }

  /** The smallest noise multiplier for an epsilon and a delta. */
  public static double noiseMultiplier(double epsilon, double delta) {
    Checks.notNegative("epsilon", epsilon);
    Checks.delta(delta);
    double target = Math.log(delta);
    return boundary(z -> logDelta(z, epsilon) - target);
  }

  /** Where a falling function of a positive argument passes 0, from above. */
  private static double boundary(DoubleUnaryOperator falling) {
    double high = 1;
    while (falling.applyAsDouble(high) > 0) {
      high *= 2;
    }
    double low = high / 2;
    while (falling.applyAsDouble(low) <= 0) {
      high = low;
      low /= 2;
    }
    while (Math.nextUp(low) < high) {
      double middle = low + 0.5 * (high - low);
      if (falling.applyAsDouble(middle) > 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }
}
