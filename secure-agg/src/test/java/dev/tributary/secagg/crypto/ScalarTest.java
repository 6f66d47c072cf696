package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arithmetic modulo L against {@link BigInteger}. */
class ScalarTest {
  private static final BigInteger L = EdwardsReference.L;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void agreesWithBigInteger(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 4_000; i++) {
      byte[] a = bytes(random, new int[] {16, 32, 64}[i % 3]);
      byte[] b = bytes(random, 64);
      BigInteger wantedA = EdwardsReference.number(a).mod(L);
      BigInteger wantedB = EdwardsReference.number(b).mod(L);
      Scalar actualA = Scalar.ofBytes(a, 0, a.length);
      Scalar actualB = Scalar.ofBytes(b, 0, 64);
      String what = "seed " + seed + ", case " + i;
      assertThat(value(actualA)).as("residue, %s", what).isEqualTo(wantedA);
      assertThat(value(actualA.plus(actualB)))
          .as("sum, %s", what)
          .isEqualTo(wantedA.add(wantedB).mod(L));
      assertThat(value(actualA.times(actualB)))
          .as("product, %s", what)
          .isEqualTo(wantedA.multiply(wantedB).mod(L));
    }
  }

  /** From 2^252 on the tenth limb is not 0, which by chance it never is. */
  @Test
  void sumsAndProductsOfTheLargest() {
    BigInteger top = BigInteger.TWO.pow(252);
    BigInteger[] numbers = {
      L.subtract(BigInteger.ONE), top, top.add(BigInteger.TEN), top.subtract(BigInteger.ONE)
    };
    for (BigInteger a : numbers) {
      for (BigInteger b : numbers) {
        Scalar x = Scalar.ofBytes(EdwardsReference.littleEndian(a), 0, 32);
        Scalar y = Scalar.ofBytes(EdwardsReference.littleEndian(b), 0, 32);
        assertThat(value(x.plus(y))).as("%s + %s", a, b).isEqualTo(a.add(b).mod(L));
        assertThat(value(x.times(y))).as("%s %s", a, b).isEqualTo(a.multiply(b).mod(L));
      }
    }
  }

  /** Random bytes, every other time with a long run of ones or zeros. */
  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    if (random.nextBoolean()) {
      int from = random.nextInt(length);
      int to = from + random.nextInt(length + 1 - from);
      Arrays.fill(bytes, from, to, (byte) (random.nextBoolean() ? 0xff : 0));
    }
    return bytes;
  }

  @Test
  void reducesNumbersAroundMultiplesOfTheOrder() {
    BigInteger largest = BigInteger.TWO.pow(256).divide(L);
    for (BigInteger multiple = BigInteger.ZERO;
        multiple.compareTo(largest) <= 0;
        multiple = multiple.add(BigInteger.ONE)) {
      for (int offset = -3; offset <= 3; offset++) {
        BigInteger number = multiple.multiply(L).add(BigInteger.valueOf(offset));
        if (number.signum() < 0 || number.bitLength() > 256) {
          continue;
        }
        byte[] bytes = EdwardsReference.littleEndian(number);
        assertThat(value(Scalar.ofBytes(bytes, 0, 32))).as("%s", number).isEqualTo(number.mod(L));
        assertThat(Scalar.isReduced(bytes, 0)).as("%s", number).isEqualTo(number.compareTo(L) < 0);
      }
    }
    byte[] ones = new byte[64];
    Arrays.fill(ones, (byte) 0xff);
    assertThat(value(Scalar.ofBytes(ones, 0, 64)))
        .isEqualTo(BigInteger.TWO.pow(512).subtract(BigInteger.ONE).mod(L));
    assertThat(Scalar.isReduced(ones, 16)).isFalse();
    assertThat(value(Scalar.ZERO)).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 7, 8})
  void digitsAddUpAndAreSparse(int width) {
    Random random = new Random(width);
    List<byte[]> numbers = new ArrayList<>();
    numbers.add(new byte[32]);
    numbers.add(EdwardsReference.littleEndian(BigInteger.ONE));
    numbers.add(EdwardsReference.littleEndian(L.subtract(BigInteger.ONE)));
    numbers.add(EdwardsReference.littleEndian(BigInteger.TWO.pow(252).subtract(BigInteger.ONE)));
    for (int i = 0; i < 1_000; i++) {
      numbers.add(bytes(random, 32));
    }
    for (int i = 0; i < numbers.size(); i++) {
      String what = "width and seed " + width + ", case " + i;
      Scalar scalar = Scalar.ofBytes(numbers.get(i), 0, 32);
      List<Integer> positions = new ArrayList<>();
      BigInteger[] sum = {BigInteger.ZERO};
      scalar.nonAdjacentForm(
          width,
          (position, digit) -> {
            assertThat(digit & 1).as(what).isOne();
            assertThat(Math.abs(digit)).as(what).isLessThan(1 << (width - 1));
            positions.add(position);
            sum[0] = sum[0].add(BigInteger.valueOf(digit).shiftLeft(position));
          });
      assertThat(sum[0]).as(what).isEqualTo(value(scalar));
      for (int j = 0; j < positions.size(); j++) {
        int from = j == 0 ? -width : positions.get(j - 1);
        assertThat(positions.get(j)).as(what).isBetween(from + width, 253);
      }
    }
  }

  private static BigInteger value(Scalar scalar) {
    BigInteger value = EdwardsReference.number(scalar.toBytes());
    assertThat(value).isLessThan(L);
    return value;
  }
}
