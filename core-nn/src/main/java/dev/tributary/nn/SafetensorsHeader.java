package dev.tributary.nn;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The head of a safetensors file: 8 bytes little-endian length, then that much JSON, padded with
 * spaces so that the tensors behind it start at a multiple of 8.
 */
final class SafetensorsHeader {
  /** A header is far smaller than this; the limit is checked before anything is read into it. */
  private static final int MAXIMUM_LENGTH = 4 << 20;

  /** Bytes of a file that is read into memory: those of one array. */
  static final long MAXIMUM_FILE = Integer.MAX_VALUE - 8L;

  private static final String METADATA = "__metadata__";
  private static final String MODEL = "tributary.model";
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private SafetensorsHeader() {}

  /** Length field, JSON and padding for a model. */
  static byte[] of(ModelSpec spec) {
    ObjectNode root = MAPPER.createObjectNode();
    root.putObject(METADATA).put(MODEL, spec.toJson());
    for (Layout.Tensor tensor : spec.layout().tensors()) {
      ObjectNode entry = root.putObject(tensor.name());
      entry.put("dtype", "F32");
      ArrayNode shape = entry.putArray("shape");
      for (int dimension : tensor.shape()) {
        shape.add(dimension);
      }
      entry
          .putArray("data_offsets")
          .add(4L * tensor.offset())
          .add(4L * (tensor.offset() + tensor.length()));
    }
    byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
    byte[] header = new byte[(8 + json.length + 7) / 8 * 8];
    Arrays.fill(header, (byte) ' ');
    ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length - 8).put(json);
    return header;
  }

  /** The spec in the header of a file. */
  static ModelSpec spec(byte[] file) {
    if (file.length < 8) {
      throw new ModelFileException(
          "expected 8 bytes with the length of the header, came " + file.length);
    }
    long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > Math.min(MAXIMUM_LENGTH, file.length - 8)) {
      throw new ModelFileException(
          "byte 0: a header of "
              + Long.toUnsignedString(length)
              + " bytes cannot be in a file of "
              + file.length);
    }
    JsonNode root;
    try {
      root = MAPPER.readTree(file, 8, (int) length);
    } catch (JsonProcessingException e) {
      throw new ModelFileException("the header is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new ModelFileException("the header is not JSON in UTF-8: " + e.getMessage());
    }
    JsonNode model = root.path(METADATA).path(MODEL);
    if (!model.isTextual()) {
      throw new ModelFileException(
          "the header has no description of the model in " + METADATA + "[\"" + MODEL + "\"]");
    }
    try {
      return ModelSpec.fromJson(model.textValue());
    } catch (ModelSpecException e) {
      throw new ModelFileException("the model's description: " + e.getMessage(), e);
    }
  }
}
