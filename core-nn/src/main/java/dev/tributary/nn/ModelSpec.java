package dev.tributary.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a model is, as data: input shape, layers, loss. The layout of its flat float32[d] and every
 * shape follow from it. Two specs are equal when their canonical JSON is.
 */
public final class ModelSpec {
  /** The most floats that a model may have: with these its file still fits a Java array. */
  public static final int MAXIMUM_SIZE = 1 << 28;

  /**
   * Most parameters of a model. Beyond 2^29 it fits no array of bytes, and is read from its file.
   */
  public static final int MAXIMUM_PARAMETERS = 1_000_000_000;

  private static final int INITIAL_PART = 1 << 16;

  private static final int MAXIMUM_RANK = 8;
  private static final int MAXIMUM_LAYERS = 1_000;

  private final int[] inputShape;
  private final List<Layer> layers;
  private final Loss loss;
  private final LossSettings lossSettings;
  private final int[] outputShape;
  private final List<Weight> weights;
  private final Layout layout;
  private final List<String> patterns;
  private final Trainable trainable;
  private final String json;

  private ModelSpec(
      int[] inputShape,
      List<Layer> layers,
      Loss loss,
      LossSettings lossSettings,
      List<String> patterns) {
    this.inputShape = inputShape.clone();
    this.layers = List.copyOf(layers);
    this.loss = loss;
    this.lossSettings = lossSettings;
    Shapes shapes = new Shapes(this.inputShape, this.layers, loss, lossSettings);
    this.outputShape = shapes.outputShape();
    this.weights = List.copyOf(shapes.weights());
    this.layout = new Layout(shapes.tensors());
    this.patterns = List.copyOf(patterns);
    this.trainable = new Trainable(layout, this.patterns);
    this.json = ModelSpecJson.write(this);
  }

  /**
   * Starts a description.
   *
   * @param inputShape dimensions of one example, slowest first
   */
  public static Builder builder(int... inputShape) {
    return new Builder(inputShape);
  }

  /** Dimensions of one example. */
  public int[] inputShape() {
    return inputShape.clone();
  }

  /** Number of floats in one example. */
  public int inputs() {
    int product = 1;
    for (int dimension : inputShape) {
      product *= dimension;
    }
    return product;
  }

  public List<Layer> layers() {
    return layers;
  }

  public Loss loss() {
    return loss;
  }

  /** What changes the loss. */
  public LossSettings lossSettings() {
    return lossSettings;
  }

  /** Dimensions of the output for one example: a vector, or a sequence of them. */
  public int[] outputShape() {
    return outputShape.clone();
  }

  /** Number of floats in the output for one example. */
  public int outputs() {
    return LayerRules.length(outputShape);
  }

  /** What a label counts: the length of the last dimension of the output. */
  public int classes() {
    return outputShape[outputShape.length - 1];
  }

  /** The function at the end of the last layer. */
  public Activation lastActivation() {
    return layers.get(layers.size() - 1).activation();
  }

  public Layout layout() {
    return layout;
  }

  /** What training may change; the rest is frozen. */
  public Trainable trainable() {
    return trainable;
  }

  /** As the description has them; empty where nothing is frozen. */
  List<String> trainablePatterns() {
    return patterns;
  }

  /**
   * Start values by the {@link Initializer} of each layer, biases zero. A model whose only layer
   * with parameters is dense starts at zero: nothing has to be broken apart there, and zero is
   * nearer to every solution than a random point.
   *
   * @return float32[d], the same for the same seed on every machine
   */
  public float[] initialise(long seed) {
    float[] parameters = new float[layout.size()];
    int[] filled = {0};
    initialise(
        seed,
        (block, count) -> {
          System.arraycopy(block, 0, parameters, filled[0], count);
          filled[0] += count;
        });
    return parameters;
  }

  /** Takes a vector in parts. */
  @FunctionalInterface
  public interface Parts {
    /**
     * The next part.
     *
     * @param block float32, overwritten after the call
     * @param count of its floats, from the first
     */
    void next(float[] block, int count);
  }

  /** The same values in order, at most 2^16 at a time, for models that are not to be in memory. */
  public void initialise(long seed, Parts parts) {
    long dense = layers.stream().filter(Layer.Dense.class::isInstance).count();
    boolean zeros = dense == 1 && weights.size() == 2;
    SeededStream stream = new SeededStream(seed);
    float[] block = new float[Math.min(INITIAL_PART, layout.size())];
    for (int i = 0; i < weights.size(); i++) {
      int length = layout.tensors().get(i).length();
      for (int from = 0; from < length; from += block.length) {
        int count = Math.min(block.length, length - from);
        if (!zeros) {
          weights.get(i).initialise(from, block, count, stream);
        }
        parts.next(block, count);
      }
    }
  }

