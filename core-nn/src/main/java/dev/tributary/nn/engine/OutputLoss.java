package dev.tributary.nn.engine;

import dev.tributary.nn.Activation;
import dev.tributary.nn.FloatMath;
import dev.tributary.nn.Loss;
import dev.tributary.nn.LossSettings;
import dev.tributary.nn.ModelSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The end of every model: last activation and loss together, on heap arrays, one code for all
 * engines. Softmax and sigmoid are fused with their cross-entropies: the gradient of the logits is
 * (p - target) times the weight of the row.
 */
public final class OutputLoss {
  private final int outputs;
  private final int classes;
  private final Activation activation;
  private final Loss loss;
  private final float delta;
  private final float smoothing;
  private final float[] classWeights;

  public OutputLoss(ModelSpec model) {
    this.outputs = model.outputs();
    this.classes = model.classes();
    this.activation = activation(model);
    this.loss = model.loss();
    LossSettings settings = model.lossSettings();
    this.delta = (float) settings.delta();
    this.smoothing = (float) settings.labelSmoothing();
    this.classWeights = new float[settings.classWeights().size()];
    for (int i = 0; i < classWeights.length; i++) {
      classWeights[i] = settings.classWeights().get(i).floatValue();
    }
  }

  /**
   * The function of the last layer that is left to {@link #apply}; linear if the engine does it.
   */
  public static Activation activation(ModelSpec model) {
    Activation last = model.lastActivation();
    return last.fromOutputs() || model.loss().isCategorical() ? last : Activation.LINEAR;
  }

  /**
   * Activates the last layer and sums the losses.
   *
   * @param values float32[rows * outputs]: pre-activations, replaced by outputs
   * @param gradient null, or float32[rows * outputs]: receives the gradient of the sum of the
   *     losses times {@code scale} with respect to the pre-activations
   * @return the sum of the losses of the rows
   */
  public double apply(float[] values, Batch batch, float @Nullable [] gradient, float scale) {
    int rows = batch.rows();
    if (!loss.isCategorical() && loss != Loss.BINARY_CROSSENTROPY) {
      activation.apply(values, values, rows * outputs);
    }
    double lossSum = 0;
    for (int row = 0; row < rows; row++) {
      float weight = classWeights.length == 0 ? 1f : classWeights[label(batch, row)];
      int at = row * outputs;
      double rowLoss =
          switch (loss) {
            case SPARSE_CATEGORICAL_CROSSENTROPY ->
                sparse(values, at, batch.labels()[row], gradient, scale * weight);
            case CATEGORICAL_CROSSENTROPY ->
                categorical(values, at, batch.targets(), gradient, scale * weight);
            case NEXT_TOKEN -> nextToken(values, batch, row, gradient, scale);
            case BINARY_CROSSENTROPY ->
                binary(values, at, batch.targets(), gradient, scale * weight / outputs);
            default -> regression(values, at, batch.targets(), gradient, scale);
          };
      lossSum += classWeights.length == 0 || loss == Loss.NEXT_TOKEN ? rowLoss : weight * rowLoss;
    }
    if (gradient != null && !loss.isCategorical() && loss != Loss.BINARY_CROSSENTROPY) {
      activation.backward(values, values, gradient, gradient, rows * outputs);
    }
    return lossSum;
  }

  /** With one output and two classes the target is the class. */
  private int label(Batch batch, int row) {
    return outputs == 1 ? batch.targets()[row] > 0.5f ? 1 : 0 : batch.labels()[row];
  }

  /** Turns {@code values[start, start + classes)} into probabilities; ln of their common factor. */
  private double softmax(float[] values, int start) {
    float highest = values[start];
    for (int i = start + 1; i < start + classes; i++) {
      highest = Math.max(highest, values[i]);
    }
    float sum = 0;
    for (int i = start; i < start + classes; i++) {
      values[i] = FloatMath.exp(values[i] - highest);
      sum += values[i];
    }
    float scale = 1f / sum;
    for (int i = start; i < start + classes; i++) {
      values[i] *= scale;
    }
    return StrictMath.log(sum) + highest;
  }

