package dev.tributary.secagg.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;

/** Looks into objects that promise to have cleared their secrets. */
public final class Wiped {

  private Wiped() {}

  /** Asserts that every byte of these fields of an object is zero; arrays of arrays too. */
  public static void assertZero(Object object, String... fields) {
    for (String name : fields) {
      Object value = value(object, name);
      byte[][] arrays = value instanceof byte[][] many ? many : new byte[][] {(byte[]) value};
      for (byte[] array : arrays) {
        if (array != null) {
          assertThat(array).as("%s.%s", object.getClass(), name).containsOnly(0);
        }
      }
    }
  }

  /** Asserts that each of these fields holds something, so that its wiping can be seen. */
  public static void assertNotZero(Object object, String... fields) {
    for (String name : fields) {
      Object value = value(object, name);
      byte[][] arrays = value instanceof byte[][] many ? many : new byte[][] {(byte[]) value};
      List<byte[]> used = Arrays.stream(arrays).filter(a -> a != null && !allZero(a)).toList();
      assertThat(used).as("%s.%s", object.getClass(), name).isNotEmpty();
    }
  }

  private static boolean allZero(byte[] bytes) {
    return Arrays.equals(bytes, new byte[bytes.length]);
  }

  /** A field's value, whoever may see it. */
  public static Object value(Object object, String name) {
    try {
      Field field = object.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return field.get(object);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError("no field " + name, e);
    }
  }
}
