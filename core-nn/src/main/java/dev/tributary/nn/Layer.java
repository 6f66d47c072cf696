package dev.tributary.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step of a model, as data. Pictures are {@code [height, width, channels]}, sequences {@code
 * [length, channels]}; shapes are those of one example. The record's components, in order, are the
 * keys of its JSON (see {@link LayerFormat}).
 */
public sealed interface Layer {

  /** The name in a model description. */
  String kind();

  /**
   * The shape of an example behind this layer.
   *
   * @throws ModelSpecException that says which rule the input or a setting breaks
   */
  int[] outputShape(int[] input);

  /** Its tensors for an input that {@link #outputShape} takes, in their order in the layout. */
  default List<Weight> weights(int[] input) {
    return List.of();
  }

  /** The function at its end. */
  default Activation activation() {
    return Activation.LINEAR;
  }

  /**
   * x scale + offset for every number of the input, as Keras calls it: brings data into the range
   * that trains well. Has no parameters; stands before every layer but {@link Flatten}.
   */
  record Rescaling(double scale, @Default("0") double offset) implements Layer {
    @Override
    public String kind() {
      return "rescaling";
    }

    @Override
    public int[] outputShape(int[] input) {
      for (double value : new double[] {scale, offset}) {
        LayerRules.hold(
            value == 0 || (Math.abs(value) >= 1e-9 && Math.abs(value) <= 1e9),
            "scale and offset must be 0 or of a size from 1e-9 to 1e9, came " + value);
      }
      return input;
    }
  }

  /** Turns an array of any shape into a vector, last dimension fastest. */
  record Flatten() implements Layer {
    @Override
    public String kind() {
      return "flatten";
    }

    @Override
    public int[] outputShape(int[] input) {
      return new int[] {LayerRules.length(input)};
    }
  }

  /** {@link Activation} as a layer of its own. */
  record Activated(Activation activation) implements Layer {
    @Override
    public String kind() {
      return "activation";
    }

    @Override
    public int[] outputShape(int[] input) {
      return input;
    }
  }

  /**
   * In training sets each number to 0 with probability {@code rate} and divides the others by
   * {@code 1 - rate} (Srivastava et al. 2014, in the inverted form); else does nothing. Which ones
   * follows from the seed of the step.
   */
  record Dropout(double rate) implements Layer {
    @Override
    public String kind() {
      return "dropout";
    }

    @Override
    public int[] outputShape(int[] input) {
      LayerRules.hold(rate >= 0 && rate < 1, "rate must be at least 0 and below 1, came " + rate);
      return input;
    }
  }

  /**
   * activation(x W + b) along the last dimension of a vector or a sequence; holds {@code weight}
   * float32[inputs, units] and {@code bias} float32[units].
   *
   * @param units number of outputs, at least 1
   */
  record Dense(
      int units,
      @Default("linear") Activation activation,
      @Default(value = "glorot_uniform", written = false) Initializer initializer)
      implements Layer {
    public Dense(int units, Activation activation) {
      this(units, activation, Initializer.GLOROT_UNIFORM);
    }

    @Override
    public String kind() {
      return "dense";
    }

    @Override
    public int[] outputShape(int[] input) {
      LayerRules.hold(
          input.length <= 2,
          "takes a vector or a sequence, its input is "
              + Arrays.toString(input)
              + ": put a flatten before it");
      LayerRules.atLeastOne("units", units);
      int[] output = input.clone();
      output[output.length - 1] = units;
      return output;
    }

    @Override
    public List<Weight> weights(int[] input) {
      int inputs = input[input.length - 1];
      return List.of(
          new Weight("weight", initializer, inputs, units, inputs, units), Weight.bias(units));
    }
  }

