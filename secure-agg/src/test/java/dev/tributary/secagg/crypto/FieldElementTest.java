package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Field arithmetic against {@link BigInteger}, random and with every limb at its bounds. */
class FieldElementTest {
  private static final BigInteger P =
      BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));

  /** A carried limb lies in (-2^25, 2^51 + 2^25). */
  private static final long CARRIED_MAX = (1L << 51) + (1L << 25) - 1;

  private static final long CARRIED_MIN = -(1L << 25) + 1;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void agreesWithBigIntegerOnRandomOperandsOfUpToFourTerms(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      Operand a = Operand.random(random);
      Operand b = Operand.random(random);
      check("seed " + seed + ", case " + i, a, b);
    }
  }

  @Test
  void agreesWithBigIntegerWithEachLimbAtABound() {
    // Operands of four terms: 4, 3 .. 0 of them added, the rest subtracted, each limb at one end.
    for (int signs = 0; signs < 25; signs++) {
      for (int ends = 0; ends < 1 << 10; ends++) {
        Operand a = Operand.atBounds(signs / 5, ends & 31);
        Operand b = Operand.atBounds(signs % 5, ends >> 5);
        check("signs " + signs + ", ends " + ends, a, b);
      }
    }
  }

  private static void check(String what, Operand a, Operand b) {
    FieldElement r = new FieldElement();
    r.setProduct(a.element, b.element);
    assertCarried(what, r);
    assertThat(value(r)).as("product, %s", what).isEqualTo(a.value.multiply(b.value).mod(P));
    r.setSquare(a.element);
    assertCarried(what, r);
    assertThat(value(r)).as("square, %s", what).isEqualTo(a.value.multiply(a.value).mod(P));
    r.setNegative(a.element);
    assertThat(value(r)).as("negative, %s", what).isEqualTo(a.value.negate().mod(P));
    assertThat(value(a.element)).as("encoding, %s", what).isEqualTo(a.value.mod(P));
  }

  private static void assertCarried(String what, FieldElement element) {
    for (long limb : limbs(element)) {
      assertThat(limb).as(what).isBetween(CARRIED_MIN, CARRIED_MAX);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void sumsDifferencesAndSelectionAgreeWithBigInteger(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      String what = "seed " + seed + ", case " + i;
      Operand a = Operand.carried(random);
      Operand b = Operand.carried(random);
      FieldElement r = new FieldElement();
      r.setSum(a.element, b.element);
      assertThat(value(r)).as(what).isEqualTo(a.value.add(b.value).mod(P));
      r.setDifference(a.element, b.element);
      assertThat(value(r)).as(what).isEqualTo(a.value.subtract(b.value).mod(P));
      long k = random.nextInt(1 << 18);
      FieldElement scaled = new FieldElement();
      scaled.setSumScaled(a.element, k, r);
      assertThat(value(scaled))
          .as(what)
          .isEqualTo(a.value.add(a.value.subtract(b.value).multiply(BigInteger.valueOf(k))).mod(P));
      r.setSelected(0, a.element, b.element);
      assertThat(limbs(r)).as(what).isEqualTo(limbs(a.element));
      r.setSelected(-1, a.element, b.element);
      assertThat(limbs(r)).as(what).isEqualTo(limbs(b.element));
    }
  }

  @Test
  void theResultMayBeAnOperand() {
    Random random = new Random(7);
    Operand a = Operand.random(random);
    Operand b = Operand.random(random);
    FieldElement expected = new FieldElement();
    expected.setProduct(a.element, b.element);
    FieldElement r = new FieldElement();
    r.set(a.element);
    r.setProduct(r, b.element);
    assertThat(limbs(r)).isEqualTo(limbs(expected));
    r.set(b.element);
    r.setProduct(a.element, r);
    assertThat(limbs(r)).isEqualTo(limbs(expected));
    expected.setSquare(a.element);
    r.set(a.element);
    r.setSquare(r);
    assertThat(limbs(r)).isEqualTo(limbs(expected));
    expected.setInverse(a.element);
    r.set(a.element);
    r.setInverse(r);
    assertThat(limbs(r)).isEqualTo(limbs(expected));
  }

  @Test
  void clearLeavesNothing() {
    Operand a = Operand.random(new Random(12));
    a.element.clear();
    assertThat(limbs(a.element)).containsOnly(0);
  }

  @Test
  void theInverseOfZeroIsZeroAndElseTheProductIsOne() {
    FieldElement r = new FieldElement();
    r.setInverse(new FieldElement());
    assertThat(value(r)).isZero();
    Random random = new Random(8);
    for (int i = 0; i < 200; i++) {
      Operand a = Operand.random(random);
      r.setInverse(a.element);
      assertThat(value(r)).as("seed 8, case %d", i).isEqualTo(a.value.modInverse(P));
    }
  }

  @Test
  void theEncodingIsTheLeastResidueAroundMultiplesOfP() {
    for (int multiple = -3; multiple <= 4; multiple++) {
      for (int offset = -40; offset <= 40; offset++) {
        BigInteger wanted =
            P.multiply(BigInteger.valueOf(multiple)).add(BigInteger.valueOf(offset));
        FieldElement element = ofBigInteger(wanted);
        assertThat(value(element)).as("%d p + %d", multiple, offset).isEqualTo(wanted.mod(P));
      }
    }
  }

  @Test
  void decodingIgnoresTheTopBitAndTakesValuesFromPOn() {
    byte[] bytes = new byte[34];
    Arrays.fill(bytes, (byte) 0xff);
    FieldElement element = new FieldElement();
    element.setBytes(bytes, 1);
    assertThat(value(element)).isEqualTo(BigInteger.valueOf(18));
    bytes[32] = 0x7f;
    bytes[1] = (byte) 0xed; // p
    element.setBytes(bytes, 1);
    assertThat(value(element)).isZero();
  }

  /** Limbs of 51 bits, the highest with the sign and the rest: a value in any multiple of p. */
  private static FieldElement ofBigInteger(BigInteger value) {
    long[] limbs = new long[5];
    BigInteger rest = value;
    for (int i = 0; i < 4; i++) {
      limbs[i] = rest.mod(BigInteger.ONE.shiftLeft(51)).longValueExact();
      rest = rest.shiftRight(51);
    }
    limbs[4] = rest.longValueExact();
    return FieldElement.ofLimbs(limbs[0], limbs[1], limbs[2], limbs[3], limbs[4]);
  }

  private static long[] limbs(FieldElement element) {
    long[] limbs = new long[5];
    element.toLimbs(limbs, 0);
    return limbs;
  }

  private static BigInteger value(FieldElement element) {
    byte[] bytes = new byte[33];
    element.toBytes(bytes, 0);
    assertThat(bytes[32]).isZero();
    return Operand.littleEndian(bytes);
  }

  private record Operand(FieldElement element, BigInteger value) {
    static Operand random(Random random) {
      Operand sum = carried(random);
      for (int terms = random.nextInt(4); terms > 0; terms--) {
        Operand next = carried(random);
        boolean add = random.nextBoolean();
        FieldElement element = new FieldElement();
        if (add) {
          element.setSum(sum.element, next.element);
        } else {
          element.setDifference(sum.element, next.element);
        }
        sum =
            new Operand(element, add ? sum.value.add(next.value) : sum.value.subtract(next.value));
      }
      return sum;
    }

    /** Limbs anywhere in the carried range, its ends oftener than chance. */
    static Operand carried(Random random) {
      long[] limbs = new long[5];
      for (int i = 0; i < 5; i++) {
        limbs[i] =
            switch (random.nextInt(8)) {
              case 0 -> CARRIED_MIN;
              case 1 -> CARRIED_MAX;
              case 2 -> random.nextInt(40) - 20;
              default -> CARRIED_MIN + (random.nextLong() >>> 12) % (CARRIED_MAX - CARRIED_MIN);
            };
      }
      return ofLimbs(limbs);
    }

    /** Four terms, some of them negative; bit i of ends says at which end limb i of each stands. */
    static Operand atBounds(int negative, int ends) {
      long[] limbs = new long[5];
      for (int i = 0; i < 5; i++) {
        boolean high = (ends >> i & 1) != 0;
        limbs[i] =
            (4 - negative) * (high ? CARRIED_MAX : CARRIED_MIN)
                - negative * (high ? CARRIED_MIN : CARRIED_MAX);
      }
      return ofLimbs(limbs);
    }

    private static Operand ofLimbs(long[] limbs) {
      BigInteger value = BigInteger.ZERO;
      for (int i = 4; i >= 0; i--) {
        value = value.shiftLeft(51).add(BigInteger.valueOf(limbs[i]));
      }
      return new Operand(
          FieldElement.ofLimbs(limbs[0], limbs[1], limbs[2], limbs[3], limbs[4]), value);
    }

    static BigInteger littleEndian(byte[] bytes) {
      byte[] reversed = new byte[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        reversed[bytes.length - 1 - i] = bytes[i];
      }
      return new BigInteger(1, reversed);
    }
  }
}
