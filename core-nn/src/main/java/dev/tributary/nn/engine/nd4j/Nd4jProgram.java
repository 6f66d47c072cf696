package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Layer;
import dev.tributary.nn.Layout;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.nn.engine.OutputLoss;
import dev.tributary.nn.engine.Program;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A fixed list of operations over arrays outside the heap. The natives always compute a full batch;
 * rows that a batch does not have are zeros in the features and in the gradient of the outputs, and
 * so add exactly nothing. The loss, which is small, is computed on the heap.
 */
final class Nd4jProgram implements Program {
  private final ModelSpec model;
  private final int batchSize;
  private final OutputLoss loss;
  private final List<Operation> forward = new ArrayList<>();
  private final List<Operation> backward = new ArrayList<>();
  private final List<FloatArray> arrays = new ArrayList<>();
  private final FloatArray parameters;
  private final FloatArray gradients;
  private final FloatArray features;
  private final FloatArray logits;
  private final FloatArray logitGradients;
  private final float[] values;
  private final float[] valueGradients;
  private final float[] zeros;
  private int dirtyRows;
  private boolean closed;

  Nd4jProgram(ModelSpec model, int batchSize) {
    this.model = model;
    this.batchSize = batchSize;
    this.loss = new OutputLoss(model);
    check(model, batchSize);
    Nd4jRuntime.prepareThread();
    int size = model.layout().size();
    this.parameters = array(size);
    this.gradients = array(size);
    this.features = array(batchSize * model.inputs());
    this.zeros = new float[model.inputs()];
    this.values = new float[batchSize * model.outputs()];
    this.valueGradients = new float[batchSize * model.outputs()];
    this.logits = array(values.length);
    this.logitGradients = array(values.length);
    build();
  }

  private static void check(ModelSpec model, int batchSize) {
    long widest = model.inputs();
    for (Layout.Tensor tensor : model.layout().tensors()) {
      widest = Math.max(widest, tensor.shape()[tensor.shape().length - 1]);
    }
    if (batchSize < 1 || batchSize * widest > Integer.MAX_VALUE / 4) {
      throw new EngineException(
          "a batch of "
              + batchSize
              + " rows of up to "
              + widest
              + " numbers is too large: lower batchSize");
    }
  }

  private FloatArray array(int length) {
    FloatArray array = new FloatArray(length);
    arrays.add(array);
    return array;
  }

  private void build() {
    List<Stage> stages = new ArrayList<>();
    int inputs = model.inputs();
    int offset = 0;
    INDArray x = features.view(0, batchSize, inputs);
    for (int i = 0; i < model.layers().size(); i++) {
      if (model.layers().get(i) instanceof Layer.Dense dense) {
        boolean last = i == model.layers().size() - 1;
        Stage stage = new Stage(x, inputs, dense, offset, last);
        stages.add(stage);
        x = stage.output;
        offset += inputs * dense.units() + dense.units();
        inputs = dense.units();
      }
    }
    INDArray gradient = logitGradients.view(0, batchSize, model.outputs());
    for (int i = stages.size() - 1; i >= 0; i--) {
      stages.get(i).weightGradient(gradient);
      if (i > 0) {
        gradient = stages.get(i).inputGradient(gradient, stages.get(i - 1));
      }
    }
  }

  /** A dense layer while the lists are built. */
  private final class Stage {
    final INDArray input;
    final int inputs;
    final int units;
    final int offset;
    final Activation activation;
    final INDArray sums;
    final INDArray output;

    Stage(INDArray input, int inputs, Layer.Dense dense, int offset, boolean last) {
      this.input = input;
      this.inputs = inputs;
      this.units = dense.units();
      this.offset = offset;
      this.activation = dense.activation();
      this.sums = last ? logits.view(0, batchSize, units) : fresh(units);
      // Not xw_plus_b: at widths such as 200 it takes milliseconds where matmul takes microseconds.
      forward.add(Operation.matmul(input, false, weight(parameters), false, sums));
      forward.add(Operation.addBias(sums, bias(parameters)));
      if (last || activation == Activation.LINEAR) {
        this.output = sums;
      } else {
        this.output = fresh(units);
        forward.add(
            activation == Activation.RELU
                ? Operation.relu(sums, output)
                : Operation.plain(activation.key(), output, sums));
      }
    }

    private INDArray fresh(int width) {
      return array(batchSize * width).view(0, batchSize, width);
    }

    private INDArray weight(FloatArray of) {
      return of.view(offset, inputs, units);
    }

    private INDArray bias(FloatArray of) {
      return of.view(offset + inputs * units, units);
    }

    void weightGradient(INDArray gradient) {
      backward.add(Operation.matmul(input, true, gradient, false, weight(gradients)));
      backward.add(Operation.sumOfRows(gradient, bias(gradients)));
    }

    /** The gradient of the sums of the layer below. */
    INDArray inputGradient(INDArray gradient, Stage below) {
      INDArray outputGradient = fresh(inputs);
      backward.add(Operation.matmul(gradient, false, weight(parameters), true, outputGradient));
      if (below.activation == Activation.LINEAR) {
        return outputGradient;
      }
      INDArray sumGradient = fresh(inputs);
      backward.add(
          below.activation == Activation.RELU
              ? Operation.reluBackward(below.sums, outputGradient, sumGradient)
              : Operation.plain(
                  below.activation.key() + "_bp", sumGradient, below.sums, outputGradient));
      return sumGradient;
    }
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
  public double forward(float[] values, Batch batch, float[] outputs) {
    runForward(values, batch);
    double lossSum = loss.apply(this.values, batch, null);
    System.arraycopy(this.values, 0, outputs, 0, batch.rows() * model.outputs());
    return lossSum;
  }

  @Override
  public double gradient(float[] values, Batch batch, float[] gradient) {
    runForward(values, batch);
    double lossSum = loss.apply(this.values, batch, valueGradients);
    int used = batch.rows() * model.outputs();
    Arrays.fill(valueGradients, used, valueGradients.length, 0f);
    logitGradients.put(0, valueGradients, valueGradients.length);
    run(backward);
    gradients.get(gradient, gradient.length);
    return lossSum;
  }

  private void runForward(float[] values, Batch batch) {
    if (closed) {
      throw new IllegalStateException("the program is closed");
    }
    Nd4jRuntime.prepareThread();
    int rows = batch.rows();
    int inputs = model.inputs();
    parameters.put(0, values, values.length);
    features.put(0, batch.features(), rows * inputs);
    for (int row = rows; row < dirtyRows; row++) {
      features.put(row * inputs, zeros, inputs);
    }
    dirtyRows = rows;
    run(forward);
    logits.get(this.values, rows * model.outputs());
  }

  private static void run(List<Operation> operations) {
    for (int i = 0; i < operations.size(); i++) {
      operations.get(i).run();
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      forward.forEach(Operation::close);
      backward.forEach(Operation::close);
      arrays.forEach(FloatArray::close);
    }
  }
}
