package dev.tributary.client.round;

import dev.tributary.client.Trained;
import dev.tributary.plan.Plan;
import dev.tributary.plan.Segments;
import java.util.Arrays;

/** Puts what a strategy asks for behind the update. */
final class Extras {
  private Extras() {}

  /**
   * What is encoded: the update, and what the plan asks for ({@link Segments}).
   *
   * @param changed what the client's control variate changes by, float32[d]; empty where the plan
   *     has none
   */
  static float[] of(Plan plan, Trained trained, float[] changed) {
    float[] update = trained.update();
    int extras = (plan.asksFor(Segments.WEIGHT) ? 1 : 0) + (plan.asksFor(Segments.STEPS) ? 1 : 0);
    if (changed.length + extras == 0) {
      return update;
    }
    float[] whole = Arrays.copyOf(update, update.length + changed.length + extras);
    System.arraycopy(changed, 0, whole, update.length, changed.length);
    if (extras > 0) {
      weigh(plan, trained, whole);
    }
    return whole;
  }

  /**
   * w u, w and w a: w the part of the examples that counts, a the part of the most steps, and u the
   * update, by a where steps travel, so that it is what the most steps would have made of it, and
   * clipped to C, {@link Plan#scalarUnit}. A client beyond {@link Plan#maximumExamples} counts as
   * one that has just so many.
   */
  private static void weigh(Plan plan, Trained trained, float[] whole) {
    int d = trained.update().length;
    double unit = plan.scalarUnit();
    double weight =
        Math.min(trained.examples(), plan.maximumExamples()) / (double) plan.maximumExamples();
    double factor = weight;
    whole[d] = (float) (weight * unit);
    if (plan.asksFor(Segments.STEPS)) {
      double steps = trained.effectiveSteps();
      factor = steps == 0 ? 0 : weight * plan.maximumSteps() / steps;
      whole[d + 1] = (float) (weight * unit * Math.min(1, steps / plan.maximumSteps()));
    }
    double norm = 0;
    for (int i = 0; i < d; i++) {
      norm += (double) whole[i] * whole[i];
    }
    norm = Math.sqrt(norm) * (weight == 0 ? 1 : factor / weight);
    double clipped = norm > unit ? factor * (unit / norm) : factor;
    for (int i = 0; i < d; i++) {
      whole[i] = (float) (whole[i] * clipped);
    }
  }

  /**
   * c_i+ of SCAFFOLD (Karimireddy et al. 2020, algorithm 1, option II): c_i - c - u / (K eta), K
   * being the effective steps. A client that has not stepped, or whose numbers ran out of range,
   * keeps what it has.
   *
   * @param own c_i, float32[d]
   * @param server c, float32[d]
   */
  static float[] control(Plan plan, Trained trained, float[] own, float[] server) {
    Double rate = plan.training().optimizerParameters().get("learningRate");
    double scale = trained.effectiveSteps() * (rate == null ? 0 : rate);
    float[] next = own.clone();
    if (scale > 0) {
      float[] update = trained.update();
      for (int i = 0; i < next.length; i++) {
        next[i] = (float) (own[i] - server[i] - update[i] / scale);
        if (!Float.isFinite(next[i])) {
          return own.clone();
        }
      }
    }
    return next;
  }
}