  private double sparse(
      float[] values, int start, int label, float @Nullable [] gradient, float weight) {
    double logit = values[start + label];
    double mean = 0;
    if (smoothing != 0) {
      for (int i = start; i < start + classes; i++) {
        mean += (double) values[i] / classes;
      }
    }
    double normaliser = softmax(values, start);
    if (gradient != null) {
      float share = smoothing / classes;
      for (int i = start; i < start + classes; i++) {
        gradient[i] = smoothing == 0 ? values[i] * weight : (values[i] - share) * weight;
      }
      gradient[start + label] -= smoothing == 0 ? weight : (1f - smoothing) * weight;
    }
    return normaliser - (1 - (double) smoothing) * logit - smoothing * mean;
  }

  private double categorical(
      float[] values, int start, float[] targets, float @Nullable [] gradient, float weight) {
    double sum = 0;
    double total = 0;
    for (int i = start; i < start + classes; i++) {
      float target = (1f - smoothing) * targets[i] + smoothing / classes;
      sum += (double) target * values[i];
      total += target;
    }
    double normaliser = softmax(values, start);
    if (gradient != null) {
      for (int i = start; i < start + classes; i++) {
        float target = (1f - smoothing) * targets[i] + smoothing / classes;
        gradient[i] = ((float) total * values[i] - target) * weight;
      }
    }
    return total * normaliser - sum;
  }

  private double nextToken(
      float[] values, Batch batch, int row, float @Nullable [] gradient, float scale) {
    int length = outputs / classes;
    double sum = 0;
    for (int t = 0; t < length; t++) {
      int token =
          t + 1 < length ? (int) batch.features()[row * length + t + 1] : batch.labels()[row];
      int start = row * outputs + t * classes;
      if (token < 0 || token >= classes) { // the embedding has said so already; nothing to learn
        softmax(values, start);
        if (gradient != null) {
          Arrays.fill(gradient, start, start + classes, 0f);
        }
        continue;
      }
      float weight = classWeights.length == 0 ? 1f : classWeights[token];
      sum += weight * sparse(values, start, token, gradient, scale * weight / length);
    }
    return sum / length;
  }

  /** ln(1 + e^x) - t x for each output, with the numbers from x and not from p. */
  private double binary(
      float[] values, int start, float[] targets, float @Nullable [] gradient, float weight) {
    double sum = 0;
    for (int i = start; i < start + outputs; i++) {
      float x = values[i];
      float target = smoothing == 0 ? targets[i] : (1f - smoothing) * targets[i] + 0.5f * smoothing;
      float softplus = Math.max(x, 0f) + FloatMath.log1p(FloatMath.exp(-Math.abs(x)));
      sum += (double) softplus - (double) target * x;
      values[i] = FloatMath.sigmoid(x);
      if (gradient != null) {
        gradient[i] = (values[i] - target) * weight;
      }
    }
    return sum / outputs;
  }

  private double regression(
      float[] values, int start, float[] targets, float @Nullable [] gradient, float scale) {
    float weight = scale / outputs;
    double sum = 0;
    for (int i = start; i < start + outputs; i++) {
      float error = values[i] - targets[i];
      float slope;
      switch (loss) {
        case ABSOLUTE_ERROR -> {
          sum += Math.abs(error);
          slope = Math.signum(error);
        }
        case HUBER -> {
          float size = Math.abs(error);
          sum += size <= delta ? 0.5 * error * error : delta * (size - 0.5 * delta);
          slope = size <= delta ? error : delta * Math.signum(error);
        }
        default -> {
          sum += (double) error * error;
          slope = 2f * error;
        }
      }
      if (gradient != null) {
        gradient[i] = weight * slope;
      }
    }
    return sum / outputs;
  }
}
