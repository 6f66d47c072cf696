package dev.tributary.nn;

import java.util.Arrays;
import java.util.Locale;

/** What training makes small; always the mean over the examples of a batch. */
public enum Loss {
  /** -ln of the probability given to the label; the last activation must be softmax. */
  SPARSE_CATEGORICAL_CROSSENTROPY,
  /** -sum of target times ln of the probability; as the sparse one for one-hot targets. */
  CATEGORICAL_CROSSENTROPY,
  /** Mean over the outputs of -t ln p - (1 - t) ln(1 - p); the last activation must be sigmoid. */
  BINARY_CROSSENTROPY,
  /**
   * Mean over the outputs of (output - target)^2. With one output the target is the example's
   * number; with several it is 1 at the label and 0 elsewhere.
   */
  SQUARED_ERROR,
  /** Mean over the outputs of |output - target|. */
  ABSOLUTE_ERROR,
  /**
   * Mean over the outputs of e^2 / 2 for an error e up to delta, beyond it delta (|e| - delta / 2)
   * (Huber 1964).
   */
  HUBER,
  /**
   * Cross-entropy of each position of a sequence of tokens with the token behind it, the mean over
   * the positions; behind the last one stands the example's label. The input is [length], the
   * output [length, tokens] with activation softmax.
   */
  NEXT_TOKEN;

  /** The name in a model description: lower case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether each row or position ends in a softmax that is fused with the loss. */
  public boolean isCategorical() {
    return this == SPARSE_CATEGORICAL_CROSSENTROPY
        || this == CATEGORICAL_CROSSENTROPY
        || this == NEXT_TOKEN;
  }

  /** Refuses an output that it cannot judge. */
  void check(int[] input, int[] output, Activation last) {
    if (this == NEXT_TOKEN) {
      LayerRules.hold(
          input.length == 1 && output.length == 2 && input[0] == output[0],
          "takes tokens [length] to [length, tokens], the model takes "
              + Arrays.toString(input)
              + " to "
              + Arrays.toString(output));
    } else {
      LayerRules.hold(
          output.length == 1,
          "takes a vector, the last layer gives "
              + Arrays.toString(output)
              + ": put a flatten before the last dense layer");
    }
    int units = output[output.length - 1];
    if (isCategorical()) {
      LayerRules.hold(
          last == Activation.SOFTMAX && units >= 2,
          "the last layer must have activation softmax and at least 2 units, is "
              + last.key()
              + " with "
              + units);
    }
    LayerRules.hold(
        this != BINARY_CROSSENTROPY || last == Activation.SIGMOID,
        "the last layer must have activation sigmoid, is " + last.key());
  }
}
