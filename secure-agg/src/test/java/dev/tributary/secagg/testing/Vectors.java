package dev.tributary.secagg.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Properties;

/** Known answers that {@code tools/vectors.py} wrote. */
public final class Vectors {

  private final Properties properties = new Properties();

  private Vectors(String name) {
    try (InputStream in = Vectors.class.getResourceAsStream("/vectors/v1/" + name)) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Vectors primitives() {
    return new Vectors("primitives.properties");
  }

  public static Vectors round() {
    return new Vectors("round_n5_drop1.properties");
  }

  public String text(String key) {
    String value = properties.getProperty(key);
    if (value == null) {
      throw new IllegalArgumentException("no vector " + key);
    }
    return value;
  }

  public int number(String key) {
    return Integer.parseInt(text(key));
  }

  public byte[] bytes(String key) {
    return HexFormat.of().parseHex(text(key));
  }

  /** Unsigned 32-bit numbers as ints. */
  public int[] ints(String key) {
    return Arrays.stream(text(key).split(",")).mapToInt(Integer::parseUnsignedInt).toArray();
  }
}
