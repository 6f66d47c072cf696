package dev.tributary.simulation.bench;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Initializer;
import dev.tributary.nn.Layer;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.Padding;
import dev.tributary.nn.Presets;
import dev.tributary.nn.Size;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * A model and a batch size that steps are timed for; {@code training.py} has each by the same name.
 *
 * @param rows of the data: small enough to stay in the cache on both sides; below 100 where a step
 *     takes milliseconds
 */
record TrainingCase(String name, String words, ModelSpec model, int batch, int rows) {

  static final List<TrainingCase> ALL =
      List.of(
          new TrainingCase("mlp-32", "MLP 784-128-64-10, batch 32", mlp(), 32, 320),
          new TrainingCase("mlp-256", "MLP 784-128-64-10, batch 256", mlp(), 256, 1_024),
          new TrainingCase(
              "logistic-32",
              "logistic regression 100-2, batch 32",
              Presets.logisticRegression(100, 2),
              32,
              320),
          new TrainingCase("cnn-32", "CNN 3x3x32-pool-3x3x64-pool-128-10, batch 32", cnn(), 32, 96),
          new TrainingCase("wide-32", "MLP 784-1024-1024-10, batch 32", wide(), 32, 320),
          new TrainingCase(
              "leaf-32",
              "CNN of LEAF, 6.6 M parameters, batch 32",
              Presets.leafFemnistCnn(),
              32,
              96),
          new TrainingCase("lstm-32", "LSTM 128 over 64 steps of 128, batch 32", lstm(), 32, 96),
          new TrainingCase(
              "transformer-16",
              "Transformer block, 128 wide, 4 heads, 64 steps, batch 16",
              transformer(),
              16,
              48));

  private static ModelSpec mlp() {
    return ModelSpec.builder(784)
        .dense(128, Activation.RELU)
        .dense(64, Activation.RELU)
        .dense(10, Activation.SOFTMAX)
        .build();
  }

  private static ModelSpec wide() {
    return ModelSpec.builder(784)
        .dense(1024, Activation.RELU)
        .dense(1024, Activation.RELU)
        .dense(10, Activation.SOFTMAX)
        .build();
  }

  private static ModelSpec cnn() {
    Layer pool = new Layer.MaxPooling2d(Size.of(2), Size.of(2), Padding.VALID);
    return ModelSpec.builder(28, 28, 1)
        .layer(convolution(32))
        .layer(pool)
        .layer(convolution(64))
        .layer(pool)
        .flatten()
        .dense(128, Activation.RELU)
        .dense(10, Activation.SOFTMAX)
        .build();
  }

  private static ModelSpec lstm() {
    return ModelSpec.builder(64, 128)
        .layer(new Layer.Lstm(128, false, Initializer.GLOROT_UNIFORM))
        .dense(10, Activation.SOFTMAX)
        .build();
  }

  private static ModelSpec transformer() {
    Layer norm = new Layer.LayerNormalization(1e-5);
    Layer attention = new Layer.MultiHeadAttention(4, false, Initializer.GLOROT_UNIFORM);
    Layer wide = new Layer.Dense(512, Activation.GELU);
    Layer narrow = new Layer.Dense(128, Activation.LINEAR);
    return ModelSpec.builder(64, 128)
        .layer(new Layer.Residual(List.of(norm, attention), List.of()))
        .layer(new Layer.Residual(List.of(norm, wide, narrow), List.of()))
        .flatten()
        .dense(10, Activation.SOFTMAX)
        .build();
  }

  private static Layer convolution(int filters) {
    return new Layer.Conv2d(
        filters,
        Size.of(3),
        Size.of(1),
        Padding.VALID,
        1,
        Activation.RELU,
        Initializer.GLOROT_UNIFORM);
  }

  /** The same numbers for every engine. */
  Dataset data() {
    Random random = new Random(1);
    float[] features = new float[rows * model.inputs()];
    for (int i = 0; i < features.length; i++) {
      features[i] = random.nextFloat();
    }
    int[] labels = random.ints(rows, 0, model.outputs()).toArray();
    return Dataset.of(model.inputShape(), model.outputs(), features, labels);
  }

  /**
   * Trains for about that long: gather, forward, loss, backward and SGD; microseconds a step.
   *
   * @param clock nanoseconds, by which steps are timed; how long it goes on is by the wall's
   */
  double microseconds(Engine engine, Dataset data, double seconds, LongSupplier clock) {
    ModelFile start = ModelFile.of(model, model.initialise(1));
    int epochs = Math.max(1, 100 * batch / rows / (rows < 100 ? 10 : 1));
    TrainingConfig config =
        new TrainingConfig(epochs, batch, OptimizerSpec.sgd(0.01, 0, 0), LocalMethod.sgd());
    long began = System.nanoTime();
    long from = clock.getAsLong();
    long steps = 0;
    do {
      steps += LocalTraining.train(engine, start, data, config, 1).steps();
    } while (System.nanoTime() - began < seconds * 1e9);
    return (clock.getAsLong() - from) / 1e3 / steps;
  }
}
