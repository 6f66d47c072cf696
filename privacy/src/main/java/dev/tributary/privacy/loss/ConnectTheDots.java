package dev.tributary.privacy.loss;

/**
 * A privacy loss distribution on the grid of multiples of h whose trade-off connects the true one's
 * points on the grid (Doroshenko, Ghazi, Kamath, Kumar, Manurangsi 2022, "Connect the Dots"): the
 * mass of P and of Q in the cell between two points goes to these two, so that both masses stay
 * what they are. delta(epsilon) is then exact on the grid and linear in e^epsilon between, never
 * below the truth.
 */
public final class ConnectTheDots {
  /** From here on Q has less than e^-700 of what P has, and e^loss is near the largest double. */
  private static final double CERTAIN = 700;

  private final double step;
  private final long lowest;
  private final double[] mass;
  private final double toUpper;
  private double infinite;

  /**
   * @param step h
   * @param lowest index of the first grid point
   * @param points grid points, at least 2
   */
  ConnectTheDots(double step, long lowest, int points) {
    this.step = step;
    this.lowest = lowest;
    this.mass = new double[points];
    this.toUpper = -1 / Math.expm1(-step);
  }

  static ConnectTheDots of(LossPair pair, double step, double tail) {
    long low = (long) Math.floor(pair.lowest(tail) / step);
    long high = (long) Math.ceil(pair.highest(tail) / step) + 1;
    ConnectTheDots grid = new ConnectTheDots(step, low, (int) (high - low + 1));
    pair.discretise(grid);
    return grid;
  }

  double step() {
    return step;
  }

  long lowest() {
    return lowest;
  }

  double[] mass() {
    return mass;
  }

  double infinite() {
    return infinite;
  }

  public int points() {
    return mass.length;
  }

  public double point(int i) {
    return (lowest + i) * step;
  }

  /**
   * Adds what P and Q have between the points {@code i} and {@code i + 1}. Beyond a loss of 700 all
   * of P goes to the upper point, whatever Q has.
   *
   * @param excess P - e^(point i) Q, which rounding must not have eaten
   */
  public void cell(int i, double p, double excess) {
    if (p > 0) {
      double upper = point(i) > CERTAIN ? p : Math.min(p, Math.max(0, excess * toUpper));
      mass[i + 1] += upper;
      mass[i] += p - upper;
    }
  }

  /** Adds one atom of P. */
  public void atom(double loss, double p) {
    double position = loss / step - lowest;
    if (position <= 0) {
      below(p);
    } else if (position > mass.length - 1) {
      above(p);
    } else {
      int i = Math.min(mass.length - 2, (int) position);
      cell(i, p, -p * Math.expm1(point(i) - loss));
    }
  }

  /** Adds mass of P with losses below the grid: it is raised to the lowest point. */
  public void below(double p) {
    mass[0] += p;
  }

  /** Adds mass of P with losses above the grid: its loss counts as infinite. */
  public void above(double p) {
    infinite += p;
  }

  /** Adds {@code weight} times what a pair has. */
  public void add(LossPair pair, double weight) {
    ConnectTheDots part = new ConnectTheDots(step, lowest, mass.length);
    pair.discretise(part);
    for (int i = 0; i < mass.length; i++) {
      mass[i] += weight * part.mass[i];
    }
    infinite += weight * part.infinite;
  }

  /** ln E_P[e^(t L)] over the finite losses. */
  double logMoment(double t) {
    LogSum sum = new LogSum();
    double factor = Math.exp(t * step);
    int chunk = (int) Math.max(1, Math.min(64, 600 / Math.abs(t * step)));
    for (int start = 0; start < mass.length; start += chunk) {
      double part = 0;
      double weight = 1;
      for (int i = start; i < Math.min(mass.length, start + chunk); i++) {
        part += mass[i] * weight;
        weight *= factor;
      }
      if (part > 0) {
        sum.add(t * point(start) + Math.log(part));
      }
    }
    return sum.value();
  }
}