  /**
   * Two-dimensional convolution of a picture (cross-correlation, as everywhere in the field); holds
   * {@code weight} float32[kernel height, kernel width, channels / groups, filters] and {@code
   * bias} float32[filters]. Group g reads its share of the channels and makes its share of the
   * filters.
   */
  record Conv2d(
      int filters,
      Size kernelSize,
      @Default("1") Size strides,
      @Default("valid") Padding padding,
      @Default("1") int groups,
      @Default("linear") Activation activation,
      @Default(value = "glorot_uniform", written = false) Initializer initializer)
      implements Layer {
    @Override
    public String kind() {
      return "conv2d";
    }

    @Override
    public int[] outputShape(int[] input) {
      int[] out = LayerRules.windows(input, kernelSize, strides, padding);
      LayerRules.atLeastOne("filters", filters);
      LayerRules.atLeastOne("groups", groups);
      LayerRules.hold(
          input[2] % groups == 0 && filters % groups == 0,
          "groups must divide channels and filters, are "
              + groups
              + " with "
              + input[2]
              + " channels and "
              + filters
              + " filters");
      return new int[] {out[0], out[1], filters};
    }

    @Override
    public List<Weight> weights(int[] input) {
      int channels = input[2] / groups;
      double window = (double) kernelSize.height() * kernelSize.width();
      return List.of(
          new Weight(
              "weight",
              initializer,
              window * channels,
              window * filters / groups,
              kernelSize.height(),
              kernelSize.width(),
              channels,
              filters),
          Weight.bias(filters));
    }
  }

  /** The greatest of each window of each channel. */
  record MaxPooling2d(
      @Default("2") Size poolSize, @Default("2") Size strides, @Default("valid") Padding padding)
      implements Layer {
    @Override
    public String kind() {
      return "max_pooling2d";
    }

    @Override
    public int[] outputShape(int[] input) {
      int[] out = LayerRules.windows(input, poolSize, strides, padding);
      return new int[] {out[0], out[1], input[2]};
    }
  }

  /** The mean of each window of each channel; zeros of the padding do not count. */
  record AveragePooling2d(
      @Default("2") Size poolSize, @Default("2") Size strides, @Default("valid") Padding padding)
      implements Layer {
    @Override
    public String kind() {
      return "average_pooling2d";
    }

    @Override
    public int[] outputShape(int[] input) {
      int[] out = LayerRules.windows(input, poolSize, strides, padding);
      return new int[] {out[0], out[1], input[2]};
    }
  }

  /** The mean of each channel of a picture: a vector. */
  record GlobalAveragePooling2d() implements Layer {
    @Override
    public String kind() {
      return "global_average_pooling2d";
    }

    @Override
    public int[] outputShape(int[] input) {
      LayerRules.picture(input);
      return new int[] {input[2]};
    }
  }

  /**
   * A vector for each token of a sequence [length] of whole numbers in [0, inputDim): [length,
   * outputDim]. Holds {@code weight} float32[inputDim, outputDim]. Stands first, or behind a
   * flatten.
   */
  record Embedding(
      int inputDim,
      int outputDim,
      @Default(value = "false", written = false) boolean maskZero,
      @Default(value = "random_uniform", written = false) Initializer initializer)
      implements Layer {
    public Embedding(int inputDim, int outputDim, Initializer initializer) {
      this(inputDim, outputDim, false, initializer);
    }

    @Override
    public String kind() {
      return "embedding";
    }

    @Override
    public int[] outputShape(int[] input) {
      LayerRules.hold(
          input.length == 1, "takes tokens [length], its input is " + Arrays.toString(input));
      LayerRules.atLeastOne("inputDim", inputDim);
      LayerRules.atLeastOne("outputDim", outputDim);
      return new int[] {input[0], outputDim};
    }

    @Override
    public List<Weight> weights(int[] input) {
      return List.of(new Weight("weight", initializer, inputDim, outputDim, inputDim, outputDim));
    }
  }

