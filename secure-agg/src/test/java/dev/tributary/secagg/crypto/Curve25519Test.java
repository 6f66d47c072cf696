package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** X25519 against the vectors of RFC 7748 and against Bouncy Castle. */
class Curve25519Test {
  private static final HexFormat HEX = HexFormat.of();
  private static final String BASE =
      "0900000000000000000000000000000000000000000000000000000000000000";

  @ParameterizedTest
  @CsvSource({
    // Section 5.2
    "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4,"
        + "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c,"
        + "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d,"
        + "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493,"
        + "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    // Section 6.1: both public keys, and the secret from either side
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a,"
        + BASE
        + ",8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb,"
        + BASE
        + ",de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a,"
        + "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f,"
        + "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb,"
        + "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a,"
        + "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
  })
  void meetsTheVectorsOfRfc7748(String scalar, String point, String product) {
    byte[] out = new byte[32];
    assertThat(Curve25519.agree(HEX.parseHex(scalar), HEX.parseHex(point), out)).isTrue();
    assertThat(HEX.formatHex(out)).isEqualTo(product);
  }

  @Test
  void meetsTheIteratedVectorOfRfc7748() {
    byte[] k = HEX.parseHex(BASE);
    byte[] u = k;
    for (int i = 1; i <= 1_000; i++) {
      byte[] next = new byte[32];
      assertThat(Curve25519.agree(k, u, next)).isTrue();
      u = k;
      k = next;
      if (i == 1) {
        assertThat(HEX.formatHex(k))
            .isEqualTo("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
      }
    }
    assertThat(HEX.formatHex(k))
        .isEqualTo("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void agreesWithBouncyCastle(long seed) {
    Random random = new Random(seed);
    byte[] scalar = new byte[32];
    byte[] point = new byte[32];
    byte[] expected = new byte[32];
    byte[] actual = new byte[32];
    for (int i = 0; i < 4_000; i++) {
      random.nextBytes(scalar);
      random.nextBytes(point);
      if (i % 8 == 0) {
        extreme(random, point);
      }
      if (i % 8 == 1) {
        extreme(random, scalar);
      }
      X25519.scalarMult(scalar, 0, point, 0, expected, 0);
      boolean usable = Curve25519.agree(scalar, point, actual);
      String what =
          "seed %d, case %d: scalar %s, point %s"
              .formatted(seed, i, HEX.formatHex(scalar), HEX.formatHex(point));
      assertThat(actual).as(what).isEqualTo(expected);
      assertThat(usable).as(what).isEqualTo(!Arrays.equals(expected, new byte[32]));
    }
  }

  /** Runs of zeros and ones, as in limbs at their ends and values around p. */
  private static void extreme(Random random, byte[] bytes) {
    Arrays.fill(bytes, (byte) (random.nextBoolean() ? 0xff : 0));
    int from = random.nextInt(32);
    Arrays.fill(bytes, from, from + random.nextInt(33 - from), (byte) random.nextInt(256));
    bytes[0] = (byte) random.nextInt(256);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000000000000000000000000000000000000000000000000000000000000000", // u = 0
        "0100000000000000000000000000000000000000000000000000000000000000", // u = 1
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800", // order 8
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157", // order 8
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // u = p - 1
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // u = p
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // u = p + 1
      })
  void refusesPointsOfLowOrder(String hex) {
    byte[] point = HEX.parseHex(hex);
    Random random = new Random(9);
    byte[] scalar = new byte[32];
    for (int i = 0; i < 64; i++) {
      random.nextBytes(scalar);
      point[31] ^= (byte) 0x80; // the ignored bit, both ways
      byte[] out = new byte[32];
      Arrays.fill(out, (byte) 1);
      assertThat(Curve25519.agree(scalar, point, out)).as("seed 9, case %d", i).isFalse();
      assertThat(out).containsOnly(0);
    }
  }

  @Test
  void reducesPointsFromPOnAndIgnoresTheTopBit() {
    byte[] scalar = new byte[32];
    new Random(10).nextBytes(scalar);
    for (int offset = 2; offset < 19; offset++) {
      byte[] large = HEX.parseHex("ed" + "ff".repeat(30) + "7f");
      large[0] += (byte) offset;
      byte[] small = new byte[32];
      small[0] = (byte) offset;
      byte[] expected = new byte[32];
      byte[] actual = new byte[32];
      assertThat(Curve25519.agree(scalar, small, expected)).isTrue();
      assertThat(Curve25519.agree(scalar, large, actual)).isTrue();
      assertThat(actual).as("p + %d", offset).isEqualTo(expected);
      large[31] |= (byte) 0x80;
      assertThat(Curve25519.agree(scalar, large, actual)).isTrue();
      assertThat(actual).as("p + %d with the top bit", offset).isEqualTo(expected);
    }
  }

  @Test
  void leavesItsInputsAloneAndMayWriteOverThem() {
    Random random = new Random(11);
    byte[] scalar = new byte[32];
    byte[] point = new byte[32];
    random.nextBytes(scalar);
    random.nextBytes(point);
    byte[] scalarBefore = scalar.clone();
    byte[] pointBefore = point.clone();
    byte[] out = new byte[32];
    Curve25519.agree(scalar, point, out);
    assertThat(scalar).isEqualTo(scalarBefore);
    assertThat(point).isEqualTo(pointBefore);
    Curve25519.agree(scalar, point, point);
    assertThat(point).isEqualTo(out);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 99})
  void agreesWithSeveralAtOnceAsWithEachAlone(int count) {
    Random random = new Random(count);
    byte[] scalar = new byte[32];
    random.nextBytes(scalar);
    byte[][] points = new byte[count][32];
    byte[][] products = new byte[count][32];
    for (byte[] point : points) {
      random.nextBytes(point);
    }
    assertThat(Curve25519.agree(scalar, points, products)).isEqualTo(-1);
    for (int i = 0; i < count; i++) {
      byte[] expected = new byte[32];
      X25519.scalarMult(scalar, 0, points[i], 0, expected, 0);
      assertThat(products[i]).as("point %d", i).isEqualTo(expected);
    }
  }

  @Test
  void namesTheFirstUnusablePointAndGivesNothing() {
    Random random = new Random(12);
    byte[] scalar = new byte[32];
    random.nextBytes(scalar);
    for (int bad = 0; bad < 5; bad++) {
      for (byte zero = 0; zero < 2; zero++) { // u = 0 stays at 0, u = 1 goes to infinity
        byte[][] points = new byte[5][32];
        byte[][] products = new byte[5][32];
        for (int i = 0; i < 5; i++) {
          random.nextBytes(points[i]);
          Arrays.fill(products[i], (byte) 1);
        }
        Arrays.fill(points[bad], (byte) 0);
        points[bad][0] = zero;
        points[4] = points[bad].clone();
        assertThat(Curve25519.agree(scalar, points, products)).isEqualTo(bad);
        assertThat(products).isDeepEqualTo(new byte[5][32]);
      }
    }
  }

  @Test
  void refusesArraysOfAnotherLength() {
    byte[] right = new byte[32];
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Curve25519.agree(new byte[31], right, right))
        .withMessage("X25519 scalar must have 32 bytes, not 31");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Curve25519.agree(right, new byte[33], right))
        .withMessage("X25519 point must have 32 bytes, not 33");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Curve25519.agree(right, right, new byte[0]))
        .withMessage("X25519 output must have 32 bytes, not 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Curve25519.agree(right, new byte[2][32], new byte[1][32]))
        .withMessage("2 points, but 1 outputs");
  }
}
