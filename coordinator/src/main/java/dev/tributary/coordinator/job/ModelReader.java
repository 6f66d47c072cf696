package dev.tributary.coordinator.job;

import dev.tributary.coordinator.job.Section.Choice;
import dev.tributary.nn.Activation;
import dev.tributary.nn.Layer;
import dev.tributary.nn.LayerFormat;
import dev.tributary.nn.Loss;
import dev.tributary.nn.LossSettings;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.ModelSpecException;
import dev.tributary.nn.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads a model: input shape, layers, loss. What fits together is the model's own to say. */
final class ModelReader {
  private static final int MAXIMUM_DIMENSION = 1 << 24;
  private static final int MAXIMUM_RANK = 4;
  private static final Rule SETTING = Rule.between(-1e6, 1e6).orElse(0);
  private static final Rule DELTA = Rule.between(1e-6, 1e6).orElse(1);
  private static final String[] KINDS =
      LayerFormat.all().stream().map(LayerFormat::kind).toArray(String[]::new);

  private final Section s;

  ModelReader(Section s) {
    this.s = s;
  }

  ModelSpec read() {
    ModelSpec.Builder builder = ModelSpec.builder(input());
    List<Node> layers = s.list("layers", true);
    boolean complete = !layers.isEmpty();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layer(s, "layers", layers.get(i), i);
      complete &= layer != null;
      if (layer != null) {
        builder.layer(layer);
      }
    }
    loss(builder);
    builder.trainable(patterns());
    s.end();
    try {
      return complete ? builder.build() : placeholder();
    } catch (ModelSpecException e) {
      s.problem(
          "model-does-not-fit",
          String.valueOf(e.getMessage()).startsWith("trainable")
              ? "trainable"
              : s.has("layers") ? "layers" : "input",
          "do not fit together: " + e.getMessage(),
          "Change the layer that the message names.");
      return placeholder();
    }
  }

  private static @Nullable Layer layer(Section s, String key, Node node, int index) {
    Choice choice = s.item(key, node, index, KINDS);
    LayerFormat format = choice == null ? null : LayerFormat.of(choice.name());
    if (choice == null || format == null) {
      return null;
    }
    Object[] values = new Object[format.keys().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(choice.section(), format.keys().get(i));
    }
    choice.section().end();
    return format.create(values);
  }

  private static Object value(Section s, LayerFormat.Key key) {
    Object standard = key.standard();
    if (key.type() == int.class) {
      return s.integer(key.name(), (Integer) standard, 1, MAXIMUM_DIMENSION);
    } else if (key.type() == double.class) {
      return s.number(key.name(), (Double) standard, SETTING);
    } else if (key.type() == boolean.class) {
      return s.flag(key.name(), Boolean.TRUE.equals(standard));
    } else if (key.type() == Size.class) {
      int[] size = s.integers(key.name(), standard == null, 1, MAXIMUM_DIMENSION, 2);
      return size.length == 0 && standard != null
          ? standard
          : size.length == 2 ? new Size(size[0], size[1]) : Size.of(size.length == 1 ? size[0] : 1);
    } else if (key.type() == List.class) {
      List<Layer> layers = new ArrayList<>();
      List<Node> written = s.list(key.name(), standard == null);
      for (int i = 0; i < written.size(); i++) {
        Layer layer = layer(s, key.name(), written.get(i), i);
        if (layer != null) {
          layers.add(layer);
        }
      }
      return layers;
    }
    Map<String, Object> words = new TreeMap<>();
    for (Object constant : key.type().getEnumConstants()) {
      words.put(((Enum<?>) constant).name().toLowerCase(Locale.ROOT), constant);
    }
    return s.oneOf(key.name(), words, standard);
  }

  private void loss(ModelSpec.Builder builder) {
    Map<String, Loss> words = new TreeMap<>();
    for (Loss loss : Loss.values()) {
      words.put(loss.key(), loss);
    }
    Choice choice = s.choice("loss", true, words.keySet().toArray(new String[0]));
    if (choice == null) {
      return;
    }
    Loss loss = words.getOrDefault(choice.name(), Loss.SQUARED_ERROR);
    Section settings = choice.section();
    boolean crossEntropy = loss.isCategorical() || loss == Loss.BINARY_CROSSENTROPY;
    builder
        .loss(loss)
        .lossSettings(
            new LossSettings(
                loss == Loss.HUBER ? settings.number("delta", 1.0, DELTA) : 1,
                crossEntropy ? settings.number("labelSmoothing", 0.0, Rule.from(0, 1)) : 0,
                crossEntropy ? settings.numbers("classWeights") : List.of()));
    settings.end();
  }

  private String[] patterns() {
    List<String> patterns = new ArrayList<>();
    for (Node item : s.list("trainable", false)) {
      if (item instanceof Node.Scalar name) {
        patterns.add(name.text());
      } else {
        s.problem(
            "job-wrong-type",
            "trainable",
            "holds " + item.shown() + ", which is no name",
            "Write names of tensors such as [layers.3.*, \"*.bias\"].");
      }
    }
    if (patterns.isEmpty() && s.has("trainable")) {
      s.problem(
          "job-out-of-range",
          "trainable",
          "holds no name of a tensor",
          "Write names such as [layers.3.*], or leave the key out to train everything.");
    }
    return patterns.toArray(new String[0]);
  }

  private int[] input() {
    List<Node> written = s.list("input", true);
    if (written.isEmpty() || written.size() > MAXIMUM_RANK) {
      if (s.has("input")) {
        s.problem(
            "job-out-of-range",
            "input",
            "has " + written.size() + " dimensions, and must have 1 to " + MAXIMUM_RANK,
            "Write the shape of one example, such as [28, 28, 1].");
      }
      return new int[] {1};
    }
    int[] shape = new int[written.size()];
    for (int i = 0; i < shape.length; i++) {
      String text = written.get(i).shown();
      if (!text.matches("[1-9]\\d{0,7}")) {
        s.problem(
            "job-out-of-range",
            "input",
            "holds " + text + ", and a dimension is a whole number from 1 to 99999999",
            "Write the shape of one example, such as [28, 28, 1].");
        return new int[] {1};
      }
      shape[i] = Integer.parseInt(text);
    }
    return shape;
  }

  /** Stands in after a problem, so that the rest of the file is read too. */
  private static ModelSpec placeholder() {
    return ModelSpec.builder(1).dense(1, Activation.LINEAR).loss(Loss.SQUARED_ERROR).build();
  }
}
