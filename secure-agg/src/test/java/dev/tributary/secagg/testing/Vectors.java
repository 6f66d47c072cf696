package dev.tributary.secagg.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;

/** Known answers under {@code vectors}; {@code sa1.py} there says which it wrote. */
public final class Vectors {

  private final Properties properties = new Properties();

  private Vectors(String name) {
    try (InputStream in = Vectors.class.getResourceAsStream("/vectors/" + name)) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The vectors of a file of version 1, without its ending. */
  public static Vectors of(String name) {
    return new Vectors("v1/" + name + ".properties");
  }

  /** The vectors of a file beside the versions, without its ending. */
  public static Vectors beside(String name) {
    return new Vectors(name + ".properties");
  }

  public static Vectors primitives() {
    return of("primitives");
  }

  public boolean has(String key) {
    return properties.containsKey(key);
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

  /** Words between commas; none for an empty value. */
  public List<String> words(String key) {
    String value = text(key);
    return value.isEmpty() ? List.of() : Arrays.asList(value.split(",", -1));
  }

  /** Unsigned 32-bit numbers as ints. */
  public int[] ints(String key) {
    return words(key).stream().mapToInt(Integer::parseUnsignedInt).toArray();
  }
}
