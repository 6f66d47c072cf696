package dev.tributary.nn;

/** One step of a model, as data. */
public sealed interface Layer {

  /** The name in a model description. */
  String kind();

  /**
   * x scale + offset for every number of the input, as Keras calls it: brings data into the range
   * that trains well. Has no parameters; stands before the first dense layer.
   */
  record Rescaling(double scale, double offset) implements Layer {
    @Override
    public String kind() {
      return "rescaling";
    }
  }

  /** Turns an array of any shape into a vector, last dimension fastest. */
  record Flatten() implements Layer {
    @Override
    public String kind() {
      return "flatten";
    }
  }

  /**
   * activation(x W + b). Takes a vector; holds {@code weight} float32[inputs, units] and {@code
   * bias} float32[units].
   *
   * @param units number of outputs, at least 1
   */
  record Dense(int units, Activation activation) implements Layer {
    @Override
    public String kind() {
      return "dense";
    }
  }
}
