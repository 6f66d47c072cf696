package dev.tributary.nn.engine.java;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Layer;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Padding;
import dev.tributary.nn.Size;
import dev.tributary.nn.Weight;
import dev.tributary.nn.engine.DropoutMask;
import dev.tributary.nn.engine.OutputLoss;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the stages of a model, layer by layer. */
final class Stages {
  private final Scratch scratch;
  private final Memory memory;
  private final int batchSize;
  private final List<Stage> stages = new ArrayList<>();
  private final Tensor features;
  private Tensor tensor;
  private int[] shape;
  private int offset;
  private int dropouts;
  private @Nullable Tensor padding;

  Stages(Kernels kernels, Memory memory, ModelSpec model, int batchSize) {
    this.scratch = new Scratch(kernels);
    this.memory = memory;
    this.batchSize = batchSize;
    this.shape = model.inputShape();
    this.features = Tensor.features(model.inputs());
    this.tensor = features;
    List<Layer> layers = model.layers();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      boolean last = i == layers.size() - 1;
      Activation activation =
          last && OutputLoss.activation(model) == layer.activation()
              ? Activation.LINEAR
              : layer.activation();
      add("layer " + i + " (" + layer.kind() + ")", layer, activation);
    }
    scratch.allocate(memory);
  }

  List<Stage> list() {
    return stages;
  }

  /**
   * Floats that kernels copy at most: an operand turned over, and strips of the other ({@link
   * Kernels#multiply}).
   */
  long copies() {
    long largest = scratch.largest();
    for (Stage stage : stages) {
      largest = Math.max(largest, (long) batchSize * stage.input.width);
    }
    return 2 * largest;
  }

  /** What a batch's features are put into. */
  Tensor features() {
    return features;
  }

  /** What the loss looks at. */
  Tensor output() {
    return tensor;
  }

  private void add(String name, Layer layer, Activation activation) {
    int[] input = shape;
    shape = layer.outputShape(input);
    boolean parameters = !layer.weights(input).isEmpty();
    if (layer instanceof Layer.Dense) {
      int positions = input.length == 2 ? input[0] : 1;
      Tensor output = output(true);
      push(new DenseStage(name, scratch, tensor, output, positions, offset));
    } else if (layer instanceof Layer.Conv2d conv) {
      Windows windows = new Windows(input, conv.kernelSize(), conv.strides(), conv.padding());
      push(
          new Conv2dStage(
              name, scratch, tensor, output(true), windows, conv.filters(), conv.groups(), offset));
    } else if (layer instanceof Layer.MaxPooling2d pool) {
      Windows windows = new Windows(input, pool.poolSize(), pool.strides(), pool.padding());
      push(
          new MaxPoolingStage(
              name, scratch.kernels, memory, tensor, output(false), batchSize, windows));
    } else if (layer instanceof Layer.AveragePooling2d pool) {
      Windows windows = new Windows(input, pool.poolSize(), pool.strides(), pool.padding());
      push(new PoolingStage(name, tensor, output(false), windows));
    } else if (layer instanceof Layer.GlobalAveragePooling2d) {
      Size whole = new Size(input[0], input[1]);
      Windows windows = new Windows(input, whole, whole, Padding.VALID);
      push(new PoolingStage(name, tensor, output(false), windows));
    } else if (layer instanceof Layer.Embedding embedding) {
      push(
          new EmbeddingStage(
              name,
              scratch.kernels.rows(),
              memory,
              tensor,
              output(true),
              embedding.inputDim(),
              offset));
      padding = embedding.maskZero() ? features : null;
    } else if (layer instanceof Layer.SimpleRnn) {
      push(new SimpleRnnStage(name, sequence(input, 1)));
    } else if (layer instanceof Layer.Lstm) {
      push(new LstmStage(name, sequence(input, 4)));
    } else if (layer instanceof Layer.Gru) {
      push(new GruStage(name, sequence(input, 3)));
    } else if (layer instanceof Layer.PositionalEncoding positions) {
      push(
          new PositionStage(
              name,
              scratch,
              tensor,
              output(parameters),
              input[1],
              positions.learned() ? offset : -1));
    } else if (layer instanceof Layer.MultiHeadAttention attention) {
      push(
          new AttentionStage(
              name,
              scratch,
              memory,
              tensor,
              output(true),
              new AttentionStage.Heads(
                  batchSize, input[0], input[1], attention.numHeads(), attention.causal()),
              padding,
              offset));
    } else if (layer instanceof Layer.Conv2dTranspose conv) {
      Windows windows = new Windows(shape, conv.kernelSize(), conv.strides(), conv.padding());
      push(new Conv2dTransposeStage(name, scratch, tensor, output(true), windows, offset));
    } else if (layer instanceof Layer.BatchNormalization norm) {
      int channels = input[input.length - 1];
      push(
          new BatchNormStage(
              name,
              scratch.kernels.rows(),
              memory,
              tensor,
              output(true),
              norm,
              batchSize,
              channels,
              offset));
    } else if (layer instanceof Layer.GroupNormalization norm) {
      int channels = input[input.length - 1];
      push(
          new GroupNormStage(
              name,
              scratch.kernels.rows(),
              memory,
              tensor,
              output(true),
              new GroupNormStage.Blocks(
                  batchSize, length(input) / channels, channels, norm.groups(), norm.epsilon()),
              offset));
    } else if (layer instanceof Layer.LayerNormalization norm) {
      int channels = input[input.length - 1];
      int positions = length(input) / channels;
      push(
          new LayerNormStage(
              name,
              scratch.kernels.rows(),
              memory,
              tensor,
              output(true),
              new GroupNormStage.Blocks(batchSize * positions, 1, channels, 1, norm.epsilon()),
              offset));
    } else if (layer instanceof Layer.Residual residual) {
      residual(name, residual, input);
      return;
    } else if (layer instanceof Layer.Dropout dropout) {
      DropoutMask mask = new DropoutMask(dropouts++, dropout.rate());
      push(new DropoutStage(name, memory, tensor, output(false), batchSize, mask));
    }
    if (layer instanceof Layer.Activated && activation == Activation.LINEAR) {
      // The loss overwrites what it activates, which the layer below may need.
      push(new ActivationStage(name, scratch.kernels, tensor, output(false), activation));
    } else {
      activate(name, activation, parameters);
    }
    for (Weight weight : layer.weights(input)) {
      offset += length(weight.shape());
    }
  }

  private RecurrentStage.Setting sequence(int[] input, int gates) {
    int units = shape[shape.length - 1];
    return new RecurrentStage.Setting(
        scratch, memory, tensor, output(true), batchSize, input[0], input[1], units, gates, offset);
  }

  /** Two ways from one tensor, and their sum. */
  private void residual(String name, Layer.Residual residual, int[] input) {
    int[] output = shape;
    Tensor before = tensor;
    Tensor first = Tensor.branch(memory, batchSize, before);
    Tensor second = Tensor.branch(memory, batchSize, before);
    stages.add(new ForkStage(name, before, first, second));
    Tensor body = way(name + " layers", residual.layers(), first, input);
    Tensor beside = way(name + " shortcut", residual.shortcut(), second, input);
    shape = output;
    tensor = body.differentiable ? body : beside;
    push(new SumStage(name, body, beside, output(false)));
  }

  private Tensor way(String name, List<Layer> layers, Tensor from, int[] input) {
    tensor = from;
    shape = input;
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      add(name + "[" + i + "] (" + layer.kind() + ")", layer, layer.activation());
    }
    return tensor;
  }

  /** In place behind a layer that does not look at its outputs again. */
  private void activate(String name, Activation activation, boolean inPlace) {
    if (activation == Activation.SOFTMAX) {
      push(new SoftmaxStage(name, scratch.kernels, tensor, output(false), shape[shape.length - 1]));
    } else if (activation != Activation.LINEAR) {
      Tensor output = inPlace && activation.fromOutputs() ? tensor : output(false);
      push(new ActivationStage(name, scratch.kernels, tensor, output, activation));
    }
  }

  private Tensor output(boolean parameters) {
    return Tensor.of(memory, batchSize, length(shape), parameters || tensor.differentiable);
  }

  private void push(Stage stage) {
    stages.add(stage);
    tensor = stage.output;
  }

  private static int length(int[] shape) {
    int length = 1;
    for (int dimension : shape) {
      length *= dimension;
    }
    return length;
  }
}
