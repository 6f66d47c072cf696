package dev.tributary.simulation.audit;

import dev.tributary.nn.Layer;
import dev.tributary.nn.Layout;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Inputs from an update of a first dense layer, by division: the gradient of unit j is delta_j x
 * for the weights and delta_j for the bias, so their quotient is x, for one row exactly and for
 * several a weighted mean (Phong et al. 2017, section 3; Geiping et al. 2020, arXiv 2003.14053,
 * Proposition 3.1). Nothing is optimised and nothing guessed.
 */
final class DenseInversion {
  /** An input counts as recovered when the error is at most this part of its length. */
  static final double RECOVERED = 0.1;

  private final ModelSpec model;
  private final int weight;
  private final int bias;
  private final int units;

  private DenseInversion(ModelSpec model, int weight, int bias, int units) {
    this.model = model;
    this.weight = weight;
    this.bias = bias;
    this.units = units;
  }

  /**
   * For a model whose first layer that computes is dense and trained.
   *
   * @return empty for every other model
   */
  static Optional<DenseInversion> of(ModelSpec model) {
    for (int i = 0; i < model.layers().size(); i++) {
      Layer layer = model.layers().get(i);
      if (layer instanceof Layer.Dense dense) {
        int weight = offset(model, "layers." + i + ".weight");
        int bias = offset(model, "layers." + i + ".bias");
        boolean trained = weight >= 0 && bias >= 0;
        return trained && inputsOf(model, i) == model.inputs()
            ? Optional.of(new DenseInversion(model, weight, bias, dense.units()))
            : Optional.empty();
      }
      if (!(layer instanceof Layer.Rescaling || layer instanceof Layer.Flatten)) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** Inputs of one unit: all of them, but for a dense layer along a sequence. */
  private static int inputsOf(ModelSpec model, int layer) {
    return model.layout().tensor("layers." + layer + ".weight").shape()[0];
  }

  /** Where a tensor lies in an update; -1 if it is frozen. */
  private static int offset(ModelSpec model, String name) {
    int at = 0;
    for (Layout.Tensor tensor : model.trainable().tensors()) {
      if (tensor.name().equals(name)) {
        return at;
      }
      at += tensor.length();
    }
    return -1;
  }

  /** The rows as the dense layer sees them, float32[inputs] each. */
  float[][] inputs(Dataset rows) {
    float[][] inputs = new float[rows.size()][];
    Batch batch = new Batch(model, 1);
    for (int row = 0; row < inputs.length; row++) {
      batch.fill(rows, new int[] {row}, 0, 1);
      inputs[row] = Arrays.copyOf(batch.features(), model.inputs());
    }
    return inputs;
  }

  /** One candidate for every unit whose bias moved: float32[inputs] each. */
  float[][] candidates(float[] update) {
    int inputs = model.inputs();
    float[][] candidates = new float[units][];
    int count = 0;
    for (int unit = 0; unit < units; unit++) {
      double moved = update[bias + unit];
      if (moved == 0 || !Double.isFinite(moved)) {
        continue;
      }
      float[] candidate = new float[inputs];
      for (int i = 0; i < inputs; i++) {
        candidate[i] = (float) (update[weight + i * units + unit] / moved);
      }
      candidates[count++] = candidate;
    }
    return Arrays.copyOf(candidates, count);
  }

  /**
   * For each true input the error of the best candidate, as a part of the input's length; infinite
   * without candidates.
   */
  static double[] errors(float[][] inputs, List<float[]> candidates) {
    double[] errors = new double[inputs.length];
    for (int row = 0; row < inputs.length; row++) {
      double length = Math.sqrt(square(inputs[row], new float[inputs[row].length]));
      double best = Double.POSITIVE_INFINITY;
      for (float[] candidate : candidates) {
        best = Math.min(best, Math.sqrt(square(inputs[row], candidate)) / length);
      }
      errors[row] = best;
    }
    return errors;
  }

  private static double square(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = (double) a[i] - b[i];
      sum += difference * difference;
    }
    return sum;
  }
}
