package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShareDecoderTest {

  /** Shares of one secret at m random points, some of them changed. */
  private static final class Case {

    final byte[] secret = new byte[32];
    final int threshold;
    final int[] points;
    final byte[][] shares;
    final BitSet changed = new BitSet();

    Case(Random random, int errors) {
      int n = errors * 2 + 1 + random.nextInt(40);
      threshold = 1 + random.nextInt(n - 2 * errors);
      int m = threshold + 2 * errors + random.nextInt(n - threshold - 2 * errors + 1);
      random.nextBytes(secret);
      byte[] key = new byte[32];
      random.nextBytes(key);
      byte[] all = new byte[40 * n];
      Shamir.split(
          secret,
          threshold,
          java.util.stream.IntStream.rangeClosed(1, n).toArray(),
          new SecretStream(key),
          all);
      List<Integer> holders = new ArrayList<>(IntStream.range(0, n).boxed().toList());
      Collections.shuffle(holders, random);
      points = holders.subList(0, m).stream().mapToInt(i -> i + 1).toArray();
      shares =
          Arrays.stream(points)
              .mapToObj(x -> Arrays.copyOfRange(all, 40 * (x - 1), 40 * x))
              .toArray(byte[][]::new);
    }

    /** Changes a share in one limb or in all. */
    void change(int position, Random random) {
      changed.set(position);
      int first = random.nextInt(5);
      for (int limb = first; limb < (random.nextBoolean() ? first + 1 : 5); limb++) {
        int at = 8 * limb;
        shares[position][at + 1 + random.nextInt(7)] ^= (byte) (1 + random.nextInt(255));
      }
      if (!Shamir.isShare(shares[position], 0)) {
        Arrays.fill(shares[position], (byte) 1);
      }
    }

    ShareDecoder.Decoded decode() {
      return new ShareDecoder(points, threshold).decode(shares);
    }
  }

  static IntStream seeds() {
    return IntStream.range(0, 100);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void decode_asManyWrongAsCanBeCorrected_givesSecretAndPositions(int seed) {
    Random random = new Random(seed);
    Case one = new Case(random, random.nextInt(9));
    int most = (one.points.length - one.threshold) / 2;
    int errors = random.nextInt(3) == 0 ? most : random.nextInt(most + 1);
    while (one.changed.cardinality() < errors) {
      one.change(random.nextInt(one.points.length), random);
    }
    ShareDecoder.Decoded decoded = one.decode();
    assertThat(decoded).as("seed %d", seed).isNotNull();
    assertThat(decoded.secret()).as("seed %d", seed).isEqualTo(one.secret);
    assertThat(decoded.wrong()).as("seed %d", seed).isEqualTo(one.changed);
  }

  /** Beyond the bound a word may lie near another codeword, but by chance of 2^-61 alone. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void decode_oneMoreWrong_isRefused(int seed) {
    Random random = new Random(seed);
    Case one = new Case(random, 1 + random.nextInt(4));
    int most = (one.points.length - one.threshold) / 2;
    while (one.changed.cardinality() <= most) {
      one.change(random.nextInt(one.points.length), random);
    }
    // All limbs of all changed shares at random, so that each limb has too many errors.
    for (int i = one.changed.nextSetBit(0); i >= 0; i = one.changed.nextSetBit(i + 1)) {
      random.nextBytes(one.shares[i]);
      for (int limb = 0; limb < 5; limb++) {
        one.shares[i][8 * limb] = 0;
      }
    }
    assertThat(one.decode()).as("seed %d", seed).isNull();
  }

  @Test
  void decode_secretOfZeros_isFound() {
    byte[][] shares = new byte[7][40];
    shares[3][39] = 1;
    ShareDecoder.Decoded decoded =
        new ShareDecoder(new int[] {1, 2, 3, 4, 5, 6, 7}, 3).decode(shares);
    assertThat(decoded.secret()).isEqualTo(new byte[32]);
    assertThat(decoded.wrong().stream()).containsExactly(3);
  }

  @Test
  void decoder_fewerSharesThanTheThreshold_refused() {
    assertThatThrownBy(() -> new ShareDecoder(new int[] {1, 2}, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 3");
  }
}