  /**
   * The way back of a convolution, as its gradient does it: out = (in - 1) stride + kernel for
   * padding valid, in stride for same. Holds {@code weight} float32[kernel height, kernel width,
   * filters, channels] and {@code bias} float32[filters].
   */
  record Conv2dTranspose(
      int filters,
      Size kernelSize,
      @Default("1") Size strides,
      @Default("valid") Padding padding,
      @Default("linear") Activation activation,
      @Default(value = "glorot_uniform", written = false) Initializer initializer)
      implements Layer {
    @Override
    public String kind() {
      return "conv2d_transpose";
    }

    @Override
    public int[] outputShape(int[] input) {
      LayerRules.windows(input, kernelSize, strides, Padding.SAME);
      LayerRules.atLeastOne("filters", filters);
      boolean same = padding == Padding.SAME;
      long rows =
          same
              ? (long) input[0] * strides.height()
              : (input[0] - 1L) * strides.height() + kernelSize.height();
      long columns =
          same
              ? (long) input[1] * strides.width()
              : (input[1] - 1L) * strides.width() + kernelSize.width();
      LayerRules.hold(
          rows <= ModelSpec.MAXIMUM_SIZE && columns <= ModelSpec.MAXIMUM_SIZE,
          "makes a picture of " + rows + " x " + columns + " of " + Arrays.toString(input));
      return new int[] {(int) rows, (int) columns, filters};
    }

    @Override
    public List<Weight> weights(int[] input) {
      double window = (double) kernelSize.height() * kernelSize.width();
      return List.of(
          new Weight(
              "weight",
              initializer,
              window * input[2],
              window * filters,
              kernelSize.height(),
              kernelSize.width(),
              filters,
              input[2]),
          Weight.bias(filters));
    }
  }

  /**
   * Each channel to mean 0 and variance 1 over the batch, then times {@code weight} plus {@code
   * bias} (Ioffe and Szegedy 2015, algorithm 1). Holds beside these float32[channels] the
   * statistics {@code mean} and {@code variance} float32[channels], which follow the batches by
   * {@code s = momentum s + (1 - momentum) batch} (variance over n, as in Keras) and are what
   * counts outside training. They are no parameters of the loss: no optimizer moves them. Between
   * clients with different data they differ, and the mean of their updates is not the statistic of
   * all data; group normalization has no such state and is the better choice for federated models
   * (Hsieh et al. 2020, section 5). An example's gradient depends on its batch, so there is no
   * clipping of single examples.
   */
  record BatchNormalization(@Default("0.9") double momentum, @Default("0.00001") double epsilon)
      implements Layer {
    @Override
    public String kind() {
      return "batch_normalization";
    }

    @Override
    public int[] outputShape(int[] input) {
      LayerRules.hold(
          momentum >= 0 && momentum <= 1, "momentum must be in [0, 1], came " + momentum);
      LayerRules.epsilon(epsilon);
      return input;
    }

    @Override
    public List<Weight> weights(int[] input) {
      int channels = input[input.length - 1];
      return List.of(
          Weight.ones("weight", channels),
          Weight.bias(channels),
          Weight.statistic("mean", Initializer.ZEROS, channels),
          Weight.statistic("variance", Initializer.ONES, channels));
    }
  }

  /**
   * Each group of channels of each example to mean 0 and variance 1 over all positions, then times
   * {@code weight} plus {@code bias}, float32[channels] both (Wu and He 2018, section 3).
   */
  record GroupNormalization(@Default("32") int groups, @Default("0.00001") double epsilon)
      implements Layer {
    @Override
    public String kind() {
      return "group_normalization";
    }

    @Override
    public int[] outputShape(int[] input) {
      LayerRules.atLeastOne("groups", groups);
      LayerRules.epsilon(epsilon);
      int channels = input[input.length - 1];
      LayerRules.hold(
          channels % groups == 0,
          "groups must divide the channels, are " + groups + " with " + channels + " channels");
      return input;
    }

    @Override
    public List<Weight> weights(int[] input) {
      int channels = input[input.length - 1];
      return List.of(Weight.ones("weight", channels), Weight.bias(channels));
    }
  }

  /**
   * The last dimension to mean 0 and variance 1, then times {@code weight} plus {@code bias},
   * float32[channels] both (Ba, Kiros and Hinton 2016, eq. 4).
   */
  record LayerNormalization(@Default("0.00001") double epsilon) implements Layer {
    @Override
    public String kind() {
      return "layer_normalization";
    }

