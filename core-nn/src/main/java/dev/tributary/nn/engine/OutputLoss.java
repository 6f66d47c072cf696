package dev.tributary.nn.engine;

import dev.tributary.nn.Activation;
import dev.tributary.nn.FloatMath;
import dev.tributary.nn.Layer;
import dev.tributary.nn.Loss;
import dev.tributary.nn.ModelSpec;
import org.jspecify.annotations.Nullable;

/**
 * The end of every model: last activation and loss together, on heap arrays, one code for all
 * engines. Softmax and cross-entropy are fused: the gradient of the logits is (p - onehot) / rows.
 */
public final class OutputLoss {
  private final int outputs;
  private final Activation activation;
  private final Loss loss;

  public OutputLoss(ModelSpec model) {
    this.outputs = model.outputs();
    Layer last = model.layers().get(model.layers().size() - 1);
    this.activation = last instanceof Layer.Dense dense ? dense.activation() : Activation.LINEAR;
    this.loss = model.loss();
  }

  /**
   * Activates the last layer and sums the losses.
   *
   * @param values float32[rows * outputs]: pre-activations, replaced by outputs
   * @param gradient null, or float32[rows * outputs]: receives the gradient of the mean loss with
   *     respect to the pre-activations
   * @return the sum of the losses of the rows
   */
  public double apply(float[] values, Batch batch, float @Nullable [] gradient) {
    return switch (loss) {
      case SPARSE_CATEGORICAL_CROSSENTROPY -> crossEntropy(values, batch, gradient);
      case SQUARED_ERROR -> squaredError(values, batch, gradient);
    };
  }

  private double crossEntropy(float[] values, Batch batch, float @Nullable [] gradient) {
    int rows = batch.rows();
    int[] labels = batch.labels();
    float weight = 1f / rows;
    double lossSum = 0;
    for (int row = 0; row < rows; row++) {
      int start = row * outputs;
      float highest = values[start];
      for (int i = start + 1; i < start + outputs; i++) {
        highest = Math.max(highest, values[i]);
      }
      double logit = (double) values[start + labels[row]] - highest;
      float sum = 0;
      for (int i = start; i < start + outputs; i++) {
        values[i] = FloatMath.exp(values[i] - highest);
        sum += values[i];
      }
      lossSum += StrictMath.log(sum) - logit;
      float scale = 1f / sum;
      for (int i = start; i < start + outputs; i++) {
        values[i] *= scale;
      }
      if (gradient != null) {
        for (int i = start; i < start + outputs; i++) {
          gradient[i] = values[i] * weight;
        }
        gradient[start + labels[row]] -= weight;
      }
    }
    return lossSum;
  }

  private double squaredError(float[] values, Batch batch, float @Nullable [] gradient) {
    int rows = batch.rows();
    activation.apply(values, rows * outputs);
    float weight = 2f / ((float) rows * outputs);
    double lossSum = 0;
    for (int row = 0; row < rows; row++) {
      double rowSum = 0;
      for (int j = 0; j < outputs; j++) {
        float target = outputs == 1 ? batch.targets()[row] : batch.labels()[row] == j ? 1f : 0f;
        float difference = values[row * outputs + j] - target;
        rowSum += (double) difference * difference;
        if (gradient != null) {
          gradient[row * outputs + j] = weight * difference;
        }
      }
      lossSum += rowSum / outputs;
    }
    if (gradient != null) {
      activation.backward(values, gradient, rows * outputs);
    }
    return lossSum;
  }
}
