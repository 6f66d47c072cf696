package dev.tributary.privacy.loss;

/**
 * The standard normal distribution by Cody's rational approximations of erf and erfc (W. J. Cody
 * 1969, Mathematics of Computation 23), relative error about (20 + x^2) 2^-53, in the tails too.
 */
public final class StandardNormal {
  private static final double ROOT_HALF = Math.sqrt(0.5);
  private static final double INVERSE_ROOT_PI = 0.5641895835477563;

  private static final double[] A = {
    0.18577770618460315,
    3.1611237438705655,
    113.86415415105016,
    377.485237685302,
    3209.3775891384694
  };
  private static final double[] B = {
    1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171
  };
  private static final double[] C = {
    2.1531153547440383e-8,
    0.5641884969886701,
    8.883149794388377,
    66.11919063714163,
    298.6351381974001,
    881.952221241769,
    1712.0476126340707,
    2051.0783778260716,
    1230.3393547979972
  };
  private static final double[] D = {
    1,
    15.744926110709835,
    117.6939508913125,
    537.1811018620099,
    1621.3895745666903,
    3290.7992357334597,
    4362.619090143247,
    3439.3676741437216,
    1230.3393548037495
  };
  private static final double[] P = {
    0.016315387137302097,
    0.30532663496123236,
    0.36034489994980445,
    0.12578172611122926,
    0.016083785148742275,
    0.0006587491615298378
  };
  private static final double[] Q = {
    1,
    2.568520192289822,
    1.8729528499234673,
    0.5279051029514285,
    0.06051834131244132,
    0.0023352049762686918
  };

  private StandardNormal() {}

  /** Phi(x). */
  public static double cdf(double x) {
    return 0.5 * erfc(-x * ROOT_HALF);
  }

  /** Phi(to) - Phi(from) for from &lt;= to, taken in the tail that the interval lies in. */
  public static double between(double from, double to) {
    if (from > 0) {
      return cdf(-from) - cdf(-to);
    }
    return cdf(to) - cdf(from);
  }

  static double erfc(double x) {
    double y = Math.abs(x);
    if (y <= 0.46875) {
      double square = y > 1e-10 ? y * y : 0;
      return 1 - x * ratio(A, B, square);
    }
    double tail = Double.isInfinite(y) ? 0 : exponentialOfMinusSquare(y) * scaled(y);
    return x > 0 ? tail : 2 - tail;
  }

  /** exp(y^2) erfc(y). */
  private static double scaled(double y) {
    if (y <= 4) {
      return ratio(C, D, y);
    }
    double inverse = 1 / (y * y);
    return (INVERSE_ROOT_PI - inverse * ratio(P, Q, inverse)) / y;
  }

  /** exp(-y^2) with the square split so that its rounding does not count. */
  private static double exponentialOfMinusSquare(double y) {
    if (y > 27.5) {
      return 0;
    }
    double coarse = Math.floor(y * 16) / 16;
    return Math.exp(-coarse * coarse) * Math.exp(-(y - coarse) * (y + coarse));
  }

  private static double ratio(double[] above, double[] below, double x) {
    double numerator = 0;
    for (double coefficient : above) {
      numerator = numerator * x + coefficient;
    }
    double denominator = 0;
    for (double coefficient : below) {
      denominator = denominator * x + coefficient;
    }
    return numerator / denominator;
  }
}
