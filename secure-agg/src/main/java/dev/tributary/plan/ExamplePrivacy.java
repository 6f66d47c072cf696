package dev.tributary.plan;

/**
 * What the plan asks of each step of a client's training, so that single examples of its data stay
 * hidden from whoever sees its update, masked or not. It says nothing about the client's data as a
 * whole: that is the pipeline's, and the two are never added up.
 *
 * @param clipNorm largest L2 norm of the gradient of one example
 * @param noiseMultiplier standard deviation of a step's noise over {@code clipNorm}
 * @param epsilon promised for one example over all rounds of a client
 * @param delta goes with epsilon
 */
public record ExamplePrivacy(
    double clipNorm, double noiseMultiplier, double epsilon, double delta) {
  public ExamplePrivacy {
    positive("clipNorm", clipNorm);
    positive("noiseMultiplier", noiseMultiplier);
    positive("epsilon", epsilon);
    positive("delta", delta);
    if (delta >= 1) {
      throw new PlanException("training.examplePrivacy.delta must be < 1. Provided: " + delta);
    }
  }

  private static void positive(String field, double value) {
    PlanChecks.finite("training.examplePrivacy." + field, value);
    if (!(value > 0)) {
      throw new PlanException(
          "training.examplePrivacy." + field + " must be > 0. Provided: " + value);
    }
  }
}
