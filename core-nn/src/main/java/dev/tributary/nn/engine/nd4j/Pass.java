package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.engine.Batch;

/** What one run of a program works on. */
final class Pass {
  private final float[] parameters;
  private final Batch batch;

  Pass(float[] parameters, Batch batch) {
    this.parameters = parameters;
    this.batch = batch;
  }

  /** float32[d], not to be changed. */
  float[] parameters() {
    return parameters;
  }

  Batch batch() {
    return batch;
  }
}
