package dev.tributary.nn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A model: spec and float32[d]. Its bytes are a safetensors file that any reader of the format
 * opens: tensors by the names of the layout, the spec as JSON in {@code
 * __metadata__["tributary.model"]}. One model has one byte form, so its digest names it.
 */
public final class ModelFile {
  private final ModelSpec spec;
  private final float[] parameters;

  private ModelFile(ModelSpec spec, float[] parameters) {
    this.spec = spec;
    this.parameters = parameters;
  }

  /**
   * Joins a spec and its values.
   *
   * @param parameters float32[d] in the order of the layout; copied
   * @throws ModelFileException if their number is not the layout's
   */
  public static ModelFile of(ModelSpec spec, float[] parameters) {
    if (parameters.length != spec.layout().size()) {
      throw new ModelFileException(
          "a model of "
              + spec.layout().size()
              + " parameters, but "
              + parameters.length
              + " came with it");
    }
    return new ModelFile(spec, parameters.clone());
  }

  public ModelSpec spec() {
    return spec;
  }

  /** The values, float32[d]; a copy. */
  public float[] parameters() {
    return parameters.clone();
  }

  /** The values without a copy, for readers inside this package. */
  float[] shared() {
    return parameters;
  }

  /** The bytes of a model's file before its values, which are float32[d] little-endian. */
  public static byte[] header(ModelSpec spec) {
    return SafetensorsHeader.of(spec);
  }

  /**
   * The safetensors bytes: the same for the same model, always.
   *
   * @throws ModelFileException for 2 GiB or more
   */
  public byte[] toBytes() {
    byte[] header = SafetensorsHeader.of(spec);
    long length = header.length + 4L * parameters.length;
    if (length > SafetensorsHeader.MAXIMUM_FILE) {
      throw new ModelFileException(
          "a model of " + length + " bytes is too long for one array: keep it in a file");
    }
    byte[] bytes = new byte[(int) length];
    System.arraycopy(header, 0, bytes, 0, header.length);
    ByteBuffer.wrap(bytes, header.length, 4 * parameters.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .put(parameters);
    return bytes;
  }

  /**
   * Reads a model; only the byte form that {@link #toBytes} writes is taken. Nothing larger than
   * the input is allocated before its sizes are checked.
   *
   * @throws ModelFileException that says what is wrong and where
   */
  public static ModelFile parse(byte[] bytes) {
    ModelSpec spec = SafetensorsHeader.spec(bytes);
    byte[] header = SafetensorsHeader.of(spec);
    long expected = header.length + 4L * spec.layout().size();
    if (bytes.length != expected) {
      throw new ModelFileException(
          "expected " + expected + " bytes for " + spec + ", came " + bytes.length);
    }
    int difference = Arrays.mismatch(header, 0, header.length, bytes, 0, header.length);
    if (difference >= 0) {
      throw new ModelFileException(
          "the header is not the one that belongs to its model, from byte " + difference + " on");
    }
    float[] parameters = new float[spec.layout().size()];
    ByteBuffer.wrap(bytes, header.length, 4 * parameters.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(parameters);
    return new ModelFile(spec, parameters);
  }

  /** SHA-256 of {@link #toBytes}, 64 hex digits. */
  public String digest() {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(toBytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * Writes the bytes so that the file is there whole or not at all.
   *
   * @throws ModelFileException if the file system refuses
   */
  public void write(Path file) {
    Path target = file.toAbsolutePath();
    try {
      Path temporary = Files.createTempFile(target.getParent(), ".model", ".tmp");
      try {
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
          ByteBuffer bytes = ByteBuffer.wrap(toBytes());
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
          channel.force(true);
        }
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new ModelFileException(file + ": cannot write the model: " + reason(e), e);
    }
  }

  /**
   * Reads a file that {@link #write} wrote.
   *
   * @throws ModelFileException if it cannot be read or is no model
   */
  public static ModelFile read(Path file) {
    byte[] bytes;
    try {
      long size = Files.size(file);
      if (size > SafetensorsHeader.MAXIMUM_FILE) {
        throw new ModelFileException(
            file
                + ": a model file has at most "
                + SafetensorsHeader.MAXIMUM_FILE
                + " bytes, this has "
                + size);
      }
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new ModelFileException(file + ": cannot read the model: " + reason(e), e);
    }
    try {
      return parse(bytes);
    } catch (ModelFileException e) {
      throw new ModelFileException(file + ": " + e.getMessage(), e);
    }
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException ? "no such file" : String.valueOf(e.getMessage());
  }

  @Override
  public String toString() {
    return "ModelFile[" + spec + "]";
  }
}
