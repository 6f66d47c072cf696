package dev.tributary.nn;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

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
      layers.add(write(layer));
    }
    writeLoss(root, spec);
    if (!spec.trainablePatterns().isEmpty()) {
      ArrayNode trainable = root.putArray("trainable");
      spec.trainablePatterns().forEach(trainable::add);
    }
    return root.toString();
  }

  private static JsonNode write(Layer layer) {
    LayerFormat format = format(layer.kind());
    if (format.keys().isEmpty()) {
      return MAPPER.getNodeFactory().textNode(layer.kind());
    }
    ObjectNode root = MAPPER.createObjectNode();
    ObjectNode settings = root.putObject(layer.kind());
    Object[] values = format.values(layer);
    for (int i = 0; i < values.length; i++) {
      LayerFormat.Key key = format.keys().get(i);
      if (key.written() || !values[i].equals(key.standard())) {
        settings.set(key.name(), write(values[i]));
      }
    }
    return root;
  }

  private static JsonNode write(Object value) {
    JsonNodeFactory nodes = MAPPER.getNodeFactory();
    if (value instanceof Double number) {
      return nodes.numberNode(shortest(number));
    } else if (value instanceof Integer number) {
      return nodes.numberNode(number);
    } else if (value instanceof Boolean flag) {
      return nodes.booleanNode(flag);
    } else if (value instanceof Size size) {
      return nodes.arrayNode().add(size.height()).add(size.width());
    } else if (value instanceof List<?> layers) {
      ArrayNode list = nodes.arrayNode();
      layers.forEach(layer -> list.add(write((Layer) layer)));
      return list;
    }
    return nodes.textNode(((Enum<?>) value).name().toLowerCase(Locale.ROOT));
  }

  /** Settings that are standard are left out. */
  private static void writeLoss(ObjectNode root, ModelSpec spec) {
    LossSettings settings = spec.lossSettings();
    if (settings.equals(LossSettings.STANDARD)) {
      root.put("loss", spec.loss().key());
      return;
    }
    ObjectNode loss = root.putObject("loss").putObject(spec.loss().key());
    if (settings.delta() != 1) {
      loss.put("delta", shortest(settings.delta()));
    }
    if (settings.labelSmoothing() != 0) {
      loss.put("labelSmoothing", shortest(settings.labelSmoothing()));
    }
    if (!settings.classWeights().isEmpty()) {
      ArrayNode weights = loss.putArray("classWeights");
      settings.classWeights().forEach(weight -> weights.add(shortest(weight)));
    }
  }

  private static LayerFormat format(String kind) {
    return Objects.requireNonNull(LayerFormat.of(kind), kind);
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
    object(root, "model", Set.of("input", "layers", "loss", "trainable"));
    ModelSpec.Builder builder = ModelSpec.builder(input(root.path("input")));
    JsonNode layers = root.path("layers");
    if (!layers.isArray()) {
      throw new ModelSpecException("layers: expected a list, came " + shown(layers));
    }
    for (int i = 0; i < layers.size(); i++) {
      builder.layer(layer("layer " + i, layers.get(i)));
    }
    if (root.has("trainable")) {
      builder.trainable(patterns(root.path("trainable")));
    }
    loss(builder, root.path("loss"));
    return builder.build();
  }

  private static void loss(ModelSpec.Builder builder, JsonNode node) {
    if (!node.isObject() || node.size() != 1) {
      builder.loss(constant("loss", node, Loss.class));
      return;
    }
    String name = node.fieldNames().next();
    builder.loss(constant("loss", MAPPER.getNodeFactory().textNode(name), Loss.class));
    JsonNode settings = node.get(name);
    object(settings, "loss", Set.of("delta", "labelSmoothing", "classWeights"));
    List<Double> weights = new ArrayList<>();
    for (JsonNode weight : settings.path("classWeights")) {
      weights.add(number("loss: classWeights", weight));
    }
    builder.lossSettings(
        new LossSettings(
            settings.has("delta") ? number("loss: delta", settings.get("delta")) : 1,
            settings.has("labelSmoothing")
                ? number("loss: labelSmoothing", settings.get("labelSmoothing"))
                : 0,
            weights));
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

  private static String[] patterns(JsonNode node) {
    if (!node.isArray() || node.isEmpty()) {
      throw new ModelSpecException(
          "trainable: expected a list of names of tensors, came " + shown(node));
    }
    String[] patterns = new String[node.size()];
    for (int i = 0; i < patterns.length; i++) {
      if (!node.get(i).isTextual()) {
        throw new ModelSpecException("trainable: expected a name, came " + shown(node.get(i)));
      }
      patterns[i] = node.get(i).textValue();
    }
    return patterns;
  }

  private static Layer layer(String where, JsonNode node) {
    String kind =
        node.isTextual()
            ? node.textValue()
            : node.isObject() && node.size() == 1 ? node.fieldNames().next() : "";
    LayerFormat format = LayerFormat.of(kind);
    if (format == null) {
      throw new ModelSpecException(
          where
              + ": expected one of "
              + LayerFormat.all().stream().map(LayerFormat::kind).toList()
              + ", came "
              + shown(node));
    }
    String name = where + " (" + kind + ")";
    JsonNode settings = node.isTextual() ? MAPPER.createObjectNode() : node.get(kind);
    List<LayerFormat.Key> keys = format.keys();
    object(settings, name, keys.stream().map(LayerFormat.Key::name).collect(Collectors.toSet()));
    Object[] values = new Object[keys.size()];
    for (int i = 0; i < values.length; i++) {
      LayerFormat.Key key = keys.get(i);
      Object standard = key.standard();
      values[i] =
          standard != null && !settings.has(key.name())
              ? standard
              : value(name + ": " + key.name(), settings.path(key.name()), key.type());
    }
    return format.create(values);
  }

  private static Object value(String where, JsonNode node, Class<?> type) {
    if (type == int.class) {
      return whole(where, node);
    } else if (type == double.class) {
      return number(where, node);
    } else if (type == boolean.class) {
      if (!node.isBoolean()) {
        throw new ModelSpecException(where + ": expected true or false, came " + shown(node));
      }
      return node.booleanValue();
    } else if (type == Size.class) {
      if (node.isArray() && node.size() == 2) {
        return new Size(whole(where, node.get(0)), whole(where, node.get(1)));
      }
      return Size.of(whole(where, node));
    } else if (type == List.class) {
      if (!node.isArray()) {
        throw new ModelSpecException(where + ": expected a list of layers, came " + shown(node));
      }
      List<Layer> layers = new ArrayList<>();
      for (JsonNode layer : node) {
        layers.add(layer(where + "[" + layers.size() + "]", layer));
      }
      return layers;
    }
    return constant(where, node, type);
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

  private static <E> E constant(String where, JsonNode node, Class<E> type) {
    List<String> known = new ArrayList<>();
    for (E value : type.getEnumConstants()) {
      String key = ((Enum<?>) value).name().toLowerCase(Locale.ROOT);
      if (node.isTextual() && key.equals(node.textValue())) {
        return value;
      }
      known.add(key);
    }
    throw new ModelSpecException(
        where + ": expected one of " + String.join(", ", known) + ", came " + shown(node));
  }

  private static String shown(JsonNode node) {
    String text = node.isMissingNode() ? "nothing" : node.toString();
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
