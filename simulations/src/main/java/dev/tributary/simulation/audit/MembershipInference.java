package dev.tributary.simulation.audit;

import dev.tributary.nn.ModelFile;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Whether a row was trained on, from the loss of a model on it: the loss itself (Yeom et al. 2018,
 * arXiv 1709.01604), or what it lies below the loss of a model that did not see the row (Watson et
 * al. 2022, arXiv 2111.08440). What counts is how many members are found while almost nobody is
 * accused wrongly (Carlini et al. 2022, arXiv 2112.03570).
 */
final class MembershipInference {
  private MembershipInference() {}

  /**
   * A row's score and whether it is a member's.
   *
   * @param value higher for likelier members
   */
  record Scored(double value, boolean member) {}

  /** The loss of each row. */
  static double[] losses(Engine engine, ModelFile model, Dataset rows) {
    double[] losses = new double[rows.size()];
    float[] parameters = model.parameters();
    float[] outputs = new float[model.spec().outputs()];
    Batch batch = new Batch(model.spec(), 1);
    try (Program program = engine.acquire(model.spec(), 1, Mode.wholeBatch())) {
      for (int row = 0; row < losses.length; row++) {
        batch.fill(rows, new int[] {row}, 0, 1);
        losses[row] = program.forward(parameters, batch, outputs);
      }
    }
    return losses;
  }

  /**
   * Scores of rows: the loss of the model negated, or with a reference what it lies below that.
   *
   * @param reference losses of the same rows; empty for none
   */
  static List<Scored> scores(double[] losses, double[] reference, boolean member) {
    List<Scored> scores = new ArrayList<>(losses.length);
    for (int i = 0; i < losses.length; i++) {
      scores.add(new Scored((reference.length == 0 ? 0 : reference[i]) - losses[i], member));
    }
    return scores;
  }

  /** The chance that a member scores above a non-member, equal scores counting half. */
  static double areaUnderCurve(List<Scored> scores) {
    List<Scored> sorted = sorted(scores);
    double below = 0;
    double pairs = 0;
    double others = 0;
    int from = 0;
    while (from < sorted.size()) {
      int to = from;
      int members = 0;
      while (to < sorted.size() && sorted.get(to).value() == sorted.get(from).value()) {
        members += sorted.get(to).member() ? 1 : 0;
        to++;
      }
      int strangers = to - from - members;
      below += members * (others + 0.5 * strangers);
      others += strangers;
      pairs += members;
      from = to;
    }
    return below / (pairs * others);
  }

  /**
   * The part of the members above the lowest threshold that at most this part of the others pass.
   */
  static double truePositives(List<Scored> scores, double falsePositives) {
    List<Scored> sorted = sorted(scores);
    long strangers = sorted.stream().filter(scored -> !scored.member()).count();
    long members = sorted.size() - strangers;
    long allowed = (long) Math.floor(falsePositives * strangers);
    long accused = 0;
    long found = 0;
    long best = 0;
    for (int i = sorted.size() - 1; i >= 0; i--) {
      if (sorted.get(i).member()) {
        found++;
      } else {
        accused++;
      }
      if (accused > allowed) {
        break;
      }
      boolean lastOfItsValue = i == 0 || sorted.get(i - 1).value() < sorted.get(i).value();
      best = lastOfItsValue ? found : best;
    }
    return (double) best / members;
  }

  private static List<Scored> sorted(List<Scored> scores) {
    return scores.stream().sorted(Comparator.comparingDouble(Scored::value)).toList();
  }
}
