package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.secagg.crypto.Ed25519Verifier.PublicKey;
import dev.tributary.secagg.crypto.Ed25519VerifierTest.Signer;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The last input that each primitive takes, and the first that it refuses. */
class LimitsTest {

  @Test
  void hkdf_takes64BytesOfSalt_andGives8160() {
    byte[] salt = Labels.sha256(new byte[] {1});
    byte[] longest = Arrays.copyOf(salt, 64);
    byte[] out = new Hkdf(longest).derive(salt, new byte[0], 8160);
    // HMAC pads its key with zeros to 64 bytes.
    assertThat(out).isEqualTo(new Hkdf(salt).derive(salt, new byte[0], 8160));
    assertThat(new Hkdf(longest).derive(salt, new byte[0], 64)).isEqualTo(Arrays.copyOf(out, 64));
  }

  /** The key of the expansion is shorter than this salt, of which nothing may stay behind. */
  @Test
  void hkdf_saltOf64Bytes_isThatOfHmac() throws Exception {
    byte[] salt = new byte[64];
    Arrays.fill(salt, (byte) 0xA7);
    byte[] prk = hmac(salt, new byte[] {1, 2, 3});
    byte[] okm = hmac(prk, new byte[] {9, 1});
    assertThat(new Hkdf(salt).derive(new byte[] {1, 2, 3}, new byte[] {9}, 32)).isEqualTo(okm);
  }

