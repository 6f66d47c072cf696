package dev.tributary.coordinator.job;

import dev.tributary.coordinator.job.Section.Choice;
import dev.tributary.nn.Activation;
import dev.tributary.nn.Layer;
import dev.tributary.nn.Loss;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.ModelSpecException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Reads a model: input shape, layers, loss. What fits together is the model's own to say. */
final class ModelReader {
  private static final int MAXIMUM_DIMENSION = 1 << 24;
  private static final int MAXIMUM_RANK = 4;
  private static final Rule RESCALING = Rule.between(-1e6, 1e6).orElse(0);

  private final Section s;

  ModelReader(Section s) {
    this.s = s;
  }

  ModelSpec read() {
    ModelSpec.Builder builder = ModelSpec.builder(input());
    List<Node> layers = s.list("layers", true);
    boolean complete = !layers.isEmpty();
    for (int i = 0; i < layers.size(); i++) {
      Choice layer = s.item("layers", layers.get(i), i, "flatten", "dense", "rescaling");
      complete &= layer != null;
      if (layer != null) {
        add(builder, layer);
      }
    }
    Loss loss = s.oneOf("loss", words(Loss.values()), null);
    s.end();
    try {
      return complete ? builder.loss(loss).build() : placeholder();
    } catch (ModelSpecException e) {
      s.problem(
          "model-does-not-fit",
          s.has("layers") ? "layers" : "input",
          "do not fit together: " + e.getMessage(),
          "Change the layer that the message names.");
      return placeholder();
    }
  }

  private static void add(ModelSpec.Builder builder, Choice layer) {
    if (layer.name().equals("flatten")) {
      builder.flatten();
    } else if (layer.name().equals("rescaling")) {
      builder.layer(
          new Layer.Rescaling(
              layer.section().number("scale", null, RESCALING),
              layer.section().number("offset", 0.0, RESCALING)));
    } else {
      builder.dense(
          layer.section().integer("units", null, 1, MAXIMUM_DIMENSION),
          layer.section().oneOf("activation", words(Activation.values()), Activation.LINEAR));
    }
    layer.section().end();
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

  private static <E extends Enum<E>> Map<String, E> words(E[] values) {
    Map<String, E> words = new TreeMap<>();
    for (E value : values) {
      words.put(value.name().toLowerCase(Locale.ROOT), value);
    }
    return words;
  }
}