    @Override
    public int[] outputShape(int[] input) {
      LayerRules.epsilon(epsilon);
      return input;
    }

    @Override
    public List<Weight> weights(int[] input) {
      int channels = input[input.length - 1];
      return List.of(Weight.ones("weight", channels), Weight.bias(channels));
    }
  }

  /**
   * The sum of two ways of its input: through {@code layers}, and through {@code shortcut}, which
   * is the input itself where it is empty (He et al. 2016, section 3.2). Tensors are named {@code
   * layers.<i>.<name>} and {@code shortcut.<i>.<name>} inside it.
   */
  record Residual(List<Layer> layers, @Default("") List<Layer> shortcut) implements Layer {
    public Residual {
      layers = List.copyOf(layers);
      shortcut = List.copyOf(shortcut);
    }

    @Override
    public String kind() {
      return "residual";
    }

    @Override
    public int[] outputShape(int[] input) {
      LayerRules.hold(!layers.isEmpty(), "layers: expected at least 1, came none");
      int[] body = walk("layers", layers, input, null);
      int[] beside = walk("shortcut", shortcut, input, null);
      LayerRules.hold(
          Arrays.equals(body, beside),
          "the layers give "
              + Arrays.toString(body)
              + " and the shortcut "
              + Arrays.toString(beside)
              + ": they are added, so both must have one shape");
      return body;
    }

    @Override
    public List<Weight> weights(int[] input) {
      List<Weight> weights = new ArrayList<>();
      walk("layers", layers, input, weights);
      walk("shortcut", shortcut, input, weights);
      return weights;
    }

    /** The shape behind the layers; their weights only where they are asked for. */
    private static int[] walk(
        String way, List<Layer> layers, int[] input, @Nullable List<Weight> into) {
      int[] shape = input;
      for (int i = 0; i < layers.size(); i++) {
        Layer layer = layers.get(i);
        LayerRules.hold(
            !(layer instanceof Rescaling) && !(layer instanceof Embedding),
            layer.kind() + " belongs before all others, not inside a residual");
        int[] before = shape;
        try {
          shape = layer.outputShape(before);
          LayerRules.length(shape);
        } catch (ModelSpecException e) {
          throw new ModelSpecException(
              way + "[" + i + "] (" + layer.kind() + "): " + e.getMessage());
        }
        if (into != null) {
          for (Weight weight : layer.weights(before)) {
            into.add(weight.inside(way + "." + i));
          }
        }
      }
      return shape;
    }
  }

  /**
   * h = tanh(x W + h U + b), starting from zeros (Elman 1990). Takes a sequence [length, channels];
   * gives the state behind each position, or with {@code returnSequences} false the last one. Holds
   * {@code weight} float32[channels, units], {@code recurrent} float32[units, units] and {@code
   * bias} float32[units].
   */
  record SimpleRnn(
      int units,
      @Default("false") boolean returnSequences,
      @Default(value = "glorot_uniform", written = false) Initializer initializer)
      implements Layer {
    @Override
    public String kind() {
      return "simple_rnn";
    }

    @Override
    public int[] outputShape(int[] input) {
      return LayerRules.sequence(input, units, returnSequences);
    }

    @Override
    public List<Weight> weights(int[] input) {
      return LayerRules.recurrent(initializer, input[1], units, 1, Weight.bias(units));
    }
  }

  /**
   * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al.
   * 2000): gates in the order input, forget, candidate, output; the bias of the forget gate starts
   * at 1. Takes a sequence [length, channels]; gives the state behind each position, or with {@code
   * returnSequences} false the last one. Holds {@code weight} float32[channels, 4 units], {@code
   * recurrent} float32[units, 4 units] and {@code bias} float32[4 units].
   */
  record Lstm(
      int units,
      @Default("false") boolean returnSequences,
      @Default(value = "glorot_uniform", written = false) Initializer initializer)
      implements Layer {
    @Override
    public String kind() {
      return "lstm";
    }

    @Override
    public int[] outputShape(int[] input) {
      return LayerRules.sequence(input, units, returnSequences);
    }

    @Override
    public List<Weight> weights(int[] input) {
      return LayerRules.recurrent(initializer, input[1], units, 4, Weight.forgetBias(units));
    }
  }

