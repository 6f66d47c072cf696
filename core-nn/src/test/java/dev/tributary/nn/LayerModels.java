package dev.tributary.nn;

import java.util.ArrayList;
import java.util.List;

/** Small models that between them have every layer, with every setting that changes its loops. */
public final class LayerModels {
  private LayerModels() {}

  public static List<ModelSpec> all() {
    List<ModelSpec> all = new ArrayList<>(activations());
    all.addAll(pictures());
    all.addAll(losses());
    all.addAll(sequences());
    return all;
  }

  static List<ModelSpec> activations() {
    List<ModelSpec> models = new ArrayList<>();
    for (Activation activation : Activation.values()) {
      models.add(
          ModelSpec.builder(5)
              .dense(7, activation)
              .layer(new Layer.Activated(activation))
              .dense(3, Activation.SOFTMAX)
              .build());
      if (activation != Activation.SOFTMAX) {
        models.add(
            ModelSpec.builder(4)
                .dense(6, Activation.TANH)
                .dense(2, activation)
                .loss(Loss.SQUARED_ERROR)
                .build());
      }
    }
    models.add(
        ModelSpec.builder(4)
            .dense(3, Activation.TANH)
            .layer(new Layer.Activated(Activation.SIGMOID))
            .loss(Loss.SQUARED_ERROR)
            .build());
    models.add(ModelSpec.builder(4).dense(3, Activation.SOFTMAX).loss(Loss.SQUARED_ERROR).build());
    models.add(
        ModelSpec.builder(6)
            .dense(20, Activation.TANH)
            .layer(new Layer.Dropout(0.4))
            .dense(3, Activation.SOFTMAX)
            .build());
    return models;
  }

  /** Strides, paddings, groups, windows that overlap and windows that leave something over. */
  public static List<ModelSpec> pictures() {
    return List.of(
        picture(6, 5, 2, conv(3, 3, 2, 1, 1, Padding.VALID, 1)),
        picture(5, 6, 1, conv(18, 2, 3, 1, 1, Padding.SAME, 1)),
        picture(7, 7, 2, conv(4, 3, 3, 2, 2, Padding.SAME, 2)),
        picture(6, 7, 3, conv(6, 2, 2, 2, 3, Padding.VALID, 3)),
        picture(
            8,
            7,
            1,
            conv(4, 3, 3, 1, 1, Padding.SAME, 1),
            new Layer.MaxPooling2d(Size.of(2), Size.of(2), Padding.VALID),
            conv(5, 3, 3, 1, 1, Padding.SAME, 1),
            new Layer.MaxPooling2d(Size.of(3), new Size(2, 1), Padding.SAME)),
        picture(
            6,
            7,
            2,
            conv(3, 2, 2, 1, 1, Padding.VALID, 1),
            new Layer.AveragePooling2d(new Size(3, 2), Size.of(2), Padding.SAME),
            conv(4, 1, 1, 1, 1, Padding.VALID, 1),
            new Layer.AveragePooling2d(Size.of(2), Size.of(1), Padding.VALID)),
        ModelSpec.builder(5, 5, 2)
            .layer(new Layer.MaxPooling2d(Size.of(2), Size.of(2), Padding.SAME))
            .layer(conv(6, 2, 2, 1, 1, Padding.VALID, 1))
            .layer(new Layer.GlobalAveragePooling2d())
            .layer(new Layer.Activated(Activation.SOFTMAX))
            .build());
  }

  static List<ModelSpec> losses() {
    List<ModelSpec> models = new ArrayList<>();
    for (Loss loss : Loss.values()) {
      if (loss == Loss.NEXT_TOKEN) {
        continue;
      }
      boolean smooth = loss.isCategorical() || loss == Loss.BINARY_CROSSENTROPY;
      Activation last =
          loss.isCategorical()
              ? Activation.SOFTMAX
              : loss == Loss.BINARY_CROSSENTROPY ? Activation.SIGMOID : Activation.LINEAR;
      for (int units : loss.isCategorical() ? new int[] {4} : new int[] {1, 4}) {
        models.add(
            ModelSpec.builder(5).dense(6, Activation.TANH).dense(units, last).loss(loss).build());
        if (smooth) {
          List<Double> weights = units == 1 ? List.of(0.5, 2.0) : List.of(1.0, 0.25, 3.0, 0.5);
          models.add(
              ModelSpec.builder(5)
                  .dense(6, Activation.TANH)
                  .dense(units, last)
                  .loss(loss)
                  .lossSettings(new LossSettings(1, 0.2, weights))
                  .build());
        }
      }
    }
    models.add(
        ModelSpec.builder(5)
            .dense(6, Activation.TANH)
            .dense(2, Activation.LINEAR)
            .loss(Loss.HUBER)
            .lossSettings(new LossSettings(0.3, 0, List.of()))
            .build());
    return models;
  }

  static List<ModelSpec> sequences() {
    return List.of(
        ModelSpec.builder(5)
            .layer(new Layer.Embedding(4, 3, Initializer.RANDOM_UNIFORM))
            .dense(6, Activation.TANH)
            .flatten()
            .dense(3, Activation.SOFTMAX)
            .build(),
        ModelSpec.builder(5)
            .layer(new Layer.Embedding(4, 3, Initializer.RANDOM_UNIFORM))
            .dense(6, Activation.GELU)
            .dense(4, Activation.SOFTMAX)
            .loss(Loss.NEXT_TOKEN)
            .build());
  }

  private static Layer conv(
      int filters, int height, int width, int down, int right, Padding padding, int groups) {
    return new Layer.Conv2d(
        filters,
        new Size(height, width),
        new Size(down, right),
        padding,
        groups,
        Activation.TANH,
        Initializer.GLOROT_UNIFORM);
  }

  private static ModelSpec picture(int height, int width, int channels, Layer... layers) {
    ModelSpec.Builder builder = ModelSpec.builder(height, width, channels);
    for (Layer layer : layers) {
      builder.layer(layer);
    }
    return builder.flatten().dense(3, Activation.SOFTMAX).build();
  }
}
