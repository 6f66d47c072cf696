package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Points, their tables and linear combinations against {@link EdwardsReference}. */
class EdwardsPointTest {
  @Tag("slow")
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void linearCombinationsAreThoseOfTheReference(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 6; i++) {
      int size = 1 + random.nextInt(4);
      LinearCombination combination = new LinearCombination(size + 1);
      EdwardsReference expected = EdwardsReference.NEUTRAL;
      for (int j = 0; j < size; j++) {
        EdwardsReference point = point(random);
        Scalar k = scalar(random);
        expected = expected.plus(point.times(value(k)));
        combination.add(k, multiples(point), OddMultiples.WIDTH);
      }
      Scalar k = scalar(random);
      expected = expected.plus(EdwardsReference.BASE.times(value(k)));
      combination.add(k, OddMultiples.ofBase(), OddMultiples.BASE_WIDTH);
      assertIs("seed " + seed + ", case " + i, combination.sum(), expected);
    }
  }

  @Tag("slow")
  @Test
  void digitsSelectTheOddMultiplesAndTheirNegatives() {
    Random random = new Random(4);
    EdwardsReference point = point(random);
    for (boolean base : new boolean[] {false, true}) {
      OddMultiples multiples = base ? OddMultiples.ofBase() : multiples(point);
      EdwardsReference one = base ? EdwardsReference.BASE : point;
      int width = base ? OddMultiples.BASE_WIDTH : OddMultiples.WIDTH;
      int limit = 1 << (width - 1);
      for (int digit = 1 - limit; digit < limit; digit += 2) {
        EdwardsPoint sum = new EdwardsPoint();
        multiples.addTo(sum, digit, false);
        BigInteger factor = BigInteger.valueOf(digit).mod(EdwardsReference.L);
        EdwardsReference expected = one.times(factor);
        assertIs("seed 4, base " + base + ", digit " + digit, sum, expected);
      }
    }
  }

  @Test
  void doublingAndNegationHoldForPointsOfSmallOrderToo() {
    for (EdwardsReference small : EdwardsReference.smallOrder()) {
      EdwardsPoint point = decode(small.encode());
      point.negate();
      assertIs("negative", point, small.times(BigInteger.valueOf(7)));
      point.twice(true);
      assertIs("twice", point, small.times(BigInteger.valueOf(6)));
      EdwardsPoint eight = decode(small.encode());
      assertThat(eight.timesEightIsNeutral()).isTrue();
      EdwardsPoint mixed = decode(small.plus(EdwardsReference.BASE).encode());
      assertThat(mixed.timesEightIsNeutral()).isFalse();
    }
    assertThat(EdwardsReference.smallOrder()).hasSize(8).doesNotHaveDuplicates();
  }

  @Test
  void anEmptyCombinationAndOneOfZerosAreNeutral() {
    assertIs("empty", new LinearCombination(0).sum(), EdwardsReference.NEUTRAL);
    LinearCombination combination = new LinearCombination(1);
    combination.add(Scalar.ZERO, OddMultiples.ofBase(), OddMultiples.BASE_WIDTH);
    assertIs("zero", combination.sum(), EdwardsReference.NEUTRAL);
  }

  @Test
  void decodesExactlyTheCanonicalEncodingsOfPoints() {
    Random random = new Random(5);
    int points = 0;
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[33];
      random.nextBytes(bytes);
      if (i < 40) { // small y
        Arrays.fill(bytes, (byte) 0);
        bytes[1] = (byte) (i >> 1);
        bytes[32] = (byte) (i << 7);
      }
      byte[] encoded = Arrays.copyOfRange(bytes, 1, 33);
      boolean odd = encoded[31] < 0;
      encoded[31] &= 0x7f;
      BigInteger y = EdwardsReference.number(encoded);
      EdwardsReference expected =
          y.compareTo(EdwardsReference.P) < 0 ? EdwardsReference.withY(y, odd) : null;
      EdwardsPoint point = new EdwardsPoint();
      assertThat(point.decode(bytes, 1)).as("seed 5, case %d", i).isEqualTo(expected != null);
      if (expected != null) {
        points++;
        assertIs("seed 5, case " + i, point, expected);
      }
    }
    // Half of all y belong to a point: 200 fair coins leave this range less often than 1 in 10^7.
    assertThat(points).isBetween(60, 140);
  }

  @Test
  void refusesEncodingsOfYFromPOnAndOfZeroWithASign() {
    for (int excess = 0; excess < 19; excess++) {
      byte[] bytes =
          EdwardsReference.littleEndian(EdwardsReference.P.add(BigInteger.valueOf(excess)));
      assertThat(new EdwardsPoint().decode(bytes, 0)).as("p + %d", excess).isFalse();
      bytes[31] |= (byte) 0x80;
      assertThat(new EdwardsPoint().decode(bytes, 0)).as("p + %d, odd", excess).isFalse();
    }
    for (BigInteger y :
        new BigInteger[] {BigInteger.ONE, EdwardsReference.P.subtract(BigInteger.ONE)}) {
      byte[] bytes = EdwardsReference.littleEndian(y);
      assertThat(new EdwardsPoint().decode(bytes, 0)).isTrue();
      bytes[31] |= (byte) 0x80;
      assertThat(new EdwardsPoint().decode(bytes, 0)).isFalse();
    }
  }

  private static OddMultiples multiples(EdwardsReference point) {
    return OddMultiples.of(decode(point.encode()), new EdwardsPoint());
  }

  private static EdwardsPoint decode(byte[] bytes) {
    EdwardsPoint point = new EdwardsPoint();
    assertThat(point.decode(bytes, 0)).isTrue();
    return point;
  }

  private static EdwardsReference point(Random random) {
    return EdwardsReference.BASE.times(new BigInteger(252, random));
  }

  private static Scalar scalar(Random random) {
    byte[] bytes = new byte[64];
    random.nextBytes(bytes);
    return Scalar.ofBytes(bytes, 0, 64);
  }

  private static BigInteger value(Scalar scalar) {
    return EdwardsReference.number(scalar.toBytes());
  }

  private static void assertIs(String what, EdwardsPoint point, EdwardsReference expected) {
    point.normalise();
    assertThat(point.isEncodedBy(expected.encode(), 0)).as(what).isTrue();
  }
}
