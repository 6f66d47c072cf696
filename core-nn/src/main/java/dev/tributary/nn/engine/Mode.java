package dev.tributary.nn.engine;

/** What the gradient of a program is. */
public sealed interface Mode {

  /** The gradient of the mean loss over the batch. */
  record WholeBatch() implements Mode {}

  /** The gradient of the mean loss over the batch. */
  static Mode wholeBatch() {
    return new WholeBatch();
  }
}
