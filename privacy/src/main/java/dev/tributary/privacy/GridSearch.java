package dev.tributary.privacy;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.DoublePredicate;
import java.util.function.UnaryOperator;

/**
 * The two-dimensional search of {@link Calibrator}: grid exponent k, for gridStep = C 2^-k, and
 * noise multiplier z.
 *
 * @param family the mechanism of a noise multiplier
 * @param sampled what a round releases of somebody who may be in its cohort, by what it releases of
 *     somebody who is
 */
record GridSearch(
    Calibrator.Request request,
    DoubleFunction<Mechanism> family,
    UnaryOperator<PrivacyEvent> sampled) {
  static final int FINEST = 24;

  private static final Accountant ACCOUNTANT = new RdpAccountant();
  private static final double INFLATION = 0x1p-12;
  private static final double LEAST_NOISE = 0x1p-30;
  private static final double MOST_NOISE = 0x1p40;
  private static final double PRECISION = 1 + 1e-12;

  PipelineSpec spec(int k, double z) {
    return Calibrator.spec(
        request.length(),
        request.clipNorm(),
        k,
        request.ringBits().orElse(Calibrator.WIDEST_RING),
        request.maximumCohort(),
        family.apply(z));
  }

  int startExponent() {
    return request.ringBits().isPresent() ? FINEST : idealExponent();
  }

  int idealExponent() {
    int k = 0;
    while (k < FINEST && inflation(k) > INFLATION) {
      k++;
    }
    return k;
  }

  private double inflation(int k) {
    double rounded = Math.scalb(spec(k, 1).integerNormBound(), -k);
    return rounded * rounded - 1;
  }

  double epsilon(PipelineSpec spec) {
    return guarantee(spec).epsilon();
  }

  private Guarantee guarantee(PipelineSpec spec) {
    List<Charge> charges =
        List.of(Charge.of(sampled.apply(spec.event()), request.participations()));
    return ACCOUNTANT.epsilon(charges, request.delta(), Unit.USER, request.relation());
  }

  /** Smallest z, from above, whose epsilon is within the budget on grid k. */
  double leastNoise(int k) {
    return boundary(z -> epsilon(spec(k, z)) <= request.epsilon());
  }

  /** Smallest epsilon on grid k with as much noise as the ring carries. */
  double leastEpsilon(int k) {
    double tooMuch = boundary(z -> !fits(spec(k, z)));
    PipelineSpec spec = spec(k, tooMuch / PRECISION);
    return carries(spec) ? epsilon(spec) : Double.POSITIVE_INFINITY;
  }

  boolean carries(PipelineSpec spec) {
    return PipelineCheck.violation(spec).isEmpty();
  }

  private static boolean fits(PipelineSpec spec) {
    return RingFit.of(spec).fits(spec.ringBits());
  }

  /** Smallest z, from above, at which a property holds that holds for all larger ones. */
  private static double boundary(DoublePredicate holds) {
    double high = 1;
    while (high < MOST_NOISE && !holds.test(high)) {
      high *= 2;
    }
    double low = high / 2;
    while (low > LEAST_NOISE && holds.test(low)) {
      high = low;
      low /= 2;
    }
    while (high / low > PRECISION) {
      double middle = Math.sqrt(high * low);
      if (holds.test(middle)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  Calibrator.Plan plan(PipelineSpec spec) {
    int bits = request.ringBits().orElse(RingFit.of(spec).requiredBits());
    return Calibrator.Plan.of(spec, bits, guarantee(spec));
  }

  UnreachableBudgetException ringTooSmall(PipelineSpec wanted, double reached) {
    int limit = request.ringBits().orElse(Calibrator.WIDEST_RING);
    int bits = RingFit.of(wanted).requiredBits();
    String wayOut =
        bits <= Calibrator.WIDEST_RING
            ? "A ring of " + bits + " bits would do"
            : "Lower the cohort, the length or the participations";
    String found =
        Double.isInfinite(reached)
            ? " does not carry "
                + request.maximumCohort()
                + " contributions of "
                + request.length()
                + " floats at all. "
            : " carries "
                + request.maximumCohort()
                + " contributions of "
                + request.length()
                + " floats down to epsilon "
                + reached
                + ". ";
    return new UnreachableBudgetException(
        "epsilon "
            + request.epsilon()
            + " at delta "
            + request.delta()
            + " is out of reach: a ring of "
            + limit
            + " bits"
            + found
            + wayOut,
        reached);
  }
}
