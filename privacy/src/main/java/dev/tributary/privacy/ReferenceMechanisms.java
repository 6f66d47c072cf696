package dev.tributary.privacy;

import dev.tributary.privacy.correlated.BandedToeplitz;
import dev.tributary.privacy.correlated.BinaryTree;
import dev.tributary.privacy.correlated.BufferedToeplitz;
import dev.tributary.privacy.correlated.Schedule;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/** Reference values of adaptive clipping and of correlated noise. */
final class ReferenceMechanisms {
  private static final RdpAccountant RDP = new RdpAccountant();

  private ReferenceMechanisms() {}

  static double of(ReferenceRow row) {
    return switch (row.cell("mechanism")) {
      case "andrew2021" ->
          new AdaptiveClip(0.5, 0.2, row.number("noise_multiplier"), row.parameter("sigma_b"))
              .updateNoiseMultiplier();
      case "geometric_update" ->
          new AdaptiveClip(row.parameter("target_quantile"), row.parameter("eta"), 1, 1)
              .next(row.parameter("clip"), row.parameter("noisy_fraction_unclipped"));
      case "tree_no_restart" -> tree(row, treeSquared(row));
      case "tree_restart" -> tree(row, entered(row, "steps_list").sum());
      case "single_epoch_tree" -> tree(row, entered(row, "step_counts").max().orElseThrow());
      case "sqrt_toeplitz_prefix_sum" -> squareRoot(row);
      case "banded_sqrt_toeplitz" -> banded(row);
      case "blt" -> buffered(row);
      default -> throw ReferenceValues.unknown(row);
    };
  }

  /** Squared sensitivities of trees of these lengths, each entered once. */
  private static DoubleStream entered(ReferenceRow row, String lengths) {
    return Arrays.stream(row.list(lengths))
        .map(
            steps ->
                new BinaryTree(false)
                    .sensitivitySquared(new Schedule((int) Math.round(steps), 1, 1)));
  }

  private static double treeSquared(ReferenceRow row) {
    int separation = Math.max(1, row.countOf("min_separation"));
    return new BinaryTree(false)
        .sensitivitySquared(
            new Schedule(row.count("steps"), row.countOf("max_participation"), separation));
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

  private static double squareRoot(ReferenceRow row) {
    int n = row.count("steps");
    double squared = new BandedToeplitz(n).sensitivitySquared(new Schedule(n, 1, n));
    return row.cell("quantity").startsWith("sensitivity") ? squared : squared * squared;
  }

  private static double banded(ReferenceRow row) {
    int n = row.count("steps");
    BandedToeplitz banded = new BandedToeplitz(row.countOf("bands"));
    return row.cell("quantity").equals("sensitivity_sq")
        ? banded.sensitivitySquared(
            new Schedule(n, row.countOf("participations"), row.countOf("min_sep")))
        : banded.maximumVariance(n);
  }

  private static double buffered(ReferenceRow row) {
    BufferedToeplitz blt = new BufferedToeplitz(row.list("omega"), row.list("theta"));
    int n = row.count("steps");
    return switch (row.cell("quantity")) {
      case "sensitivity_sq" ->
          blt.sensitivitySquared(
              new Schedule(n, row.countOf("participations"), row.countOf("min_sep")));
      case "max_error_var_noise1" -> blt.maximumVariance(n);
      case "mean_error_var_noise1" -> blt.meanVariance(n);
      default -> throw ReferenceValues.unknown(row);
    };
  }
}