  private static byte[] hmac(byte[] key, byte[] message) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(message);
  }

  @Test
  void hkdf_saltIsACopy() {
    byte[] salt = new byte[32];
    Hkdf hkdf = new Hkdf(salt);
    byte[] before = hkdf.derive(new byte[1], new byte[0], 32);
    salt[0] = 1;
    assertThat(hkdf.derive(new byte[1], new byte[0], 32)).isEqualTo(before);
  }

  @Test
  void split_thresholdFromOneToN_andExactLengths() {
    SecretStream stream = new SecretStream(new byte[32]);
    int[] points = {1, 2, 3};
    byte[] secret = Labels.sha256(new byte[] {2});
    byte[] shares = new byte[120];
    for (int threshold : new int[] {1, 3}) {
      Shamir.split(secret, threshold, points, stream, shares);
      byte[][] all =
          IntStream.range(0, 3)
              .mapToObj(i -> Arrays.copyOfRange(shares, 40 * i, 40 * i + 40))
              .toArray(byte[][]::new);
      assertThat(Shamir.combine(Shamir.weights(points), all)).isEqualTo(secret);
      assertThat(Arrays.equals(all[0], all[1])).as("a constant").isEqualTo(threshold == 1);
    }
    for (int threshold : new int[] {-1, 0, 4}) {
      assertThatThrownBy(() -> Shamir.split(secret, threshold, points, stream, shares))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1 to 3. Provided: " + threshold);
    }
    assertThatThrownBy(() -> Shamir.split(secret, 2, points, stream, new byte[119]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("40 n");
    assertThatThrownBy(() -> Shamir.split(new byte[33], 2, points, stream, shares))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32 bytes");
  }

  @Test
  void isShare_atTheEdgesOfAnArray() {
    byte[] two = new byte[80];
    assertThat(Shamir.isShare(two, 40)).isTrue();
    assertThat(Shamir.isShare(two, 41)).isFalse();
    assertThat(Shamir.isShare(two, -1)).isFalse();
    Arrays.fill(two, (byte) 0xFF);
    Arrays.fill(two, 0, 40, (byte) 0);
    assertThat(Shamir.isShare(two, 0)).isTrue();
    assertThat(Shamir.isShare(two, 8)).isFalse();
    for (int limb = 0; limb < 5; limb++) {
      byte[] share = new byte[40];
      Arrays.fill(share, 8 * limb, 8 * limb + 8, (byte) 0xFF);
      assertThat(Shamir.isShare(share, 0)).as("limb %d", limb).isFalse();
    }
  }

  /** A limb has 7 bytes, the last one 4; what stands above them is no part of a secret. */
  @Test
  void combine_limbThatIsTooLong_isNoSecret() {
    long[] weight = {1};
    for (int limb = 0; limb < 5; limb++) {
      int at = limb == 4 ? 8 * limb + 3 : 8 * limb;
      byte[] share = new byte[40];
      share[at] = 1;
      assertThat(Shamir.combine(weight, new byte[][] {share})).as("limb %d", limb).isNull();
      assertThat(new ShareDecoder(new int[] {1}, 1).decode(new byte[][] {share})).isNull();
      share[at] = 0;
      share[at + 1] = (byte) 0xFF;
      byte[] secret = Shamir.combine(weight, new byte[][] {share});
      assertThat(secret[7 * limb]).as("limb %d", limb).isEqualTo((byte) 0xFF);
      assertThat(new ShareDecoder(new int[] {1}, 1).decode(new byte[][] {share}).secret())
          .isEqualTo(secret);
    }
  }

  @Test
  void decoder_thresholdBelowOne_refused() {
    assertThatThrownBy(() -> new ShareDecoder(new int[] {1, 2}, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new ShareDecoder(new int[] {1, 2}, 2).decode(new byte[2][40]).wrong().isEmpty())
        .isTrue();
  }

  @Test
  void nextBelow_isTheRemainderOf63Bits() {
    SecretStream drawn = new SecretStream(new byte[32]);
    SecretStream raw = new SecretStream(new byte[32]);
    for (int bound : new int[] {1, 2, 3, 7, 1000, 1 << 30, Integer.MAX_VALUE}) {
      for (int i = 0; i < 50; i++) {
        assertThat(drawn.nextBelow(bound)).isEqualTo((int) ((raw.nextLong() << 1 >>> 1) % bound));
      }
    }
  }

  /** The stream of a key over several chunks, as AES-CTR gives it in one piece. */
  @Test
  void nextLong_overChunks_isTheStream() {
    byte[] key = Labels.sha256(new byte[] {3});
    int[] mask = new int[1024];
    Masks.apply(List.of(new Masks.Mask(key.clone(), true)), mask, 0, mask.length);
    SecretStream stream = new SecretStream(key);
    for (int i = 0; i < mask.length; i += 2) {
      long expected =
          (long) Integer.reverseBytes(mask[i]) << 32
              | Integer.reverseBytes(mask[i + 1]) & 0xFFFFFFFFL;
      assertThat(stream.nextLong()).as("long %d", i / 2).isEqualTo(expected);
    }
  }

  @Test
  void masks_startAndRange() {
    List<Masks.Mask> masks = List.of(new Masks.Mask(new byte[32], true));
    assertThatThrownBy(() -> Masks.apply(masks, -4, new int[8], 8, () -> false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-4");
    assertThatThrownBy(() -> Masks.apply(masks, 0, new int[8], 9, () -> false))
        .isInstanceOf(IndexOutOfBoundsException.class);
    int[] block = new int[8];
    Masks.apply(masks, 4, block, 0, () -> false);
    assertThat(block).containsOnly(0);
    Masks.apply(masks, 4, block, 3, () -> false);
    assertThat(block[2]).isNotZero();
    assertThat(Arrays.copyOfRange(block, 3, 8)).containsOnly(0);
  }

  /** Equal coefficients would let errors that add up to zero pass, wherever in the batch. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 8, 64, 255, 256})
  void batch_errorsThatCancel_areFoundAtEveryDistance(int distance) {
    Random random = new Random(distance);
    Signer signer = new Signer(random);
    PublicKey key = PublicKey.decode(signer.key);
    byte[] message = new byte[20];
    byte[] right = signer.sign(message);
    Ed25519Batch batch = new Ed25519Batch();
    for (int i = 0; i <= distance; i++) {
      int error = i == 0 ? 1 : i == distance ? -1 : 0;
      byte[] signature = right.clone();
      BigInteger s = EdwardsReference.number(Arrays.copyOfRange(signature, 32, 64));
      BigInteger shifted = s.add(BigInteger.valueOf(error)).mod(EdwardsReference.L);
      System.arraycopy(EdwardsReference.littleEndian(shifted), 0, signature, 32, 32);
      batch.add(key, message, signature);
    }
    assertThat(batch.size()).isEqualTo(distance + 1);
    assertThat(batch.allRight()).isFalse();
    if (distance < 9) {
      BitSet expected = new BitSet();
      expected.set(0);
      expected.set(distance);
      assertThat(batch.wrong()).isEqualTo(expected);
    }
  }

  /**
   * Who knows the coefficients before S is fixed can choose errors that add up to zero under them:
   * so they are neither those of the places alone nor those of R, the keys and the messages.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void batch_coefficientsKnownBeforeS_areNotTaken(boolean ofChallenges) throws Exception {
    Signer signer = new Signer(new Random(4));
    PublicKey key = PublicKey.decode(signer.key);
    byte[][] messages = {new byte[5], new byte[6]};
    byte[][] signatures = {signer.sign(messages[0]), signer.sign(messages[1])};
    MessageDigest sha512 = MessageDigest.getInstance("SHA-512");
    if (ofChallenges) {
      for (int i = 0; i < 2; i++) {
        MessageDigest fresh = MessageDigest.getInstance("SHA-512");
        sha512.update(Ed25519Verifier.challenge(fresh, key, messages[i], signatures[i]).toBytes());
      }
      byte[] seed = sha512.digest();
      sha512.update(seed);
    }
    byte[] coefficients = sha512.digest(new byte[3]);
    Ed25519Batch batch = new Ed25519Batch();
    for (int i = 0; i < 2; i++) {
      BigInteger error =
          EdwardsReference.number(Arrays.copyOfRange(coefficients, 16 * (1 - i), 16 * (2 - i)));
      BigInteger s = EdwardsReference.number(Arrays.copyOfRange(signatures[i], 32, 64));
      BigInteger shifted = (i == 0 ? s.add(error) : s.subtract(error)).mod(EdwardsReference.L);
      System.arraycopy(EdwardsReference.littleEndian(shifted), 0, signatures[i], 32, 32);
      batch.add(key, messages[i], signatures[i]);
    }
    assertThat(batch.allRight()).isFalse();
  }

  @Test
  void batch_ofNoneOrOne() {
    Ed25519Batch batch = new Ed25519Batch();
    assertThat(batch.wrong().isEmpty()).isTrue();
    Signer signer = new Signer(new Random(1));
    byte[] signature = signer.sign(new byte[1]);
    batch.add(PublicKey.decode(signer.key), new byte[1], signature.clone());
    assertThat(batch.wrong().isEmpty()).isTrue();
    assertThat(batch.allRight()).isTrue();
    signature[0] ^= 1;
    batch.add(PublicKey.decode(signer.key), new byte[1], signature);
    assertThat(batch.allRight()).isFalse();
    assertThat(batch.wrong().stream()).containsExactly(1);
  }

  /** Every other bit is a digit: more than room is made for at first. */
  @Test
  void combination_ofManyDigits_grows() {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, 0, 31, (byte) 0x55);
    LinearCombination combination = new LinearCombination(1);
    combination.add(Scalar.ofBytes(bytes, 0, 32), OddMultiples.ofBase(), 2);
    EdwardsPoint sum = combination.sum();
    sum.normalise();
    byte[] expected = EdwardsReference.BASE.times(EdwardsReference.number(bytes)).encode();
    assertThat(sum.isEncodedBy(expected, 0)).isTrue();
  }
}
