package dev.tributary.nn.engine.java;

import dev.tributary.nn.engine.Batch;

/** What the stages share while a program runs. */
final class Step {
  private static final float[] NOTHING = {};

  float[] parameters = NOTHING;

  /** float32[d], receives the gradient. */
  float[] gradient = NOTHING;

  int rows;
  boolean training;
  long seed;

  void begin(float[] parameters, float[] gradient, Batch batch, boolean training) {
    this.parameters = parameters;
    this.gradient = gradient;
    this.rows = batch.rows();
    this.seed = batch.seed();
    this.training = training;
  }
}
