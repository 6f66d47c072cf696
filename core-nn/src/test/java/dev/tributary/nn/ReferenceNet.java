package dev.tributary.nn;

import dev.tributary.nn.data.Dataset;

/** The mean loss of a model, written down once more in double, as plainly as can be. */
public final class ReferenceNet {
  private final ModelSpec spec;

  public ReferenceNet(ModelSpec spec) {
    this.spec = spec;
  }

  /** Mean loss over the rows. */
  public double loss(double[] parameters, Dataset data, int[] rows) {
    double sum = 0;
    for (int row : rows) {
      sum += loss(parameters, data, row);
    }
    return sum / rows.length;
  }

  /** Central differences of {@link #loss}. */
  public double[] gradient(float[] at, Dataset data, int[] rows) {
    double h = 1e-6;
    double[] parameters = new double[at.length];
    for (int i = 0; i < at.length; i++) {
      parameters[i] = at[i];
    }
    double[] gradient = new double[at.length];
    for (int i = 0; i < at.length; i++) {
      parameters[i] = at[i] + h;
      double above = loss(parameters, data, rows);
      parameters[i] = at[i] - h;
      gradient[i] = (above - loss(parameters, data, rows)) / (2 * h);
      parameters[i] = at[i];
    }
    return gradient;
  }

  private double loss(double[] parameters, Dataset data, int row) {
    float[] features = new float[spec.inputs()];
    data.features(row, features, 0);
    double[] x = new double[features.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = features[i];
    }
    int at = 0;
    for (Layer layer : spec.layers()) {
      if (layer instanceof Layer.Rescaling rescaling) {
        for (int i = 0; i < x.length; i++) {
          x[i] = x[i] * rescaling.scale() + rescaling.offset();
        }
      } else if (layer instanceof Layer.Dense dense) {
        double[] y = new double[dense.units()];
        for (int j = 0; j < y.length; j++) {
          y[j] = parameters[at + x.length * y.length + j];
          for (int i = 0; i < x.length; i++) {
            y[j] += x[i] * parameters[at + i * y.length + j];
          }
        }
        at += x.length * y.length + y.length;
        x = activate(dense.activation(), y);
      }
    }
    if (spec.loss() == Loss.SPARSE_CATEGORICAL_CROSSENTROPY) {
      return -Math.log(x[data.label(row)]);
    }
    double sum = 0;
    for (int j = 0; j < x.length; j++) {
      double target = x.length == 1 ? data.target(row) : data.label(row) == j ? 1 : 0;
      sum += (x[j] - target) * (x[j] - target);
    }
    return sum / x.length;
  }

  private static double[] activate(Activation activation, double[] y) {
    double total = 0;
    for (int j = 0; j < y.length; j++) {
      y[j] =
          switch (activation) {
            case LINEAR -> y[j];
            case RELU -> Math.max(0, y[j]);
            case TANH -> Math.tanh(y[j]);
            case SIGMOID -> 1 / (1 + Math.exp(-y[j]));
            case SOFTMAX -> Math.exp(y[j]);
            default -> throw new IllegalArgumentException(activation.key());
          };
      total += y[j];
    }
    for (int j = 0; activation == Activation.SOFTMAX && j < y.length; j++) {
      y[j] /= total;
    }
    return y;
  }
}
