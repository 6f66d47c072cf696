package dev.tributary.nn.engine.java;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Layer;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.nn.engine.OutputLoss;
import dev.tributary.nn.engine.Program;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Forward, loss, backward over heap arrays that are allocated once. */
final class JavaProgram implements Program {
  private final Kernels kernels;
  private final ModelSpec model;
  private final int batchSize;
  private final OutputLoss loss;
  private final Dense[] layers;
  private final float[] start;
  private final float[] transposed;
  private boolean closed;

  JavaProgram(Kernels kernels, ModelSpec model, int batchSize) {
    this.kernels = kernels;
    this.model = model;
    this.batchSize = batchSize;
    this.loss = new OutputLoss(model);
    this.layers = layers(model, batchSize);
    int widest = 0;
    int largest = 0;
    for (int l = 0; l < layers.length; l++) {
      widest = Math.max(widest, layers[l].outputs);
      largest = l == 0 ? 0 : Math.max(largest, layers[l].inputs * layers[l].outputs);
    }
    this.start = new float[widest + Kernels.SLACK];
    this.transposed = new float[largest == 0 ? 0 : largest + Kernels.SLACK];
  }

  private static Dense[] layers(ModelSpec model, int batchSize) {
    List<Dense> layers = new ArrayList<>();
    int inputs = model.inputs();
    int weight = 0;
    for (Layer layer : model.layers()) {
      if (layer instanceof Layer.Dense dense) {
        long floats = (long) batchSize * Math.max(inputs, dense.units());
        if (batchSize < 1 || floats > Integer.MAX_VALUE - 2 * Kernels.SLACK) {
          throw new EngineException(
              "a batch of "
                  + batchSize
                  + " rows through "
                  + inputs
                  + " x "
                  + dense.units()
                  + " does not fit an array: lower batchSize");
        }
        layers.add(new Dense(inputs, dense.units(), weight, dense.activation(), batchSize));
        weight += inputs * dense.units() + dense.units();
        inputs = dense.units();
      }
    }
    return layers.toArray(new Dense[0]);
  }

  @Override
  public ModelSpec model() {
    return model;
  }

  @Override
  public int batchSize() {
    return batchSize;
  }

  @Override
  public double forward(float[] parameters, Batch batch, float[] outputs) {
    Dense last = forward(parameters, batch);
    double lossSum = loss.apply(last.values, batch, null);
    System.arraycopy(last.values, 0, outputs, 0, batch.rows() * last.outputs);
    return lossSum;
  }

  @Override
  public double gradient(float[] parameters, Batch batch, float[] gradient) {
    Dense last = forward(parameters, batch);
    double lossSum = loss.apply(last.values, batch, last.gradient);
    for (int l = layers.length - 1; l >= 0; l--) {
      Dense layer = layers[l];
      float[] input = l == 0 ? batch.features() : layers[l - 1].values;
      weightGradient(layer, input, gradient, batch.rows());
      biasGradient(layer, gradient, batch.rows());
      if (l > 0) {
        inputGradient(layer, parameters, layers[l - 1], batch.rows());
      }
    }
    return lossSum;
  }

  private Dense forward(float[] parameters, Batch batch) {
    if (closed) {
      throw new IllegalStateException("the program is closed");
    }
    int rows = batch.rows();
    float[] input = batch.features();
    Dense layer = layers[0];
    for (int l = 0; l < layers.length; l++) {
      layer = layers[l];
      System.arraycopy(parameters, layer.bias(), start, 0, layer.outputs);
      kernels.multiply(
          input,
          0,
          layer.inputs,
          1,
          parameters,
          layer.weight,
          layer.values,
          0,
          rows,
          layer.outputs,
          layer.inputs,
          start);
      if (l < layers.length - 1) {
        layer.activation.apply(layer.values, rows * layer.outputs);
      }
      input = layer.values;
    }
    return layer;
  }

  /** dW = X^T dZ. Whatever spills behind dW lies in the bias, which is written afterwards. */
  private void weightGradient(Dense layer, float[] input, float[] gradient, int rows) {
    Arrays.fill(start, 0, layer.outputs, 0f);
    kernels.multiply(
        input,
        0,
        1,
        layer.inputs,
        layer.gradient,
        0,
        gradient,
        layer.weight,
        layer.inputs,
        layer.outputs,
        rows,
        start);
  }

  private static void biasGradient(Dense layer, float[] gradient, int rows) {
    int bias = layer.bias();
    Arrays.fill(gradient, bias, bias + layer.outputs, 0f);
    for (int row = 0; row < rows; row++) {
      int at = row * layer.outputs;
      for (int j = 0; j < layer.outputs; j++) {
        gradient[bias + j] += layer.gradient[at + j];
      }
    }
  }

  /** dX = dZ W^T, with W transposed first so that sums run along rows as everywhere. */
  private void inputGradient(Dense layer, float[] parameters, Dense below, int rows) {
    for (int i = 0; i < layer.inputs; i++) {
      int at = layer.weight + i * layer.outputs;
      for (int j = 0; j < layer.outputs; j++) {
        transposed[j * layer.inputs + i] = parameters[at + j];
      }
    }
    Arrays.fill(start, 0, layer.inputs, 0f);
    kernels.multiply(
        layer.gradient,
        0,
        layer.outputs,
        1,
        transposed,
        0,
        below.gradient,
        0,
        rows,
        layer.inputs,
        layer.outputs,
        start);
    below.activation.backward(below.values, below.gradient, rows * below.outputs);
  }

  @Override
  public void close() {
    closed = true;
  }

  /** One dense layer: where its tensors lie, its outputs and their gradient. */
  private static final class Dense {
    final int inputs;
    final int outputs;
    final int weight;
    final Activation activation;
    final float[] values;
    final float[] gradient;

    Dense(int inputs, int outputs, int weight, Activation activation, int batchSize) {
      this.inputs = inputs;
      this.outputs = outputs;
      this.weight = weight;
      this.activation = activation;
      this.values = new float[batchSize * outputs + Kernels.SLACK];
      this.gradient = new float[batchSize * outputs + Kernels.SLACK];
    }

    int bias() {
      return weight + inputs * outputs;
    }
  }
}
