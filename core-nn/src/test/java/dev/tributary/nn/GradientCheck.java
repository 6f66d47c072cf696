package dev.tributary.nn;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import dev.tributary.nn.engine.java.JavaEngine;
import dev.tributary.nn.engine.java.PlainKernels;

/**
 * The gradient of a program against central differences of the loss that it returns. {@link
 * DoublePrecision} compiles this class, with the engine, to double.
 */
public final class GradientCheck {
  private GradientCheck() {}

  /**
   * The gradients of a model at a random point.
   *
   * @param h step of the differences; 0: none are made
   * @return double[2][d]: what the program says, and central differences of step {@code h}
   */
  public static double[][] of(String json, int rows, long seed, double h) {
    ModelSpec spec = ModelSpec.fromJson(json);
    float[] parameters = Samples.values(spec, seed);
    Dataset data = Samples.data(spec, rows, seed);
    float[] gradient = new float[parameters.length];
    double[][] both = new double[2][parameters.length];
    try (Program program =
        new JavaEngine(PlainKernels::new).compile(spec, rows, Mode.wholeBatch())) {
      Batch batch = new Batch(spec, rows);
      batch.seed(seed);
      batch.fill(data, LocalTraining.order(rows), 0, rows);
      program.gradient(parameters, batch, gradient);
      float[] ignored = new float[parameters.length];
      for (int i = 0; i < parameters.length; i++) {
        both[0][i] = gradient[i];
        if (h == 0) {
          continue;
        }
        float at = parameters[i];
        parameters[i] = (float) (at + h);
        double above = program.gradient(parameters, batch, ignored);
        parameters[i] = (float) (at - h);
        double below = program.gradient(parameters, batch, ignored);
        parameters[i] = at;
        both[1][i] = (above - below) / (2 * h * rows);
      }
    }
    return both;
  }
}
