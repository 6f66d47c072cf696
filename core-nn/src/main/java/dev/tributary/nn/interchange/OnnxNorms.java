package dev.tributary.nn.interchange;

import dev.tributary.nn.Layer;
import dev.tributary.nn.interchange.OnnxGraph.Attribute;
import java.util.List;

/** Norms. ONNX wants channels right behind the batch where it normalizes by channels. */
final class OnnxNorms {
  private OnnxNorms() {}

  /** By the kept statistics, as outside training. A variance below 0 counts as 0. */
  static String batch(OnnxPlace place, Layer.BatchNormalization norm, int rank, String value) {
    float[] variance = place.values("variance");
    for (int c = 0; c < variance.length; c++) {
      variance[c] = Math.max(0, variance[c]);
    }
    List<String> inputs =
        List.of(
            channelsFirst(place, rank, value),
            place.tensor("weight"),
            place.tensor("bias"),
            place.tensor("mean"),
            place.tensor("variance", place.shape("variance"), variance));
    return channelsLast(
        place, rank, place.graph().node("BatchNormalization", inputs, epsilon(norm.epsilon())));
  }

  static String group(OnnxPlace place, Layer.GroupNormalization norm, int rank, String value) {
    List<String> inputs =
        List.of(channelsFirst(place, rank, value), place.tensor("weight"), place.tensor("bias"));
    return channelsLast(
        place,
        rank,
        place
            .graph()
            .node(
                "GroupNormalization",
                inputs,
                new Attribute.Int("num_groups", norm.groups()),
                epsilon(norm.epsilon())));
  }

  static String layer(OnnxPlace place, Layer.LayerNormalization norm, String value) {
    return place
        .graph()
        .node(
            "LayerNormalization",
            List.of(value, place.tensor("weight"), place.tensor("bias")),
            new Attribute.Int("axis", -1),
            epsilon(norm.epsilon()));
  }

  private static Attribute epsilon(double epsilon) {
    return new Attribute.Real("epsilon", (float) epsilon);
  }

  private static String channelsFirst(OnnxPlace place, int rank, String value) {
    return switch (rank) {
      case 1 -> value;
      case 2 -> place.transpose(value, 0, 2, 1);
      default -> place.transpose(value, 0, 3, 1, 2);
    };
  }

  private static String channelsLast(OnnxPlace place, int rank, String value) {
    return switch (rank) {
      case 1 -> value;
      case 2 -> place.transpose(value, 0, 2, 1);
      default -> place.transpose(value, 0, 2, 3, 1);
    };
  }
}
