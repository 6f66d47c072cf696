package dev.tributary.privacy;

import java.util.Arrays;

/** Reference values of adaptive clipping, and of trees that a unit enters once. */
final class ReferenceMechanisms {
  private static final RdpAccountant RDP = new RdpAccountant();

  private ReferenceMechanisms() {}

  static double of(ReferenceRow row) {
    return switch (row.cell("mechanism")) {
      case "andrew2021" ->
          updateNoise(row.number("noise_multiplier"), 2 * row.parameter("sigma_b"));
      case "geometric_update" ->
          row.parameter("clip")
              * Math.exp(
                  -row.parameter("eta")
                      * (row.parameter("noisy_fraction_unclipped")
                          - row.parameter("target_quantile")));
      case "tree_no_restart" -> tree(row, treeSquared(row));
      case "tree_restart" -> tree(row, row.parameter("sum_depth"));
      case "single_epoch_tree" ->
          tree(
              row,
              Arrays.stream(row.list("step_counts"))
                  .map(ReferenceMechanisms::depth)
                  .max()
                  .orElseThrow());
      default -> throw ReferenceValues.unknown(row);
    };
  }

  /** z_Delta = (z^-2 - (2 sigma_b)^-2)^(-1/2), Andrew et al. 2021, Theorem 1. */
  private static double updateNoise(double z, double bit) {
    return 1 / Math.sqrt(1 / (z * z) - 1 / (bit * bit));
  }

  /** Nodes of a binary tree over so many leaves that hold one of them, at most. */
  private static double depth(double steps) {
    return Math.getExponent(steps) + 1;
  }

  private static double treeSquared(ReferenceRow row) {
    if (row.countOf("max_participation") > 1) {
      throw ReferenceValues.unknown(row);
    }
    return depth(row.number("steps"));
  }

  private static double tree(ReferenceRow row, double squared) {
    double z = row.number("noise_multiplier") / Math.sqrt(squared);
    return switch (row.cell("quantity")) {
      case "sensitivity_sq" -> squared;
      case "epsilon_exact_gaussian" -> AnalyticGaussian.epsilon(z, row.number("delta"));
      default ->
          RDP.epsilon(
              RenyiCurve.of(new PrivacyEvent.Gaussian(z), Relation.ZERO_OUT),
              1,
              row.number("delta"));
    };
  }
}
