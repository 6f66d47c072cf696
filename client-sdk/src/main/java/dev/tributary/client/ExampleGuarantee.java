package dev.tributary.client;

import dev.tributary.plan.ExamplePrivacy;
import dev.tributary.plan.TrainingTask;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.Guarantee;
import dev.tributary.privacy.NoisySum;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.RdpAccountant;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import java.util.List;
import java.util.Optional;

/**
 * What a client's updates tell about one example of its data, whoever sees them: the composition of
 * one Poisson-sampled discrete Gaussian for each step. Two data sets with as many rows are
 * compared, in one of which a row counts for nothing ({@link Relation#ZERO_OUT}): the number of
 * rows is not hidden.
 */
public final class ExampleGuarantee {
  private ExampleGuarantee() {}

  /**
   * Of all rounds that a client may take part in.
   *
   * @param rows of the client's data, at least 1
   * @param length trainable parameters
   * @param rounds that the client takes part in
   * @return empty where the plan hides no examples
   */
  public static Optional<Guarantee> of(TrainingTask task, int rows, int length, int rounds) {
    return task.examplePrivacy().map(terms -> of(task, terms, rows, length, rounds));
  }

  /**
   * The same as what an accountant composes: one event for each step.
   *
   * @return empty where the plan hides no examples; {@link Integer#MAX_VALUE} steps where there are
   *     more
   */
  static Optional<Charge> charge(TrainingTask task, int rows, int length, int rounds) {
    return task.examplePrivacy().map(terms -> charge(task, terms, rows, length, rounds));
  }

  private static Charge charge(
      TrainingTask task, ExamplePrivacy terms, int rows, int length, int rounds) {
    double rate = Math.min(1, (double) task.batchSize() / rows);
    PrivacyEvent sum = new NoisySum(length, terms.clipNorm(), terms.noiseMultiplier()).event();
    long steps = (long) task.localEpochs() * ((rows - 1) / task.batchSize() + 1);
    long count = Math.min(Integer.MAX_VALUE / 2, steps) * rounds;
    return new Charge(
        new PrivacyEvent.PoissonSampled(rate, sum), (int) Math.min(Integer.MAX_VALUE, count));
  }

  private static Guarantee of(
      TrainingTask task, ExamplePrivacy terms, int rows, int length, int rounds) {
    Charge charge = charge(task, terms, rows, length, rounds);
    if (charge.count() == Integer.MAX_VALUE) {
      return new Guarantee(
          Double.POSITIVE_INFINITY, terms.delta(), Unit.EXAMPLE, Relation.ZERO_OUT, "rdp", 1);
    }
    return new RdpAccountant()
        .epsilon(List.of(charge), terms.delta(), Unit.EXAMPLE, Relation.ZERO_OUT);
  }
}
