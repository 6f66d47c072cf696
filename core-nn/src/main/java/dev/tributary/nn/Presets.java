package dev.tributary.nn;

/**
 * Models of the literature, ready to train. Each says where it comes from; what the papers leave
 * open (how weights start) is this project's standard.
 */
public final class Presets {
  private static final Layer POOL = new Layer.MaxPooling2d(Size.of(2), Size.of(2), Padding.VALID);

  private Presets() {}

  /** One linear output, squared error: least squares. */
  public static ModelSpec linearRegression(int inputs) {
    return ModelSpec.builder(inputs).dense(1, Activation.LINEAR).loss(Loss.SQUARED_ERROR).build();
  }

  /** Multinomial logistic regression: one softmax layer. */
  public static ModelSpec logisticRegression(int inputs, int classes) {
    return ModelSpec.builder(inputs).dense(classes, Activation.SOFTMAX).build();
  }

  /** The 2NN of McMahan et al. 2017, section 3: 784-200-200-10, 199,210 parameters. */
  public static ModelSpec mcMahan2nn() {
    return ModelSpec.builder(28, 28, 1)
        .flatten()
        .dense(200, Activation.RELU)
        .dense(200, Activation.RELU)
        .dense(10, Activation.SOFTMAX)
        .build();
  }

  /**
   * The CNN of McMahan et al. 2017, section 3: two 5x5 convolutions with 32 and 64 channels, each
   * with 2x2 max pooling, and 512 units: 1,663,370 parameters, which needs padding {@code same}.
   */
  public static ModelSpec mcMahanCnn() {
    return cnn(Padding.SAME, 5, 32, 64, 512, 10);
  }

  /**
   * The CNN of LEAF for FEMNIST (Caldas et al. 2018, and the code that comes with it): as that of
   * McMahan et al. with 2,048 units and 62 classes.
   */
  public static ModelSpec leafFemnistCnn() {
    return cnn(Padding.SAME, 5, 32, 64, 2_048, 62);
  }

  /**
   * An autoencoder of the form of Hinton and Salakhutdinov 2006 (Science 313), with one hidden
   * layer on each side of the code. Trained on {@link
   * dev.tributary.nn.data.Features#reconstruction}, with inputs in [0, 1].
   */
  public static ModelSpec autoencoder(int inputs, int hidden, int code) {
    return ModelSpec.builder(inputs)
        .dense(hidden, Activation.RELU)
        .dense(code, Activation.LINEAR)
        .dense(hidden, Activation.RELU)
        .dense(inputs, Activation.SIGMOID)
        .loss(Loss.SQUARED_ERROR)
        .build();
  }

  private static ModelSpec cnn(
      Padding padding, int kernel, int first, int second, int units, int classes) {
    return ModelSpec.builder(28, 28, 1)
        .layer(convolution(first, kernel, padding))
        .layer(POOL)
        .layer(convolution(second, kernel, padding))
        .layer(POOL)
        .flatten()
        .dense(units, Activation.RELU)
        .dense(classes, Activation.SOFTMAX)
        .build();
  }

  private static Layer convolution(int filters, int kernel, Padding padding) {
    return new Layer.Conv2d(
        filters,
        Size.of(kernel),
        Size.of(1),
        padding,
        1,
        Activation.RELU,
        Initializer.GLOROT_UNIFORM);
  }
}
