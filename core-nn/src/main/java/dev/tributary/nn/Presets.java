package dev.tributary.nn;

import java.util.ArrayList;
import java.util.List;

/**
 * Models of the literature, ready to train. Each says where it comes from; what the papers leave
 * open (how weights start) is this project's standard.
 */
public final class Presets {
  private static final Layer POOL = new Layer.MaxPooling2d(Size.of(2), Size.of(2), Padding.VALID);

  private static final Layer NORM = new Layer.GroupNormalization(2, 1e-5);
  private static final Layer RELU = new Layer.Activated(Activation.RELU);

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
   * McMahan et al. with 2,048 units and 62 classes: 6,603,710 parameters.
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

  /**
   * The character model of LEAF for Shakespeare (Caldas et al. 2018): 8 numbers a character, two
   * LSTM layers of 256, softmax; 817,872 parameters for its 80 characters, 820,522 for the 90 of
   * Reddi et al. 2021. As in the latter every position predicts its next character.
   *
   * @param length characters of an example, 80 in both
   */
  public static ModelSpec shakespeareLstm(int vocabulary, int length) {
    return ModelSpec.builder(length)
        .layer(new Layer.Embedding(vocabulary, 8, Initializer.RANDOM_UNIFORM))
        .layer(new Layer.Lstm(256, true, Initializer.GLOROT_UNIFORM))
        .layer(new Layer.Lstm(256, true, Initializer.GLOROT_UNIFORM))
        .dense(vocabulary, Activation.SOFTMAX)
        .loss(Loss.NEXT_TOKEN)
        .build();
  }

  /**
   * A language model of the form of GPT-2 (Radford et al. 2019, section 2.3): learned positions,
   * {@code blocks} of causal attention and a GELU layer of 4 {@code channels}, each behind a layer
   * normalization and beside a shortcut, and one more normalization before the softmax. With its
   * sizes (50,257 tokens, length 1,024, 768 channels, 12 heads, 12 blocks) it has the 124,439,808
   * parameters of GPT-2 and those of its last layer, which here shares none with the embedding.
   *
   * @param length tokens of an example
   * @param heads a divisor of {@code channels}
   */
  public static ModelSpec gpt(int vocabulary, int length, int channels, int heads, int blocks) {
    Initializer normal = Initializer.RANDOM_NORMAL;
    ModelSpec.Builder model =
        ModelSpec.builder(length)
            .layer(new Layer.Embedding(vocabulary, channels, normal))
            .layer(new Layer.PositionalEncoding(true, normal));
    for (int i = 0; i < blocks; i++) {
      model
          .layer(behindNorm(new Layer.MultiHeadAttention(heads, true, Initializer.GLOROT_UNIFORM)))
          .layer(
              behindNorm(
                  new Layer.Dense(4 * channels, Activation.GELU),
                  new Layer.Dense(channels, Activation.LINEAR)));
    }
    return model
        .layer(new Layer.LayerNormalization(1e-5))
        .dense(vocabulary, Activation.SOFTMAX)
        .loss(Loss.NEXT_TOKEN)
        .build();
  }

  private static Layer behindNorm(Layer... layers) {
    List<Layer> way = new ArrayList<>(List.of(new Layer.LayerNormalization(1e-5)));
    way.addAll(List.of(layers));
    return new Layer.Residual(way, List.of());
  }

  /** {@link #resNet} with one block a stage: 78,186 parameters for 32x32x3 and 10 classes. */
  public static ModelSpec resNet8(int height, int width, int channels, int classes) {
    return resNet(1, height, width, channels, classes);
  }

  /** {@link #resNet} with three blocks a stage: 273,066 parameters for 32x32x3 and 10 classes. */
  public static ModelSpec resNet20(int height, int width, int channels, int classes) {
    return resNet(3, height, width, channels, classes);
  }

  /**
   * A residual net of 6 {@code blocks} + 2 layers (He et al. 2016, section 4.2): three stages of
   * 16, 32 and 64 filters, each of {@code blocks} pairs of 3x3 convolutions. Where a stage begins,
   * a 1x1 convolution is the shortcut. Norms are of two groups, the federated form of the batch's
   * (Hsieh et al. 2020, section 5; Reddi et al. 2021). Convolutions have biases, as in the nets of
   * the same form by Keras and MLPerf Tiny (Banbury et al. 2021).
   */
  private static ModelSpec resNet(int blocks, int height, int width, int channels, int classes) {
    ModelSpec.Builder model =
        ModelSpec.builder(height, width, channels)
            .layer(convolution(16, 3, 1))
            .layer(NORM)
            .layer(RELU);
    for (int stage = 0; stage < 3; stage++) {
      int filters = 16 << stage;
      for (int block = 0; block < blocks; block++) {
        boolean first = stage > 0 && block == 0;
        List<Layer> way =
            List.of(
                convolution(filters, 3, first ? 2 : 1),
                NORM,
                RELU,
                convolution(filters, 3, 1),
                NORM);
        List<Layer> shortcut = first ? List.of(convolution(filters, 1, 2)) : List.of();
        model.layer(new Layer.Residual(way, shortcut)).layer(RELU);
      }
    }
    return model
        .layer(new Layer.GlobalAveragePooling2d())
        .dense(classes, Activation.SOFTMAX)
        .build();
  }

  private static Layer convolution(int filters, int kernel, int stride) {
    return new Layer.Conv2d(
        filters,
        Size.of(kernel),
        Size.of(stride),
        Padding.SAME,
        1,
        Activation.LINEAR,
        Initializer.HE_NORMAL);
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
