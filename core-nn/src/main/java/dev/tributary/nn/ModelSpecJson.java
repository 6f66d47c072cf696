package dev.tributary.nn;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The JSON of a model: {@code
 * {"input":[28,28,1],"layers":["flatten",{"dense":{"units":10,"activation":"softmax"}}],
 * "loss":"sparse_categorical_crossentropy"}}. Strict: every key is known, none comes twice.
 */
final class ModelSpecJson {
  private static final int MAXIMUM_LENGTH = 1 << 20;
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ModelSpecJson() {}

  static String write(ModelSpec spec) {
    ObjectNode root = MAPPER.createObjectNode();
    ArrayNode input = root.putArray("input");
    for (int dimension : spec.inputShape()) {
      input.add(dimension);
    }
    ArrayNode layers = root.putArray("layers");
    for (Layer layer : spec.layers()) {
      if (layer instanceof Layer.Dense dense) {
        layers
            .addObject()
            .putObject(dense.kind())
            .put("units", dense.units())
            .put("activation", dense.activation().key());
      } else if (layer instanceof Layer.Rescaling rescaling) {
        layers
            .addObject()
            .putObject(rescaling.kind())
            .put("scale", shortest(rescaling.scale()))
            .put("offset", shortest(rescaling.offset()));
      } else {
        layers.add(layer.kind());
      }
    }
    root.put("loss", spec.loss().key());
    return root.toString();
  }

  /**
   * The fewest digits that name a double; {@code Double.toString} differs between Java versions.
   */
  private static BigDecimal shortest(double value) {
    BigDecimal exact = new BigDecimal(value);
    int digits = 1;
    BigDecimal rounded = exact.round(new MathContext(digits));
    while (rounded.doubleValue() != value) {
      rounded = exact.round(new MathContext(++digits));
    }
    BigDecimal stripped = rounded.stripTrailingZeros();
    return stripped.setScale(Math.max(0, stripped.scale()));
  }

  static ModelSpec read(String json) {
    if (json.length() > MAXIMUM_LENGTH) {
      throw new ModelSpecException(
          "a model description has at most "
              + MAXIMUM_LENGTH
              + " characters, came "
              + json.length());
    }
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new ModelSpecException("not JSON: " + e.getOriginalMessage());
    }
    object(root, "model", Set.of("input", "layers", "loss"));
    ModelSpec.Builder builder = ModelSpec.builder(input(root.path("input")));
    JsonNode layers = root.path("layers");
    if (!layers.isArray()) {
      throw new ModelSpecException("layers: expected a list, came " + shown(layers));
    }
    for (int i = 0; i < layers.size(); i++) {
      builder.layer(layer("layer " + i, layers.get(i)));
    }
    return builder.loss(constant("loss", root.path("loss"), Loss.values())).build();
  }

  private static int[] input(JsonNode node) {
    if (!node.isArray()) {
      throw new ModelSpecException("input: expected a list of dimensions, came " + shown(node));
    }
    int[] shape = new int[node.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = whole("input", node.get(i));
    }
    return shape;
  }

  private static Layer layer(String where, JsonNode node) {
    if (node.isTextual() && node.textValue().equals("flatten")) {
      return new Layer.Flatten();
    }
    if (node.isObject() && node.size() == 1 && node.has("dense")) {
      JsonNode dense = node.get("dense");
      object(dense, where + " (dense)", Set.of("units", "activation"));
      int units = whole(where + " (dense): units", dense.path("units"));
      Activation activation =
          constant(where + " (dense): activation", dense.path("activation"), Activation.values());
      return new Layer.Dense(units, activation);
    }
    if (node.isObject() && node.size() == 1 && node.has("rescaling")) {
      JsonNode rescaling = node.get("rescaling");
      String name = where + " (rescaling)";
      object(rescaling, name, Set.of("scale", "offset"));
      return new Layer.Rescaling(
          number(name + ": scale", rescaling.path("scale")),
          number(name + ": offset", rescaling.path("offset")));
    }
    throw new ModelSpecException(
        where
            + ": expected \"flatten\", {\"dense\": {\"units\", \"activation\"}} or {\"rescaling\":"
            + " {\"scale\", \"offset\"}}, came "
            + shown(node));
  }

  private static double number(String where, JsonNode node) {
    if (!node.isNumber()) {
      throw new ModelSpecException(where + ": expected a number, came " + shown(node));
    }
    return node.doubleValue();
  }

  private static void object(JsonNode node, String where, Set<String> keys) {
    if (!node.isObject()) {
      throw new ModelSpecException(where + ": expected an object, came " + shown(node));
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!keys.contains(name)) {
        throw new ModelSpecException(
            where + ": unknown key \"" + name + "\"; known are " + new TreeSet<>(keys));
      }
    }
  }

  private static int whole(String where, JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw new ModelSpecException(where + ": expected a whole number, came " + shown(node));
    }
    return node.intValue();
  }

  private static <E extends Enum<E>> E constant(String where, JsonNode node, E[] values) {
    StringBuilder known = new StringBuilder();
    for (E value : values) {
      String key = value.name().toLowerCase(Locale.ROOT);
      if (node.isTextual() && key.equals(node.textValue())) {
        return value;
      }
      known.append(known.isEmpty() ? "" : ", ").append(key);
    }
    throw new ModelSpecException(where + ": expected one of " + known + ", came " + shown(node));
  }

  private static String shown(JsonNode node) {
    String text = node.isMissingNode() ? "nothing" : node.toString();
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
