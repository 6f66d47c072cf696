package dev.tributary.nn.interchange;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tributary.nn.Layout;
import dev.tributary.nn.ModelFile;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What lies beside a saved model for people and programs (after Mitchell et al. 2019, Model Cards
 * for Model Reporting): JSON with the description, the layout, the digest of the file, how it was
 * trained and what privacy was promised and spent. {@code model.safetensors} has its card in {@code
 * model.card.json}.
 */
public final class ModelCard {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final ObjectNode json;

  private ModelCard(ObjectNode json) {
    this.json = json;
  }

  /**
   * The card of a model.
   *
   * @param training how it was trained, by name: numbers, texts or truth values
   * @param privacy what was promised and spent; empty: written as null, no promise
   * @throws IllegalArgumentException for a value of another kind, or a number that is not finite
   */
  public static ModelCard of(
      ModelFile model, Map<String, Object> training, Map<String, Object> privacy) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("format", "tributary/model-card/v1");
    json.put("sha256", model.digest());
    json.put("parameters", model.spec().layout().size());
    try {
      json.set("model", MAPPER.readTree(model.spec().toJson()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a spec writes JSON", e);
    }
    ArrayNode layout = json.putArray("layout");
    for (Layout.Tensor tensor : model.spec().layout().tensors()) {
      ObjectNode entry = layout.addObject().put("name", tensor.name());
      ArrayNode shape = entry.putArray("shape");
      for (int dimension : tensor.shape()) {
        shape.add(dimension);
      }
      entry.put("offset", tensor.offset());
    }
    json.set("training", record(training));
    if (privacy.isEmpty()) {
      json.putNull("privacy");
    } else {
      json.set("privacy", record(privacy));
    }
    return new ModelCard(json);
  }

  private static ObjectNode record(Map<String, Object> values) {
    ObjectNode node = MAPPER.createObjectNode();
    SortedMap<String, Object> sorted = new TreeMap<>(values);
    for (Map.Entry<String, Object> each : sorted.entrySet()) {
      Object value = each.getValue();
      if (value instanceof Integer || value instanceof Long) {
        node.put(each.getKey(), ((Number) value).longValue());
      } else if (value instanceof Double number && Double.isFinite(number)) {
        node.put(each.getKey(), number);
      } else if (value instanceof String text) {
        node.put(each.getKey(), text);
      } else if (value instanceof Boolean truth) {
        node.put(each.getKey(), truth);
      } else {
        throw new IllegalArgumentException(
            each.getKey() + ": expected a finite number, a text or a truth value, came " + value);
      }
    }
    return node;
  }

  /** The JSON, with line breaks. */
  public String toJson() {
    return json.toPrettyString() + "\n";
  }
}
