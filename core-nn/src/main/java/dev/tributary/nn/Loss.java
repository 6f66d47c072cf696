package dev.tributary.nn;

import java.util.Locale;

/** What training makes small; always the mean over the examples of a batch. */
public enum Loss {
  /** -ln of the probability given to the label; the last layer must be a softmax. */
  SPARSE_CATEGORICAL_CROSSENTROPY,
  /**
   * Mean over the outputs of (output - target)^2. With one output the target is the example's
   * number; with several it is 1 at the label and 0 elsewhere.
   */
  SQUARED_ERROR;

  /** The name in a model description: lower case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