  /** The tensors that follow the batches and are not moved by the loss. */
  public List<Layout.Tensor> statistics() {
    List<Layout.Tensor> statistics = new ArrayList<>();
    for (int i = 0; i < weights.size(); i++) {
      if (weights.get(i).isStatistic()) {
        statistics.add(layout.tensors().get(i));
      }
    }
    return statistics;
  }

  /** The tensors of normalization layers (batch, group, layer), those inside of residuals too. */
  public List<Layout.Tensor> normalizations() {
    List<String> prefixes = new ArrayList<>();
    normalizations("layers.", layers, prefixes);
    return layout.tensors().stream()
        .filter(tensor -> prefixes.stream().anyMatch(tensor.name()::startsWith))
        .toList();
  }

  private static void normalizations(String way, List<Layer> layers, List<String> prefixes) {
    for (int i = 0; i < layers.size(); i++) {
      String prefix = way + i + ".";
      if (layers.get(i) instanceof Layer.Residual residual) {
        normalizations(prefix + "layers.", residual.layers(), prefixes);
        normalizations(prefix + "shortcut.", residual.shortcut(), prefixes);
      } else if (layers.get(i) instanceof Layer.BatchNormalization
          || layers.get(i) instanceof Layer.GroupNormalization
          || layers.get(i) instanceof Layer.LayerNormalization) {
        prefixes.add(prefix);
      }
    }
  }

  /**
   * The same model, of which these tensors do not travel.
   *
   * @throws ModelSpecException if nothing would be left that does
   */
  public ModelSpec without(List<Layout.Tensor> frozen) {
    List<String> left =
        trainable.tensors().stream()
            .filter(tensor -> !frozen.contains(tensor))
            .map(Layout.Tensor::name)
            .toList();
    if (left.isEmpty()) {
      throw new ModelSpecException("trainable: nothing is left that travels");
    }
    return new ModelSpec(inputShape, layers, loss, lossSettings, left);
  }

  /** The canonical JSON: one line, fixed order of keys, no spaces. */
  public String toJson() {
    return json;
  }

  /**
   * Reads a description; unknown or repeated keys are refused.
   *
   * @throws ModelSpecException that names the place and the rule
   */
  public static ModelSpec fromJson(String json) {
    return ModelSpecJson.read(json);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ModelSpec spec && spec.json.equals(json);
  }

  @Override
  public int hashCode() {
    return json.hashCode();
  }

  @Override
  public String toString() {
    return json;
  }

  /** Collects layers in order; {@link #build} checks the whole. */
  public static final class Builder {
    private final int[] inputShape;
    private final List<Layer> layers = new ArrayList<>();
    private List<String> trainable = List.of();
    private Loss loss = Loss.SPARSE_CATEGORICAL_CROSSENTROPY;
    private LossSettings lossSettings = LossSettings.STANDARD;

    private Builder(int[] inputShape) {
      this.inputShape = inputShape.clone();
    }

    public Builder rescaling(double scale, double offset) {
      return layer(new Layer.Rescaling(scale, offset));
    }

    public Builder flatten() {
      return layer(new Layer.Flatten());
    }

    public Builder dense(int units, Activation activation) {
      return layer(new Layer.Dense(units, activation));
    }

    public Builder layer(Layer layer) {
      layers.add(layer);
      return this;
    }

    /**
     * Freezes every tensor but those of these names. Without it everything is trained.
     *
     * @param patterns names as in the layout, in which {@code *} stands for any characters: {@code
     *     layers.3.*}, {@code *.bias}
     */
    public Builder trainable(String... patterns) {
      this.trainable = List.of(patterns);
      return this;
    }

    /** The default is {@link Loss#SPARSE_CATEGORICAL_CROSSENTROPY}. */
    public Builder loss(Loss loss) {
      this.loss = loss;
      return this;
    }

    public Builder lossSettings(LossSettings settings) {
      this.lossSettings = settings;
      return this;
    }

    /**
     * Checks every rule.
     *
     * @throws ModelSpecException if one is broken
     */
    public ModelSpec build() {
      if (inputShape.length < 1 || inputShape.length > MAXIMUM_RANK) {
        throw new ModelSpecException(
            "input: expected 1 to "
                + MAXIMUM_RANK
                + " dimensions, came "
                + Arrays.toString(inputShape));
      }
      if (layers.isEmpty() || layers.size() > MAXIMUM_LAYERS) {
        throw new ModelSpecException(
            "layers: expected 1 to " + MAXIMUM_LAYERS + ", came " + layers.size());
      }
      return new ModelSpec(inputShape, layers, loss, lossSettings, trainable);
    }
  }
}
