package dev.tributary.nn;

import java.util.List;

/** The model of one local training, moved step by step by gradients. */
final class LocalSteps {
  private final ModelFile start;
  private final TrainingConfig config;
  private final Trainable part;
  private final List<Layout.Tensor> statistics;
  private final List<int[]> runs;
  private final Optimizer optimizer;
  private final float[] parameters;
  private final float[] gradient;
  private final long total;
  private int done;

  LocalSteps(ModelFile start, TrainingConfig config, int size) {
    this.start = start;
    this.config = config;
    this.part = start.spec().trainable();
    this.statistics =
        start.spec().statistics().stream().filter(tensor -> part.has(tensor.name())).toList();
    this.runs = part.runsWithout(statistics);
    this.parameters = start.parameters();
    this.gradient = new float[parameters.length];
    this.optimizer = config.optimizer().create(parameters.length);
    this.total = (long) config.localEpochs() * ((size - 1) / config.batchSize() + 1);
  }

  /** float32[d], the model now. */
  float[] parameters() {
    return parameters;
  }

  /** float32[d], to be filled before each step. */
  float[] gradient() {
    return gradient;
  }

  /** Steps taken. */
  int done() {
    return done;
  }

  /** Steps of the whole training. */
  long total() {
    return total;
  }

  /** One step by {@link #gradient}, which is overwritten. */
  void take() {
    follow();
    part.keep(gradient);
    clip(gradient, config.clipNorm());
    config.method().correct(gradient, parameters, start.shared());
    double factor = config.schedule().factor(done, total);
    for (int[] run : runs) {
      optimizer.step(parameters, gradient, run[0], run[1], factor);
    }
    optimizer.endStep();
    done++;
  }

  /** What has changed of what is trainable. */
  float[] update() {
    float[] update = part.gather(parameters);
    float[] from = part.gather(start.shared());
    for (int i = 0; i < update.length; i++) {
      update[i] -= from[i];
    }
    return update;
  }

  /** Moves statistics by what the batch says, and takes them out of the gradient. */
  private void follow() {
    for (Layout.Tensor tensor : statistics) {
      for (int i = tensor.offset(); i < tensor.offset() + tensor.length(); i++) {
        parameters[i] -= gradient[i];
        gradient[i] = 0f;
      }
    }
  }

  /** Scales a gradient whose L2 norm is above {@code norm} down to it. */
  private static void clip(float[] gradient, double norm) {
    if (norm == Double.POSITIVE_INFINITY) {
      return;
    }
    double square = 0;
    for (float value : gradient) {
      square += (double) value * value;
    }
    double length = Math.sqrt(square);
    if (length > norm) {
      float factor = (float) (norm / length);
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= factor;
      }
    }
  }
}
