package dev.tributary.nn.interchange;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tributary.nn.ModelSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Tensors as safetensors (the format of that project's README, version 0.4): the length of the
 * header as 8 bytes little-endian, JSON, then the values without gaps. Read are F32, F64, F16 and
 * BF16, written is F32.
 *
 * <p>A model as Tributary saves it is such a file too, with its description in the header: see
 * {@link dev.tributary.nn.ModelFile}.
 */
public final class Safetensors {
  private static final int MAXIMUM_HEADER = 4 << 20;
  private static final String METADATA = "__metadata__";
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Safetensors() {}

  /** The bytes of a file; the same for the same tensors in the same order. */
  public static byte[] toBytes(Tensors tensors) {
    ObjectNode root = MAPPER.createObjectNode();
    long at = 0;
    for (Map.Entry<String, Tensors.Entry> each : tensors.entries().entrySet()) {
      ObjectNode entry = root.putObject(each.getKey()).put("dtype", "F32");
      ArrayNode shape = entry.putArray("shape");
      Arrays.stream(each.getValue().shape()).forEach(shape::add);
      long end = at + 4L * each.getValue().values().length;
      entry.putArray("data_offsets").add(at).add(end);
      at = end;
    }
    byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
    int header = (json.length + 7) / 8 * 8;
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(8 + header + at)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header).put(json);
    for (int i = json.length; i < header; i++) {
      bytes.put((byte) ' ');
    }
    tensors.entries().values().forEach(entry -> bytes.put(Numbers.write(entry.values())));
    return bytes.array();
  }

  /**
   * Reads a file. Everything that the header states is held against the length of the file before
   * anything of that size is allocated.
   *
   * @throws InterchangeException that says what is wrong and where
   */
  public static Tensors parse(byte[] file) {
    int header = headerLength(file);
    JsonNode root = root(file, header);
    List<Range> ranges = new ArrayList<>();
    for (Map.Entry<String, JsonNode> each : root.properties()) {
      if (!each.getKey().equals(METADATA)) {
        ranges.add(Range.of(each.getKey(), each.getValue()));
      }
    }
    ranges.sort(Comparator.comparingLong(Range::from).thenComparingLong(Range::to));
    long end = 0;
    for (Range range : ranges) {
      if (range.from != end) {
        throw new InterchangeException(
            range.name + ": its values must begin at " + end + ", begin at " + range.from);
      }
      end = range.to;
    }
    if (8L + header + end != file.length) {
      throw new InterchangeException(
          "the header tells of " + (8L + header + end) + " bytes, the file has " + file.length);
    }
    Map<String, Tensors.Entry> entries = new LinkedHashMap<>();
    for (Range range : ranges) {
      int count = (int) ((range.to - range.from) / range.type.bytes);
      float[] values = range.type.read(file, (int) (8 + header + range.from), count);
      entries.put(range.name, new Tensors.Entry(range.shape, values));
    }
    return Tensors.owned(entries);
  }

  private static int headerLength(byte[] file) {
    if (file.length < 8) {
      throw new InterchangeException(
          "expected 8 bytes with the length of the header, came " + file.length);
    }
    long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > Math.min(MAXIMUM_HEADER, file.length - 8)) {
      throw new InterchangeException(
          "byte 0: a header of "
              + Long.toUnsignedString(length)
              + " bytes cannot be in a file of "
              + file.length);
    }
    return (int) length;
  }

  private static JsonNode root(byte[] file, int length) {
    try {
      JsonNode root = MAPPER.readTree(file, 8, length);
      if (root == null || !root.isObject()) {
        throw new InterchangeException("the header is no JSON object");
      }
      return root;
    } catch (JsonProcessingException e) {
      throw new InterchangeException("the header is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new InterchangeException("the header is not JSON in UTF-8: " + e.getMessage());
    }
  }

  /** Where the values of a tensor lie behind the header. */
  @SuppressWarnings("ArrayRecordComponent") // private, never compared
  private record Range(String name, Numbers type, int[] shape, long from, long to) {
    static Range of(String name, JsonNode node) {
      Numbers type =
          Arrays.stream(Numbers.values())
              .filter(kind -> kind.name().equals(node.path("dtype").asText()))
              .findFirst()
              .orElseThrow(
                  () ->
                      new InterchangeException(
                          String.format(
                              Locale.ROOT,
                              "%s: dtype must be one of %s, is %s",
                              name,
                              Arrays.toString(Numbers.values()),
                              node.path("dtype"))));
      JsonNode dimensions = node.path("shape");
      JsonNode offsets = node.path("data_offsets");
      if (!dimensions.isArray() || !offsets.isArray() || offsets.size() != 2) {
        throw new InterchangeException(name + ": expected shape and data_offsets, came " + node);
      }
      int[] shape = new int[dimensions.size()];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = (int) whole(name, dimensions.get(i), ModelSpec.MAXIMUM_SIZE);
      }
      long from = whole(name, offsets.get(0), Integer.MAX_VALUE);
      long to = whole(name, offsets.get(1), Integer.MAX_VALUE);
      long expected = (long) Tensors.length(name, shape) * type.bytes;
      if (to - from != expected) {
        throw new InterchangeException(
            name + ": its shape takes " + expected + " bytes, data_offsets give " + (to - from));
      }
      return new Range(name, type, shape, from, to);
    }

    private static long whole(String name, JsonNode node, long most) {
      if (!node.isIntegralNumber()
          || !node.canConvertToLong()
          || node.longValue() < 0
          || node.longValue() > most) {
        throw new InterchangeException(
            name + ": expected a whole number up to " + most + ", came " + node);
      }
      return node.longValue();
    }
  }
}
