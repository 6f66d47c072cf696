package dev.tributary.nn;

import java.util.List;

/**
 * What changes a loss.
 *
 * @param delta where Huber's loss becomes linear, above 0; 1 by default
 * @param labelSmoothing in [0, 1): the target becomes (1 - s) target + s / classes (Szegedy et al.
 *     2016, section 7), for binary cross-entropy (1 - s) target + s / 2; 0 by default
 * @param classWeights the loss of an example is multiplied by the weight of its label; the mean is
 *     still over the number of examples, as in Keras. Empty: all 1
 */
public record LossSettings(double delta, double labelSmoothing, List<Double> classWeights) {
  /** Nothing changed. */
  public static final LossSettings STANDARD = new LossSettings(1, 0, List.of());

  public LossSettings {
    classWeights = List.copyOf(classWeights);
  }

  /** Refuses settings that do not belong to the loss or are out of range. */
  void check(Loss loss, int classes) {
    LayerRules.hold(
        delta > 0 && delta <= 1e9, "delta must be above 0 and at most 1e9, came " + delta);
    LayerRules.hold(delta == 1 || loss == Loss.HUBER, "delta belongs to huber");
    LayerRules.hold(
        labelSmoothing >= 0 && labelSmoothing < 1,
        "labelSmoothing must be at least 0 and below 1, came " + labelSmoothing);
    LayerRules.hold(
        labelSmoothing == 0 || loss.isCategorical() || loss == Loss.BINARY_CROSSENTROPY,
        "labelSmoothing belongs to the cross-entropies");
    if (!classWeights.isEmpty()) {
      LayerRules.hold(
          loss.isCategorical() || loss == Loss.BINARY_CROSSENTROPY,
          "classWeights belong to the cross-entropies");
      int expected = classes == 1 ? 2 : classes;
      LayerRules.hold(
          classWeights.size() == expected,
          "classWeights: expected one for each of "
              + expected
              + " classes, came "
              + classWeights.size());
      for (double weight : classWeights) {
        LayerRules.hold(
            weight >= 0 && weight <= 1e9, "a class weight must be in [0, 1e9], came " + weight);
      }
    }
  }
}
