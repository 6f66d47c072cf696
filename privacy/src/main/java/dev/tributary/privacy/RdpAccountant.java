package dev.tributary.privacy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Composes events by Renyi differential privacy (Mironov 2017) and converts with Proposition 12 of
 * Canonne, Kamath, Steinke 2020: epsilon = min over a of r(a) + log1p(-1/a) - ln(delta a) / (a -
 * 1). Where delta exceeds the total variation bound sqrt(1 - exp(-r)) (Bretagnolle, Huber), epsilon
 * is 0.
 *
 * <p>Symbols: a order, r(a) composed Renyi divergence of order a.
 */
public final class RdpAccountant implements Accountant {
  private static final double[] DEFAULT_ORDERS = defaultOrders();

  private final double[] orders;

  /** Orders 1.1 to 10.9 by 0.1, 11 to 63, 128, 256, 512, 1024. */
  public RdpAccountant() {
    this(DEFAULT_ORDERS);
  }

  /**
   * @param orders each at least 1.01 and finite
   */
  public RdpAccountant(double... orders) {
    if (orders.length == 0) {
      throw new IllegalArgumentException("at least one order is needed");
    }
    for (double order : orders) {
      if (!(order >= 1.01) || Double.isInfinite(order)) {
        throw new IllegalArgumentException("an order must be >= 1.01 and finite, was " + order);
      }
    }
    this.orders = orders.clone();
    Arrays.sort(this.orders);
  }

  private static double[] defaultOrders() {
    double[] orders = new double[99 + 53 + 4];
    int n = 0;
    for (int tenths = 11; tenths <= 109; tenths++) {
      orders[n++] = tenths / 10.0;
    }
    for (int order = 11; order <= 63; order++) {
      orders[n++] = order;
    }
    for (int order = 128; order <= 1024; order *= 2) {
      orders[n++] = order;
    }
    return orders;
  }

  @Override
  public String id() {
    return "rdp";
  }

  @Override
  public Guarantee epsilon(List<Charge> charges, double delta, Unit unit, Relation relation) {
    Checks.delta(delta);
    Least least = least(charges, relation, (order, r) -> epsilonAt(order, r, delta));
    return new Guarantee(least.bound(), delta, unit, relation, id(), least.order());
  }

  @Override
  public Guarantee delta(List<Charge> charges, double epsilon, Unit unit, Relation relation) {
    Checks.notNegative("epsilon", epsilon);
    Least least = least(charges, relation, (order, r) -> logDeltaAt(order, r, epsilon));
    double delta = Math.exp(least.bound());
    return new Guarantee(epsilon, Math.min(1, delta), unit, relation, id(), least.order());
  }

  /** Of one curve, composed {@code count} times. */
  double epsilon(RenyiCurve curve, int count, double delta) {
    Checks.delta(delta);
    double least = Double.POSITIVE_INFINITY;
    for (double order : orders) {
      least = Math.min(least, epsilonAt(order, count * curve.at(order), delta));
    }
    return least;
  }

  /** What a divergence gives at an order; not less for a larger divergence. */
  private interface Conversion {
    double at(double order, double divergence);
  }

  private record Least(double bound, double order) {}

  /**
   * The least bound of all orders. Divergences do not fall with the order, so one that is known
   * bounds those of the orders above it, and what cannot become the least is not computed: whole
   * orders come first, where sampled events have a sum, then the others, which need quadrature.
   */
  private Least least(List<Charge> charges, Relation relation, Conversion conversion) {
    List<RenyiCurve> curves = new ArrayList<>();
    charges.forEach(charge -> curves.add(RenyiCurve.of(charge.event(), relation)));
    double[] known = new double[orders.length];
    Arrays.fill(known, Double.NaN);
    Least least = new Least(Double.POSITIVE_INFINITY, orders[0]);
    for (boolean whole : new boolean[] {true, false}) {
      double below = 0;
      for (int i = 0; i < orders.length; i++) {
        double order = orders[i];
        if (whole == (order == Math.rint(order)) && conversion.at(order, below) < least.bound()) {
          double sum = 0;
          for (int c = 0; c < curves.size(); c++) {
            sum += charges.get(c).count() * curves.get(c).at(order);
          }
          known[i] = sum;
          double bound = conversion.at(order, sum);
          if (bound < least.bound()) {
            least = new Least(bound, order);
          }
        }
        below = Double.isNaN(known[i]) ? below : known[i];
      }
    }
    return least;
  }

  private static double epsilonAt(double order, double divergence, double delta) {
    if (delta * delta + Math.expm1(-divergence) > 0) {
      return 0;
    }
    double epsilon =
        divergence + Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1);
    return Math.max(0, epsilon);
  }

  private static double logDeltaAt(double order, double divergence, double epsilon) {
    double conversion =
        (order - 1) * (divergence - epsilon + Math.log1p(-1 / order)) - Math.log(order);
    double totalVariation = 0.5 * Math.log(-Math.expm1(-divergence));
    return Math.min(conversion, totalVariation);
  }
}
