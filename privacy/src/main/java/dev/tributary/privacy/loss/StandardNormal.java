package dev.tributary.privacy.loss;

/**
 * The standard normal distribution by Cody's rational approximations of erf and erfc (W. J. Cody
 * 1969, Mathematics of Computation 23), relative error about (20 + x^2) 2^-53, in the tails too.
 */
public final class StandardNormal {
  private static final double ROOT_HALF = Math.sqrt(0.5);
  private static final double INVERSE_ROOT_PI = 0.564189583547756286948;

  private static final double[] A = {
    1.85777706184603153e-1,
    3.16112374387056560e0,
    1.13864154151050156e2,
    3.77485237685302021e2,
    3.20937758913846947e3
  };
  private static final double[] B = {
    1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3
  };
  private static final double[] C = {
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e0,
    6.61191906371416295e1,
    2.98635138197400131e2,
    8.81952221241769090e2,
    1.71204761263407058e3,
    2.05107837782607147e3,
    1.23033935479799725e3
  };
  private static final double[] D = {
    1,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
    3.29079923573345963e3,
    4.36261909014324716e3,
    3.43936767414372164e3,
    1.23033935480374942e3
  };
  private static final double[] P = {
    1.63153871373020978e-2,
    3.05326634961232344e-1,
    3.60344899949804439e-1,
    1.25781726111229246e-1,
    1.60837851487422766e-2,
    6.58749161529837803e-4
  };
  private static final double[] Q = {
    1,
    2.56852019228982242e0,
    1.87295284992346725e0,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
    2.33520497626869185e-3
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
