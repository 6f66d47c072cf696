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
    all.addAll(norms());
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

  static List<ModelSpec> norms() {
    Layer.Activated relu = new Layer.Activated(Activation.SILU);
    return List.of(
        picture(
            5, 4, 2, conv(6, 2, 2, 1, 1, Padding.VALID, 1), new Layer.GroupNormalization(3, 1e-5)),
        picture(
            5,
            4,
            2,
            conv(6, 2, 2, 1, 1, Padding.SAME, 1),
            new Layer.BatchNormalization(0.9, 1e-3),
            conv(3, 2, 2, 2, 2, Padding.VALID, 1)),
        ModelSpec.builder(5)
            .dense(6, Activation.TANH)
            .layer(new Layer.LayerNormalization(1e-5))
            .layer(new Layer.BatchNormalization(0.5, 1e-5))
            .dense(3, Activation.SOFTMAX)
            .build(),
        ModelSpec.builder(4)
            .layer(new Layer.Embedding(5, 6, Initializer.RANDOM_UNIFORM))
            .layer(new Layer.LayerNormalization(1e-5))
            .flatten()
            .dense(3, Activation.SOFTMAX)
            .build(),
        picture(
            4,
            3,
            2,
            new Layer.Conv2dTranspose(
                5,
                new Size(3, 2),
                Size.of(2),
                Padding.VALID,
                Activation.TANH,
                Initializer.HE_NORMAL),
            new Layer.Conv2dTranspose(
                3,
                new Size(2, 3),
                new Size(1, 2),
                Padding.SAME,
                Activation.LINEAR,
                Initializer.HE_NORMAL)),
        picture(
            5,
            5,
            2,
            new Layer.Residual(
                List.of(
                    conv(4, 3, 3, 2, 2, Padding.SAME, 1), new Layer.GroupNormalization(2, 1e-5)),
                List.of(conv(4, 1, 1, 2, 2, Padding.VALID, 1))),
            relu,
            new Layer.Residual(
                List.of(conv(4, 3, 3, 1, 1, Padding.SAME, 1), new Layer.Dropout(0.2)), List.of()),
            relu),
        ModelSpec.builder(4)
            .layer(new Layer.Residual(List.of(new Layer.Dense(4, Activation.TANH)), List.of()))
            .dense(3, Activation.SOFTMAX)
            .build());
  }

  static List<ModelSpec> sequences() {
    return List.of(
        recurrent(new Layer.SimpleRnn(5, true, GLOROT), new Layer.SimpleRnn(3, false, GLOROT)),
        recurrent(new Layer.Lstm(5, true, GLOROT), new Layer.Lstm(17, false, GLOROT)),
        recurrent(new Layer.Gru(5, true, GLOROT), new Layer.Gru(4, false, GLOROT)),
        ModelSpec.builder(6)
            .layer(new Layer.Embedding(5, 4, Initializer.RANDOM_UNIFORM))
            .layer(new Layer.Lstm(3, true, GLOROT))
            .dense(5, Activation.SOFTMAX)
            .loss(Loss.NEXT_TOKEN)
            .build(),
        ModelSpec.builder(4, 3)
            .dense(5, Activation.TANH)
            .layer(new Layer.LayerNormalization(1e-5))
            .layer(new Layer.PositionalEncoding(false, GLOROT))
            .flatten()
            .dense(3, Activation.SOFTMAX)
            .build(),
        attention(new Layer.PositionalEncoding(true, GLOROT), false, true),
        attention(new Layer.PositionalEncoding(false, GLOROT), true, false),
        ModelSpec.builder(5, 6)
            .layer(new Layer.MultiHeadAttention(3, true, GLOROT))
            .flatten()
            .dense(3, Activation.SOFTMAX)
            .build(),
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

  private static final Initializer GLOROT = Initializer.GLOROT_UNIFORM;

  private static ModelSpec recurrent(Layer first, Layer second) {
    return ModelSpec.builder(6, 3).layer(first).layer(second).dense(3, Activation.SOFTMAX).build();
  }

  private static ModelSpec attention(Layer positions, boolean mask, boolean causal) {
    Layer.MultiHeadAttention attention = new Layer.MultiHeadAttention(2, causal, GLOROT);
    return ModelSpec.builder(5)
        .layer(new Layer.Embedding(4, 6, mask, Initializer.RANDOM_UNIFORM))
        .layer(positions)
        .layer(
            new Layer.Residual(List.of(new Layer.LayerNormalization(1e-5), attention), List.of()))
        .layer(
            new Layer.Residual(
                List.of(
                    new Layer.LayerNormalization(1e-5),
                    new Layer.Dense(8, Activation.GELU),
                    new Layer.Dense(6, Activation.LINEAR)),
                List.of()))
        .dense(4, Activation.SOFTMAX)
        .loss(Loss.NEXT_TOKEN)
        .build();
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
