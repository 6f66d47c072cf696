package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.secagg.testing.Vectors;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShamirTest {

  @Test
  void split_independentVectors_equal() {
    Vectors vectors = Vectors.primitives();
    byte[] shares = new byte[7 * 40];
    Shamir.split(
        vectors.bytes("shamir.secret"),
        vectors.number("shamir.threshold"),
        points(7),
        new SecretStream(vectors.bytes("shamir.coefficientKey")),
        shares);
    assertThat(shares).isEqualTo(vectors.bytes("shamir.shares"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void combine_anyThresholdShares_giveTheSecret(long seed) {
    Random random = new Random(seed);
    int n = 1 + random.nextInt(60);
    int threshold = 1 + random.nextInt(n);
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    byte[] shares = split(secret, threshold, n, random);
    List<Integer> holders = new ArrayList<>(IntStream.range(0, n).boxed().toList());
    Collections.shuffle(holders, random);
    int[] points = holders.subList(0, threshold).stream().mapToInt(i -> i + 1).toArray();
    byte[][] chosen =
        Arrays.stream(points)
            .mapToObj(x -> Arrays.copyOfRange(shares, 40 * (x - 1), 40 * x))
            .toArray(byte[][]::new);
    assertThat(Shamir.combine(Shamir.weights(points), chosen)).isEqualTo(secret);
  }

  @Test
  void combine_wrongShare_isSeenOrGivesAnotherSecret() {
    Random random = new Random(5);
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    byte[] shares = split(secret, 3, 5, random);
    shares[8] ^= 1;
    byte[][] three =
        IntStream.range(0, 3)
            .mapToObj(i -> Arrays.copyOfRange(shares, 40 * i, 40 * (i + 1)))
            .toArray(byte[][]::new);
    assertThat(Shamir.combine(Shamir.weights(new int[] {1, 2, 3}), three)).isNotEqualTo(secret);
  }

  @Test
  void isShare_limbNotBelowP_isNone() {
    byte[] share = new byte[40];
    assertThat(Shamir.isShare(share, 0)).isTrue();
    assertThat(Shamir.isShare(share, 1)).as("too short").isFalse();
    share[16] = 0x1F;
    Arrays.fill(share, 17, 24, (byte) 0xFF);
    assertThat(Shamir.isShare(share, 0)).as("p itself").isFalse();
    share[23] = (byte) 0xFE;
    assertThat(Shamir.isShare(share, 0)).as("p - 1").isTrue();
    share[16] = (byte) 0x80;
    assertThat(Shamir.isShare(share, 0)).as("negative").isFalse();
  }

  /** Fewer than t shares fit every secret: any other secret has a polynomial through them. */
  @Test
  void split_thresholdMinusOneShares_sayNothing() {
    Random random = new Random(9);
    byte[] secret = new byte[32];
    byte[] shares = split(secret, 3, 5, random);
    for (int other = 1; other < 5; other++) {
      int[] points = {1, 2, 5};
      byte[] target = new byte[40];
      target[39] = (byte) other;
      BigInteger p = BigInteger.TWO.pow(61).subtract(BigInteger.ONE);
      // A third share that turns the first two into the other secret always exists and is in range.
      long[] weights = Shamir.weights(points);
      BigInteger needed = BigInteger.valueOf(other);
      for (int i = 0; i < 2; i++) {
        BigInteger limb =
            new BigInteger(
                1, Arrays.copyOfRange(shares, 40 * (points[i] - 1) + 32, 40 * points[i]));
        needed = needed.subtract(BigInteger.valueOf(weights[i]).multiply(limb));
      }
      BigInteger third = needed.multiply(BigInteger.valueOf(weights[2]).modInverse(p)).mod(p);
      assertThat(third).isBetween(BigInteger.ZERO, p.subtract(BigInteger.ONE));
    }
  }

  @Test
  void field_againstBigInteger_equals() {
    BigInteger p = BigInteger.valueOf(Field.P);
    Random random = new Random(11);
    long[] edge = {0, 1, 2, Field.P - 1, Field.P - 2, 1L << 60, (1L << 60) - 1};
    for (int i = 0; i < 20_000; i++) {
      long a = i < 49 ? edge[i / 7] : (random.nextLong() & Long.MAX_VALUE) % Field.P;
      long b = i < 49 ? edge[i % 7] : (random.nextLong() & Long.MAX_VALUE) % Field.P;
      BigInteger x = BigInteger.valueOf(a);
      BigInteger y = BigInteger.valueOf(b);
      assertThat(Field.multiply(a, b)).isEqualTo(x.multiply(y).mod(p).longValue());
      assertThat(Field.add(a, b)).isEqualTo(x.add(y).mod(p).longValue());
      assertThat(Field.subtract(a, b)).isEqualTo(x.subtract(y).mod(p).longValue());
      if (a != 0 && i < 500) {
        assertThat(Field.multiply(a, Field.invert(a))).isEqualTo(1);
      }
    }
  }

  @Test
  void split_badArguments_refused() {
    SecretStream stream = new SecretStream(new byte[32]);
    assertThatThrownBy(() -> Shamir.split(new byte[31], 1, points(1), stream, new byte[40]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Shamir.split(new byte[32], 3, points(2), stream, new byte[80]))
        .hasMessageContaining("Provided: 3");
  }

  private static byte[] split(byte[] secret, int threshold, int n, Random random) {
    byte[] key = new byte[32];
    random.nextBytes(key);
    byte[] shares = new byte[40 * n];
    Shamir.split(secret, threshold, points(n), new SecretStream(key), shares);
    return shares;
  }

  private static int[] points(int n) {
    return java.util.stream.IntStream.rangeClosed(1, n).toArray();
  }
}
