package dev.tributary.privacy;

import dev.tributary.privacy.loss.LogSum;
import dev.tributary.privacy.loss.LossPair;
import dev.tributary.privacy.loss.MixedPair;
import dev.tributary.privacy.loss.ReplacedGaussianPair;
import dev.tributary.privacy.loss.SampledGaussianPair;

/**
 * A Poisson sample cut down to a cap (dp_accounting, supplementary material on privacy loss
 * distributions, section 4.3). Given that the others alone reach the cap, which has the probability
 * p, a unit that is in the sample has pushed another one out, and the sum moves by up to 2 C;
 * otherwise the sample is a plain Poisson sample. Whoever is told which of both it was knows more
 * than anybody does.
 */
final class TruncatedPoisson {
  private final double q;
  private final double noise;
  private final boolean replace;
  private final double cut;
  private final double rateWhenCut;

  private TruncatedPoisson(
      double q, double noise, boolean replace, double cut, double rateWhenCut) {
    this.q = q;
    this.noise = noise;
    this.replace = replace;
    this.cut = cut;
    this.rateWhenCut = rateWhenCut;
  }

  static TruncatedPoisson of(PrivacyEvent.TruncatedPoissonSampled event, Relation relation) {
    int n = event.population();
    double q = event.rate();
    double othersFill = Binomial.atLeast(n - 1, q, event.cap());
    double rate = 0;
    if (othersFill > 0) {
      // Given that the cap is reached by the others, of cap + 1 or more every one has the same
      // chance to be among those that stay.
      double all = Binomial.atLeast(n, q, event.cap() + 1);
      rate = Math.min(1, all * event.cap() / othersFill / n);
    }
    return new TruncatedPoisson(
        q,
        event.event().noiseMultiplier(),
        relation == Relation.REPLACE_ONE,
        rate > 0 ? othersFill : 0,
        rate);
  }

  /** One direction; both are the same under REPLACE_ONE. */
  LossPair pair(boolean remove) {
    LossPair plain =
        replace ? new ReplacedGaussianPair(q, noise) : new SampledGaussianPair(q, noise, remove);
    return cut == 0
        ? plain
        : new MixedPair(plain, new ReplacedGaussianPair(rateWhenCut, noise / 2), cut);
  }

  /** A mixes as the pairs do: E_Q[(P/Q)^a] is jointly convex. */
  RenyiCurve curve() {
    RenyiCurve plain =
        replace ? SampledGaussian.replaced(q, noise) : SampledGaussian.curve(q, noise);
    if (cut == 0) {
      return plain;
    }
    RenyiCurve pushed = SampledGaussian.replaced(rateWhenCut, noise / 2);
    return a -> {
      LogSum sum = new LogSum();
      sum.add(Math.log1p(-cut) + (a - 1) * plain.at(a));
      sum.add(Math.log(cut) + (a - 1) * pushed.at(a));
      return Math.max(0, sum.value() / (a - 1));
    };
  }
}
