package dev.tributary.privacy.loss;

/**
 * Gaussian noise of standard deviation s around 0 or, with probability q, around 1: the dominating
 * pair of the Poisson-subsampled Gaussian mechanism (Zhu, Dong, Wang 2022, Proposition 30), in the
 * direction of removing or of adding the unit; q = 1 is the plain Gaussian. With {@code A} and
 * {@code B} the masses around 0 and around 1, the mixture is (1 - q) A + q B, and the loss of
 * mixture against A at x is l(x) = ln(1 - q + q exp((x - 1/2) / s^2)), growing with x.
 */
public final class SampledGaussianPair implements LossPair {
  private final double q;
  private final double deviation;
  private final boolean remove;

  /**
   * @param q in (0, 1]
   * @param deviation s, noise over sensitivity
   * @param remove whether P is the mixture, and Q the plain noise; else the other way round
   */
  public SampledGaussianPair(double q, double deviation, boolean remove) {
    this.q = q;
    this.deviation = deviation;
    this.remove = remove;
  }

  private double mixtureLoss(double x) {
    double exponent = (x - 0.5) / deviation / deviation;
    return q == 1 || exponent > 600
        ? exponent + Math.log(q) + (q == 1 ? 0 : Math.log1p((1 - q) / q * Math.exp(-exponent)))
        : Math.log1p(q * Math.expm1(exponent));
  }

  /** Where the mixture's loss is {@code loss}; infinite where it never is. */
  private double whereMixtureLossIs(double loss) {
    if (q == 1) {
      return deviation * deviation * loss + 0.5;
    }
    double logarithm =
        loss > 600 ? loss - Math.log(q) : Math.log1p(Math.max(-1, Math.expm1(loss) / q));
    return deviation * deviation * logarithm + 0.5;
  }

  @Override
  public double lowest(double tail) {
    double reach = deviation * Reach.of(tail);
    return remove ? mixtureLoss(-reach) : -mixtureLoss(reach);
  }

  @Override
  public double highest(double tail) {
    double reach = deviation * Reach.of(tail);
    return remove ? mixtureLoss(1 + reach) : -mixtureLoss(-reach);
  }

  @Override
  public void discretise(ConnectTheDots grid) {
    int last = grid.points() - 1;
    double from = edge(grid.point(0));
    grid.below(remove ? mixture(Double.NEGATIVE_INFINITY, from) : plain(from, infinity()));
    for (int i = 0; i < last; i++) {
      double to = edge(grid.point(i + 1));
      double a = remove ? plain(from, to) : plain(to, from);
      double b = remove ? shifted(from, to) : shifted(to, from);
      double growth = Math.expm1(grid.point(i));
      if (remove) {
        grid.cell(i, (1 - q) * a + q * b, q * (b - a) - growth * a);
      } else {
        grid.cell(i, a, -growth * a - (1 + growth) * q * (b - a));
      }
      from = to;
    }
    grid.above(remove ? mixture(from, infinity()) : plain(Double.NEGATIVE_INFINITY, from));
  }

  /** The exact trade-off of one release. */
  public double delta(double epsilon) {
    double x = edge(epsilon);
    double a = remove ? plain(x, infinity()) : plain(Double.NEGATIVE_INFINITY, x);
    double b = remove ? shifted(x, infinity()) : shifted(Double.NEGATIVE_INFINITY, x);
    double growth = Math.expm1(epsilon);
    double excess = remove ? q * (b - a) - growth * a : -growth * a - (1 + growth) * q * (b - a);
    return Math.max(0, excess);
  }

  private double edge(double loss) {
    return whereMixtureLossIs(remove ? loss : -loss);
  }

  private double mixture(double from, double to) {
    return (1 - q) * plain(from, to) + q * shifted(from, to);
  }

  private double plain(double from, double to) {
    return StandardNormal.between(from / deviation, to / deviation);
  }

  private double shifted(double from, double to) {
    return StandardNormal.between((from - 1) / deviation, (to - 1) / deviation);
  }

  private static double infinity() {
    return Double.POSITIVE_INFINITY;
  }
}
