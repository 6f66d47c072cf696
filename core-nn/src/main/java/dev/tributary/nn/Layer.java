package dev.tributary.nn;

import java.util.Arrays;
import java.util.List;

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
      @Default(value = "random_uniform", written = false) Initializer initializer)
      implements Layer {
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
}
