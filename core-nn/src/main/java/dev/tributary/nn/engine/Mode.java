package dev.tributary.nn.engine;

/** What the gradient of a program is. */
public sealed interface Mode {

  /** The gradient of the mean loss over the batch. */
  record WholeBatch() implements Mode {}

  /**
   * The sum over the rows of the gradient of each row's loss, scaled down to L2 norm {@code
   * clipNorm} where it is longer (Abadi et al. 2016, algorithm 1, before its noise). Statistics of
   * layers are no part of it.
   *
   * @param clipNorm above 0, finite
   */
  record PerExample(double clipNorm) implements Mode {
    public PerExample {
      if (!(clipNorm > 0) || clipNorm == Double.POSITIVE_INFINITY) {
        throw new EngineException("clipNorm must be above 0 and finite, came " + clipNorm);
      }
    }
  }

  /** As {@link PerExample}. */
  static Mode perExample(double clipNorm) {
    return new PerExample(clipNorm);
  }

  /** The gradient of the mean loss over the batch. */
  static Mode wholeBatch() {
    return new WholeBatch();
  }
}
