package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Layer;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Padding;
import dev.tributary.nn.Size;
import dev.tributary.nn.Weight;
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
    int[] shape = model.inputShape();
    for (Layer layer : model.layers()) {
      shape = layer.outputShape(shape);
      widest = Math.max(widest, length(shape));
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

  /** Of all arrays of such a program, outside the heap. */
  static long bytes(ModelSpec model, int batchSize) {
    check(model, batchSize);
    long perRow = 2L * model.inputs() + 2L * model.outputs();
    int[] shape = model.inputShape();
    for (Layer layer : model.layers()) {
      boolean flat = layer instanceof Layer.Flatten || layer instanceof Layer.Rescaling;
      shape = layer.outputShape(shape);
      perRow += (flat ? 0 : 2L) * length(shape);
      perRow += layer.activation() == Activation.LINEAR ? 0 : 2L * length(shape);
    }
    return 4 * (batchSize * perRow + 2L * model.layout().size());
  }

  private FloatArray array(int length) {
    FloatArray array = new FloatArray(length);
    arrays.add(array);
    return array;
  }

  private void build() {
    Flow flow = new Flow(features, model.inputShape());
    int offset = 0;
    List<Runnable> backwards = new ArrayList<>();
    List<Layer> layers = model.layers();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      Flow input = flow;
      int[] shape = layer.outputShape(input.shape);
      Activation activation = layer.activation();
      boolean last = i == layers.size() - 1;
      if (last && OutputLoss.activation(model) == activation) {
        activation = Activation.LINEAR;
      }
      if (layer instanceof Layer.Flatten || layer instanceof Layer.Rescaling) {
        flow = input.reshaped(shape);
      } else if (layer instanceof Layer.Dense dense) {
        flow = flow(shape);
        backwards.add(new DenseOps(input, flow, offset, dense.units())::backward);
      } else if (layer instanceof Layer.Conv2d conv) {
        flow = flow(shape);
        backwards.add(new ConvOps(input, flow, offset, conv)::backward);
      } else if (layer instanceof Layer.MaxPooling2d pool) {
        flow = flow(shape);
        backwards.add(
            pooling("maxpool2d", input, flow, pool.poolSize(), pool.strides(), pool.padding()));
      } else if (layer instanceof Layer.AveragePooling2d pool) {
        flow = flow(shape);
        backwards.add(
            pooling("avgpool2d", input, flow, pool.poolSize(), pool.strides(), pool.padding()));
      }
      if (activation != Activation.LINEAR) {
        Flow sums = flow;
        flow = flow(shape);
        backwards.add(activation(activation, sums, flow));
      }
      for (Weight weight : layer.weights(input.shape)) {
        offset += length(weight.shape());
      }
    }
    // The last flow's values go to the loss, and its gradient comes from there.
    forward.add(
        Operation.plain("identity", logits.view(0, batchSize, model.outputs()), flow.rows()));
    if (flow.differentiable) {
      backward.add(
          Operation.plain(
              "identity", flow.rowGradients(), logitGradients.view(0, batchSize, model.outputs())));
      for (int i = backwards.size() - 1; i >= 0; i--) {
        backwards.get(i).run();
      }
    }
  }

  /** What flows between two layers: float32[batch, shape...] and its gradient. */
  private final class Flow {
    final FloatArray values;
    final FloatArray gradients;
    final int[] shape;
    final boolean differentiable;

    /** The features, which need no gradient. */
    Flow(FloatArray values, int[] shape) {
      this(values, values, shape, false);
    }

    private Flow(FloatArray values, FloatArray gradients, int[] shape, boolean differentiable) {
      this.values = values;
      this.gradients = gradients;
      this.shape = shape;
      this.differentiable = differentiable;
    }

    Flow reshaped(int[] other) {
      return new Flow(values, gradients, other, differentiable);
    }

    INDArray array() {
      return shaped(values);
    }

    INDArray gradient() {
      return shaped(gradients);
    }

    INDArray rows() {
      return values.view(0, batchSize, length(shape));
    }

    INDArray rowGradients() {
      return gradients.view(0, batchSize, length(shape));
    }

    private INDArray shaped(FloatArray of) {
      long[] dimensions = new long[shape.length + 1];
      dimensions[0] = batchSize;
      for (int i = 0; i < shape.length; i++) {
        dimensions[i + 1] = shape[i];
      }
      return of.view(0, dimensions);
    }
  }

  private Flow flow(int[] shape) {
    int length = batchSize * length(shape);
    return new Flow(array(length), array(length), shape, true);
  }

  private static int length(int[] shape) {
    int length = 1;
    for (int dimension : shape) {
      length *= dimension;
    }
    return length;
  }

  /** x W + b. Not xw_plus_b: at widths such as 200 it takes milliseconds, matmul microseconds. */
  private final class DenseOps {
    private final Flow input;
    private final Flow output;
    private final int offset;
    private final int inputs;
    private final int units;

    DenseOps(Flow input, Flow output, int offset, int units) {
      this.input = input;
      this.output = output;
      this.offset = offset;
      this.inputs = length(input.shape);
      this.units = units;
      forward.add(Operation.matmul(input.rows(), false, weight(parameters), false, output.rows()));
      forward.add(Operation.addBias(output.rows(), bias(parameters)));
    }

    private INDArray weight(FloatArray of) {
      return of.view(offset, inputs, units);
    }

    private INDArray bias(FloatArray of) {
      return of.view(offset + inputs * units, units);
    }

    void backward() {
      INDArray gradient = output.rowGradients();
      backward.add(Operation.matmul(input.rows(), true, gradient, false, weight(gradients)));
      backward.add(Operation.sumOfRows(gradient, bias(gradients)));
      if (input.differentiable) {
        backward.add(
            Operation.matmul(gradient, false, weight(parameters), true, input.rowGradients()));
      }
    }
  }

  /** Convolution of pictures [batch, height, width, channels]. */
  private final class ConvOps {
    private final Flow input;
    private final Flow output;
    private final int offset;
    private final Layer.Conv2d conv;
    private final int[] settings;

    ConvOps(Flow input, Flow output, int offset, Layer.Conv2d conv) {
      this.input = input;
      this.output = output;
      this.offset = offset;
      this.conv = conv;
      this.settings = Operation.window(conv.kernelSize(), conv.strides(), conv.padding(), 1, 0);
      forward.add(
          Operation.windowed(
              "conv2d",
              settings,
              new INDArray[] {output.array()},
              input.array(),
              weight(parameters),
              bias(parameters)));
    }

    private INDArray weight(FloatArray of) {
      Size kernel = conv.kernelSize();
      return of.view(offset, kernel.height(), kernel.width(), input.shape[2], conv.filters());
    }

    private INDArray bias(FloatArray of) {
      Size kernel = conv.kernelSize();
      int length = kernel.height() * kernel.width() * input.shape[2] * conv.filters();
      return of.view(offset + length, conv.filters());
    }

    /** The operation always makes the gradient of its input; that of the features goes nowhere. */
    void backward() {
      INDArray inputGradient =
          input.differentiable ? input.gradient() : flow(input.shape).gradient();
      backward.add(
          Operation.windowed(
              "conv2d_bp",
              settings,
              new INDArray[] {inputGradient, weight(gradients), bias(gradients)},
              input.array(),
              weight(parameters),
              bias(parameters),
              output.gradient()));
    }
  }

  private Runnable pooling(
      String name, Flow input, Flow output, Size pool, Size strides, Padding padding) {
    // The number before the layout: of averages, 0 leaves padding out of the count.
    int[] settings = Operation.window(pool, strides, padding, 0, 1);
    forward.add(Operation.windowed(name, settings, new INDArray[] {output.array()}, input.array()));
    return () -> {
      if (input.differentiable) {
        backward.add(
            Operation.windowed(
                name + "_bp",
                settings,
                new INDArray[] {input.gradient()},
                input.array(),
                output.gradient()));
      }
    };
  }

  private Runnable activation(Activation activation, Flow sums, Flow output) {
    boolean relu = activation == Activation.RELU;
    forward.add(
        relu
            ? Operation.relu(sums.rows(), output.rows())
            : Operation.plain(activation.key(), output.rows(), sums.rows()));
    return () -> {
      if (sums.differentiable) {
        backward.add(
            relu
                ? Operation.reluBackward(sums.rows(), output.rowGradients(), sums.rowGradients())
                : Operation.plain(
                    activation.key() + "_bp",
                    sums.rowGradients(),
                    sums.rows(),
                    output.rowGradients()));
      }
    };
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
    double lossSum = loss.apply(this.values, batch, null, 0);
    System.arraycopy(this.values, 0, outputs, 0, batch.rows() * model.outputs());
    return lossSum;
  }

  @Override
  public double gradient(float[] values, Batch batch, float[] gradient) {
    runForward(values, batch);
    double lossSum = loss.apply(this.values, batch, valueGradients, 1f / batch.rows());
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
