package dev.tributary.nn.interchange;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the protobuf of an ONNX file. Field numbers are those of onnx.proto, IR version 10; the
 * operators are those of opset 21.
 */
final class OnnxGraph {
  private static final int IR_VERSION = 10;
  private static final int OPSET = 21;
  private static final int FLOAT = 1;
  static final int INT64 = 7;
  static final int BOOL = 9;
  private static final String BATCH = "batch";

  private final ProtobufWriter graph = new ProtobufWriter();
  private int values;
  private int constants;

  /** An attribute of a node. */
  sealed interface Attribute {
    String name();

    record Int(String name, long value) implements Attribute {}

    record Real(String name, float value) implements Attribute {}

    record Text(String name, String value) implements Attribute {}

    @SuppressWarnings("ArrayRecordComponent") // written out at once, never compared
    record Ints(String name, long... values) implements Attribute {}
  }

  /**
   * Adds a node with one output.
   *
   * @return the name of that output
   */
  String node(String operator, List<String> inputs, Attribute... attributes) {
    return node(operator, inputs, 1, attributes).get(0);
  }

  /** Adds a node; the names of its outputs come back. */
  List<String> node(String operator, List<String> inputs, int outputs, Attribute... attributes) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      names.add("v" + values++);
    }
    add(operator, inputs, names, attributes);
    return names;
  }

  private void add(
      String operator, List<String> inputs, List<String> names, Attribute... attributes) {
    ProtobufWriter node = new ProtobufWriter();
    inputs.forEach(input -> node.text(1, input));
    names.forEach(name -> node.text(2, name));
    node.text(3, operator + "_" + names.get(0)).text(4, operator);
    for (Attribute attribute : attributes) {
      node.message(5, attribute(attribute));
    }
    graph.message(1, node);
  }

  private static ProtobufWriter attribute(Attribute attribute) {
    ProtobufWriter message = new ProtobufWriter().text(1, attribute.name());
    if (attribute instanceof Attribute.Int number) {
      return message.number(3, number.value()).number(20, 2);
    }
    if (attribute instanceof Attribute.Real number) {
      return message.real(2, number.value()).number(20, 1);
    }
    if (attribute instanceof Attribute.Text text) {
      return message.text(4, text.value()).number(20, 3);
    }
    if (attribute instanceof Attribute.Ints numbers) {
      for (long value : numbers.values()) {
        message.number(8, value);
      }
      return message.number(20, 7);
    }
    throw new IllegalStateException("every attribute is one of these");
  }

  /** Adds float32 values under a name of their own. */
  String tensor(String name, int[] shape, float[] values) {
    initializer(name, FLOAT, shape, Numbers.write(values));
    return name;
  }

  /** Adds one float32. */
  String scalar(float value) {
    return tensor("c" + constants++, new int[0], new float[] {value});
  }

  /** Adds a vector of whole numbers, as shapes and axes are given. */
  String ints(long... values) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      raw.putLong(value);
    }
    String name = "c" + constants++;
    initializer(name, INT64, new int[] {values.length}, raw.array());
    return name;
  }

  /** Adds an array of booleans. */
  String flags(int[] shape, boolean... values) {
    byte[] raw = new byte[values.length];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (byte) (values[i] ? 1 : 0);
    }
    String name = "c" + constants++;
    initializer(name, BOOL, shape, raw);
    return name;
  }

  private void initializer(String name, int type, int[] shape, byte[] raw) {
    ProtobufWriter tensor = new ProtobufWriter();
    for (int dimension : shape) {
      tensor.number(1, dimension);
    }
    graph.message(5, tensor.number(2, type).text(8, name).bytes(9, raw));
  }

  /** The file: a graph from {@code input} to {@code value}, both [batch, shape]. */
  byte[] model(String input, int[] inputShape, String value, int[] outputShape, String metadata) {
    String output = "output";
    add("Identity", List.of(value), List.of(output));
    graph.text(2, "tributary");
    graph.message(11, valueInfo(input, inputShape));
    graph.message(12, valueInfo(output, outputShape));
    return new ProtobufWriter()
        .number(1, IR_VERSION)
        .text(2, "tributary")
        .message(7, graph)
        .message(8, new ProtobufWriter().text(1, "").number(2, OPSET))
        .message(14, new ProtobufWriter().text(1, "tributary.model").text(2, metadata))
        .toBytes();
  }

  private static ProtobufWriter valueInfo(String name, int[] shape) {
    ProtobufWriter dimensions =
        new ProtobufWriter().message(1, new ProtobufWriter().text(2, BATCH));
    for (int dimension : shape) {
      dimensions.message(1, new ProtobufWriter().number(1, dimension));
    }
    ProtobufWriter tensor = new ProtobufWriter().number(1, FLOAT).message(2, dimensions);
    return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
  }
}
