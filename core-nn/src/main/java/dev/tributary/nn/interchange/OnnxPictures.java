package dev.tributary.nn.interchange;

import dev.tributary.nn.Layer;
import dev.tributary.nn.Padding;
import dev.tributary.nn.Size;
import dev.tributary.nn.interchange.OnnxGraph.Attribute;
import java.util.ArrayList;
import java.util.List;

/** Layers of pictures, which ONNX keeps as [batch, channels, height, width]. */
final class OnnxPictures {
  private OnnxPictures() {}

  /** Kernels are [out, in, height, width] there. */
  static String convolved(OnnxPlace place, Layer.Conv2d conv, String value) {
    List<Attribute> attributes =
        new ArrayList<>(windows(conv.kernelSize(), conv.strides(), conv.padding()));
    attributes.add(new Attribute.Int("group", conv.groups()));
    return convolved(place, "Conv", value, attributes);
  }

  /**
   * Kernels are [in, out, height, width] there. Padding {@code same} cuts off what reaches over
   * {@code in stride}, or adds what a kernel smaller than its stride leaves uncovered.
   */
  static String transposed(OnnxPlace place, Layer.Conv2dTranspose conv, String value) {
    Size kernel = conv.kernelSize();
    Size strides = conv.strides();
    boolean same = conv.padding() == Padding.SAME;
    int rows = same ? kernel.height() - strides.height() : 0;
    int columns = same ? kernel.width() - strides.width() : 0;
    int top = Math.max(0, rows) / 2;
    int left = Math.max(0, columns) / 2;
    return convolved(
        place,
        "ConvTranspose",
        value,
        List.of(
            new Attribute.Ints("kernel_shape", kernel.height(), kernel.width()),
            new Attribute.Ints("strides", strides.height(), strides.width()),
            new Attribute.Ints(
                "pads", top, left, Math.max(0, rows) - top, Math.max(0, columns) - left),
            new Attribute.Ints("output_padding", Math.max(0, -rows), Math.max(0, -columns))));
  }

  private static String convolved(
      OnnxPlace place, String operator, String value, List<Attribute> attributes) {
    String picture = channelsFirst(place, value);
    List<String> inputs =
        List.of(picture, place.turned("weight", 3, 2, 0, 1), place.tensor("bias"));
    return channelsLast(
        place, place.graph().node(operator, inputs, attributes.toArray(new Attribute[0])));
  }

  static String pooled(
      OnnxPlace place, String operator, String value, Size window, Size strides, Padding padding) {
    List<Attribute> attributes = windows(window, strides, padding);
    String picture = channelsFirst(place, value);
    return channelsLast(
        place,
        place.graph().node(operator, List.of(picture), attributes.toArray(new Attribute[0])));
  }

  private static List<Attribute> windows(Size window, Size strides, Padding padding) {
    return List.of(
        new Attribute.Ints("kernel_shape", window.height(), window.width()),
        new Attribute.Ints("strides", strides.height(), strides.width()),
        new Attribute.Text("auto_pad", padding == Padding.SAME ? "SAME_UPPER" : "VALID"));
  }

  private static String channelsFirst(OnnxPlace place, String value) {
    return place.transpose(value, 0, 3, 1, 2);
  }

  private static String channelsLast(OnnxPlace place, String value) {
    return place.transpose(value, 0, 2, 3, 1);
  }
}
