package dev.tributary.privacy;

import java.util.List;
import java.util.function.IntToDoubleFunction;

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
    double[] divergence = compose(charges, relation);
    int best = leastBy(i -> epsilonAt(orders[i], divergence[i], delta));
    double epsilon = epsilonAt(orders[best], divergence[best], delta);
    return new Guarantee(epsilon, delta, unit, relation, id(), orders[best]);
  }

  @Override
  public Guarantee delta(List<Charge> charges, double epsilon, Unit unit, Relation relation) {
    Checks.notNegative("epsilon", epsilon);
    double[] divergence = compose(charges, relation);
    int best = leastBy(i -> logDeltaAt(orders[i], divergence[i], epsilon));
    double delta = Math.exp(logDeltaAt(orders[best], divergence[best], epsilon));
    return new Guarantee(epsilon, Math.min(1, delta), unit, relation, id(), orders[best]);
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

  private double[] compose(List<Charge> charges, Relation relation) {
    double[] sum = new double[orders.length];
    for (Charge charge : charges) {
      RenyiCurve curve = RenyiCurve.of(charge.event(), relation);
      for (int i = 0; i < orders.length; i++) {
        sum[i] += charge.count() * curve.at(orders[i]);
      }
    }
    return sum;
  }

  private int leastBy(IntToDoubleFunction value) {
    int best = 0;
    for (int i = 1; i < orders.length; i++) {
      if (value.applyAsDouble(i) < value.applyAsDouble(best)) {
        best = i;
      }
    }
    return best;
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
