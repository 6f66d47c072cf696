package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.wire.RingPacking;
import dev.tributary.wire.RingVector;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PackedAdditionTest {

  static java.util.stream.IntStream everyWidth() {
    return java.util.stream.IntStream.rangeClosed(1, 32);
  }

  /** Random elements, and elements of all ones, whose carries run as far as carries can. */
  @ParameterizedTest
  @MethodSource("everyWidth")
  void add_isTheSumOfTheElements(int bits) {
    SplittableRandom random = new SplittableRandom(bits);
    int mask = RingVector.mask(bits);
    for (int length : new int[] {1, 2, 7, 63, 64, 65, 1000, 8192}) {
      for (int ones = 0; ones < 3; ones++) {
        int[] a = elements(random, length, mask, ones > 0);
        int[] b = elements(random, length, mask, ones > 1);
        byte[] sum = packed(a, bits);

        new PackedAddition(bits, sum, packed(b, bits)).add(bytes(length, bits));

        int[] found = new int[length];
        RingPacking.unpack(sum, 0, found, 0, length, bits);
        for (int i = 0; i < length; i++) {
          assertThat(found[i])
              .as("element %d of %d, %d bits, ones %d", i, length, bits, ones)
              .isEqualTo((a[i] + b[i]) & mask);
        }
      }
    }
  }

  private static int[] elements(SplittableRandom random, int length, int mask, boolean ones) {
    int[] elements = new int[length];
    for (int i = 0; i < length; i++) {
      elements[i] = ones && random.nextInt(4) > 0 ? mask : random.nextInt() & mask;
    }
    return elements;
  }

  private static byte[] packed(int[] elements, int bits) {
    byte[] packed = new byte[PackedAddition.roundedUp(bytes(elements.length, bits))];
    RingPacking.pack(elements, 0, elements.length, bits, packed, 0);
    return packed;
  }

  private static int bytes(int length, int bits) {
    return Math.toIntExact(RingPacking.packedLength(length, bits));
  }
}