  /**
   * Gated recurrent unit (Cho et al. 2014, with the reset gate behind the product, as cuDNN,
   * PyTorch and Keras have it): gates in the order update, reset, candidate; one bias beside each
   * product. Takes a sequence [length, channels]; gives the state behind each position, or with
   * {@code returnSequences} false the last one. Holds {@code weight} float32[channels, 3 units],
   * {@code recurrent} float32[units, 3 units] and {@code bias} float32[2, 3 units].
   */
  record Gru(
      int units,
      @Default("false") boolean returnSequences,
      @Default(value = "glorot_uniform", written = false) Initializer initializer)
      implements Layer {
    @Override
    public String kind() {
      return "gru";
    }

    @Override
    public int[] outputShape(int[] input) {
      return LayerRules.sequence(input, units, returnSequences);
    }

    @Override
    public List<Weight> weights(int[] input) {
      return LayerRules.recurrent(initializer, input[1], units, 3, Weight.bias(2, 3 * units));
    }
  }

  /**
   * Adds to each position of a sequence a vector that tells where it is: learned, {@code weight}
   * float32[length, channels], or fixed sines and cosines (Vaswani et al. 2017, section 3.5),
   * without parameters.
   */
  record PositionalEncoding(
      @Default("true") boolean learned,
      @Default(value = "random_normal", written = false) Initializer initializer)
      implements Layer {
    @Override
    public String kind() {
      return "positional_encoding";
    }

    @Override
    public int[] outputShape(int[] input) {
      LayerRules.sequence(input, 1, true);
      return input;
    }

    @Override
    public List<Weight> weights(int[] input) {
      return learned
          ? List.of(new Weight("weight", initializer, input[1], input[1], input[0], input[1]))
          : List.of();
    }

    /** The fixed vectors, float32[length, channels]. */
    public static float[] sinusoids(int length, int channels) {
      float[] values = new float[length * channels];
      for (int i = 0; i < values.length; i++) {
        int position = i / channels;
        int channel = i % channels;
        double angle =
            position / StrictMath.pow(10_000, (double) (channel - channel % 2) / channels);
        values[i] = (float) (channel % 2 == 0 ? StrictMath.sin(angle) : StrictMath.cos(angle));
      }
      return values;
    }
  }

  /**
   * Multi-head self-attention (Vaswani et al. 2017, section 3.2.2) over a sequence [length,
   * channels]: each head of channels / numHeads. Holds {@code weight} float32[channels, 3 channels]
   * and {@code bias} float32[3 channels] (queries, keys, values side by side), {@code
   * projection.weight} float32[channels, channels] and {@code projection.bias} float32[channels].
   * With {@code causal} a position sees itself and those before it. Positions whose token an
   * embedding with {@code maskZero} took for padding are seen by none.
   */
  record MultiHeadAttention(
      int numHeads,
      @Default("false") boolean causal,
      @Default(value = "glorot_uniform", written = false) Initializer initializer)
      implements Layer {
    @Override
    public String kind() {
      return "multi_head_attention";
    }

    @Override
    public int[] outputShape(int[] input) {
      LayerRules.sequence(input, 1, true);
      LayerRules.atLeastOne("numHeads", numHeads);
      LayerRules.hold(
          input[1] % numHeads == 0,
          "numHeads must divide the channels, is " + numHeads + " with " + input[1] + " channels");
      return input;
    }

    @Override
    public List<Weight> weights(int[] input) {
      int channels = input[1];
      return List.of(
          new Weight("weight", initializer, channels, channels, channels, 3 * channels),
          Weight.bias(3 * channels),
          new Weight("projection.weight", initializer, channels, channels, channels, channels),
          Weight.bias(channels).inside("projection"));
    }
  }
}
