package dev.tributary.privacy;

/**
 * The scale that spreads a rotated, noised sum over a ring so that it stays k standard deviations
 * clear of wrapping (Kairouz, Liu, Steinke 2021, section 5.1), for a ring narrower than the one
 * that {@link PipelineSpec#check()} proves safe. It is a heuristic on utility: privacy does not
 * depend on it.
 */
public final class HeuristicScale {
  private HeuristicScale() {}

  /**
   * s = sqrt(2^(2w) - k^2 n) / (2 k sqrt(rho c^2 n^2 / d + n sigma^2)), the integers per model
   * unit.
   *
   * @param shareSigma sigma, standard deviation of one client's noise (model units)
   * @param clipNorm c (model units)
   * @param ringBits w
   * @param contributors n
   * @param dimension d, padding included
   * @param deviations k
   * @param rho flattening constant, 1 for a dense rotation
   * @throws PipelineException if rounding alone fills the ring
   */
  public static double factor(
      double shareSigma,
      double clipNorm,
      int ringBits,
      int contributors,
      long dimension,
      double deviations,
      double rho) {
    Checks.positive("shareSigma", shareSigma);
    Checks.positive("clipNorm", clipNorm);
    Checks.atLeast("ringBits", 1, ringBits);
    Checks.atLeast("contributors", 1, contributors);
    Checks.atLeast("dimension", 1L, dimension);
    Checks.positive("deviations", deviations);
    Checks.positive("rho", rho);
    double n = contributors;
    double room = Math.scalb(1.0, 2 * ringBits) - deviations * deviations * n;
    if (!(room > 0)) {
      throw new PipelineException(
          "a ring of "
              + ringBits
              + " bits cannot hold the rounding of "
              + contributors
              + " contributions. Raise ringBits");
    }
    double signal = rho * clipNorm * clipNorm * n * n / dimension;
    double noise = n * shareSigma * shareSigma;
    return Math.sqrt(room) / (2 * deviations * Math.sqrt(signal + noise));
  }
}
