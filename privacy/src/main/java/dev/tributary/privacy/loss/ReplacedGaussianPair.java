package dev.tributary.privacy.loss;

/**
 * Gaussian noise of standard deviation s around 0 or, with probability q, around 1 against the same
 * around -1: one unit of a Poisson sample replaced by its opposite (dp_accounting, supplementary
 * material on privacy loss distributions, section 4.2). The two directions mirror each other.
 */
public final class ReplacedGaussianPair implements LossPair {
  private final double q;
  private final double deviation;

  /**
   * @param q in (0, 1]
   * @param deviation s, noise over the norm of one unit's value
   */
  public ReplacedGaussianPair(double q, double deviation) {
    this.q = q;
    this.deviation = deviation;
  }

  private double loss(double x) {
    return logMixture(x) - logMixture(-x);
  }

  /** ln(1 - q + q exp((x - 1/2) / s^2)). */
  private double logMixture(double x) {
    LogSum sum = new LogSum();
    sum.add(Math.log1p(-q));
    sum.add(Math.log(q) + (x - 0.5) / deviation / deviation);
    return sum.value();
  }

  /**
   * Solves c w^2 - (1 - q) (e^l - 1) w - c e^l = 0 for w = exp(x / s^2), where c = q exp(-1 / (2
   * s^2)).
   */
  private double whereLossIs(double loss) {
    if (loss < 0) {
      return -whereLossIs(-loss);
    }
    double logC = Math.log(q) - 0.5 / deviation / deviation;
    double half = Math.log1p(-q) + loss + Math.log(-Math.expm1(-loss));
    double root = Math.log(2) + logC + loss / 2;
    double hypotenuse = Math.max(half, root);
    if (hypotenuse > Double.NEGATIVE_INFINITY) {
      hypotenuse +=
          0.5 * Math.log(Math.exp(2 * (half - hypotenuse)) + Math.exp(2 * (root - hypotenuse)));
    }
    LogSum numerator = new LogSum();
    numerator.add(half);
    numerator.add(hypotenuse);
    return deviation * deviation * (numerator.value() - Math.log(2) - logC);
  }

  @Override
  public double lowest(double tail) {
    return loss(-1 - deviation * Reach.of(tail));
  }

  @Override
  public double highest(double tail) {
    return loss(1 + deviation * Reach.of(tail));
  }

  @Override
  public void discretise(ConnectTheDots grid) {
    double from = whereLossIs(grid.point(0));
    grid.below(mass(1, Double.NEGATIVE_INFINITY, from));
    for (int i = 0; i < grid.points() - 1; i++) {
      double to = whereLossIs(grid.point(i + 1));
      double p = mass(1, from, to);
      double centre = StandardNormal.between(from / deviation, to / deviation);
      double up = StandardNormal.between((from - 1) / deviation, (to - 1) / deviation);
      double down = StandardNormal.between((from + 1) / deviation, (to + 1) / deviation);
      double growth = Math.expm1(grid.point(i));
      grid.cell(i, p, q * (up - down) - growth * ((1 - q) * centre + q * down));
      from = to;
    }
    grid.above(mass(1, from, Double.POSITIVE_INFINITY));
  }

  private double mass(double centre, double from, double to) {
    return (1 - q) * StandardNormal.between(from / deviation, to / deviation)
        + q * StandardNormal.between((from - centre) / deviation, (to - centre) / deviation);
  }
}
