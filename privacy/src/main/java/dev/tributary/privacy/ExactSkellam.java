package dev.tributary.privacy;

import dev.tributary.privacy.loss.AtomicPair;

/**
 * Exact Skellam noise on the integers, shifted by an integer: P(k) = e^-V I_|k|(V) for the variance
 * V (Agarwal, Kairouz, Liu 2021, section 2). The Bessel functions come from their downward
 * recurrence I_(k-1) = I_(k+1) + (2 k / V) I_k, normalised so that P sums to 1.
 */
final class ExactSkellam {
  private static final double REACH = 40;
  private static final double MOST_VARIANCE = 1e10;

  private ExactSkellam() {}

  /** ln P(k) for k from 0 to the reach of what matters at shifts up to {@code shift}. */
  private static double[] logMass(double variance, int shift) {
    Checks.positive("variance", variance);
    if (variance > MOST_VARIANCE) {
      throw new IllegalArgumentException("variance must be <= 1e10, was " + variance);
    }
    int most = (int) Math.ceil(REACH * (1 + Math.sqrt(variance))) + 2 * shift;
    double[] log = new double[most + 1];
    double ratio = 0; // P(k + 1) / P(k)
    double[] ratios = new double[most + 1];
    for (int k = most + 60; k >= 1; k--) {
      ratio = 1 / (ratio + 2.0 * k / variance);
      if (k <= most) {
        ratios[k] = ratio;
      }
    }
    double total = 1;
    for (int k = 1; k <= most; k++) {
      log[k] = log[k - 1] + Math.log(ratios[k]);
      total += 2 * Math.exp(log[k]);
    }
    for (int k = 0; k <= most; k++) {
      log[k] -= Math.log(total);
    }
    return log;
  }

  /** The loss distribution of one release. */
  static AtomicPair pair(double variance, int shift) {
    Checks.atLeast("shift", 1, shift);
    double[] log = logMass(variance, shift);
    int reach = log.length - 1 - shift;
    double[] losses = new double[2 * reach + 1];
    double[] masses = new double[2 * reach + 1];
    for (int k = -reach; k <= reach; k++) {
      losses[k + reach] = log[Math.abs(k)] - log[Math.abs(k - shift)];
      masses[k + reach] = Math.exp(log[Math.abs(k)]);
    }
    return new AtomicPair(losses, masses, 0);
  }
}
