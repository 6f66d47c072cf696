package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.crypto.Ed25519Verifier.PublicKey;
import dev.tributary.secagg.crypto.Ed25519VerifierTest.MixedSignature;
import dev.tributary.secagg.crypto.Ed25519VerifierTest.Signer;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ed25519BatchTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 9, 33, 100, 150})
  void acceptsRightSignatures(int size) {
    Random random = new Random(size);
    Ed25519Batch batch = new Ed25519Batch();
    Signer signer = new Signer(random);
    for (int i = 0; i < size; i++) {
      if (i % 3 != 0) { // else under the key of the one before
        signer = new Signer(random);
      }
      byte[] message = message(random);
      batch.add(PublicKey.decode(signer.key), message, signer.sign(message));
    }
    assertThat(batch.size()).isEqualTo(size);
    assertThat(batch.wrong().isEmpty()).as("seed and size %d", size).isTrue();
    // By the equation of the batch, and not by verifying each alone after all.
    assertThat(batch.allRight()).as("seed and size %d", size).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void namesTheWrongOnesWhateverTheirDamage(long seed) {
    Random random = new Random(seed);
    for (int size : new int[] {1, 2, 3, 12, 60}) {
      Ed25519Batch batch = new Ed25519Batch();
      BitSet expected = new BitSet();
      Signer signer = new Signer(random);
      int rate = 1 + random.nextInt(20);
      for (int i = 0; i < size; i++) {
        if (random.nextBoolean()) {
          signer = new Signer(random);
        }
        byte[] message = message(random);
        byte[] signature = signer.sign(message);
        if (random.nextInt(rate) == 0) {
          expected.set(i);
          switch (random.nextInt(5)) {
            case 0 -> signature[random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> signature[32 + random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
            case 2 -> message[random.nextInt(message.length)] ^= (byte) (1 << random.nextInt(8));
            case 3 -> signature = Arrays.copyOf(signature, random.nextInt(64));
            default -> signature[63] |= 0x20; // S >= L
          }
        }
        batch.add(PublicKey.decode(signer.key), message, signature);
      }
      assertThat(batch.wrong()).as("seed %d, size %d", seed, size).isEqualTo(expected);
    }
  }

  /** A batch without coefficients would take two wrong signatures whose errors add up to zero. */
  @Test
  void errorsThatCancelAreFound() {
    Random random = new Random(7);
    Ed25519Batch batch = new Ed25519Batch();
    for (int i = 0; i < 4; i++) {
      Signer signer = new Signer(random);
      byte[] message = message(random);
      byte[] signature = signer.sign(message);
      if (i < 2) {
        BigInteger s = EdwardsReference.number(Arrays.copyOfRange(signature, 32, 64));
        BigInteger shifted = s.add(BigInteger.valueOf(1 - 2 * i)).mod(EdwardsReference.L);
        System.arraycopy(EdwardsReference.littleEndian(shifted), 0, signature, 32, 32);
      }
      batch.add(PublicKey.decode(signer.key), message, signature);
    }
    BitSet expected = new BitSet();
    expected.set(0, 2);
    assertThat(batch.wrong()).isEqualTo(expected);
  }

  /** Who knows the coefficients beforehand can make errors cancel under them. */
  @Test
  void errorsThatCancelUnderCoefficientsOfNothingAreFound() throws NoSuchAlgorithmException {
    MessageDigest sha512 = MessageDigest.getInstance("SHA-512");
    sha512.update(sha512.digest());
    byte[] coefficients = sha512.digest(new byte[3]);
    BigInteger first = EdwardsReference.number(Arrays.copyOf(coefficients, 16));
    BigInteger second = EdwardsReference.number(Arrays.copyOfRange(coefficients, 16, 32));
    List<BigInteger> errors = List.of(second, first.negate());
    Random random = new Random(12);
    Ed25519Batch batch = new Ed25519Batch();
    for (BigInteger error : errors) {
      Signer signer = new Signer(random);
      byte[] message = message(random);
      byte[] signature = signer.sign(message);
      BigInteger s = EdwardsReference.number(Arrays.copyOfRange(signature, 32, 64));
      byte[] shifted = EdwardsReference.littleEndian(s.add(error).mod(EdwardsReference.L));
      System.arraycopy(shifted, 0, signature, 32, 32);
      batch.add(PublicKey.decode(signer.key), message, signature);
    }
    assertThat(batch.wrong().cardinality()).isEqualTo(2);
  }

  /** An R that is no encoding of a point must not pass for the R before it. */
  @Test
  void anRThatIsNoEncodingIsFoundAfterOneThatIs() {
    Random random = new Random(13);
    BigInteger secret = new BigInteger(250, random);
    byte[] key = EdwardsReference.BASE.times(secret).encode();
    byte[] neutral = EdwardsReference.NEUTRAL.encode();
    byte[] notReduced = EdwardsReference.littleEndian(EdwardsReference.P.add(BigInteger.ONE));
    Ed25519Batch batch = new Ed25519Batch();
    for (byte[] r : List.of(neutral, notReduced)) {
      byte[] message = message(random);
      byte[] signature = EdwardsReference.sign(secret, key, BigInteger.ZERO, r, message);
      batch.add(PublicKey.decode(key), message, signature);
    }
    BitSet expected = new BitSet();
    expected.set(1);
    assertThat(batch.wrong()).isEqualTo(expected);
  }

  @Test
  void anSFromTheOrderOnIsFound() {
    Random random = new Random(11);
    Ed25519Batch batch = new Ed25519Batch();
    for (int i = 0; i < 3; i++) {
      Signer signer = new Signer(random);
      byte[] message = message(random);
      byte[] signature = signer.sign(message);
      if (i == 1) {
        BigInteger s = EdwardsReference.number(Arrays.copyOfRange(signature, 32, 64));
        byte[] malleated = EdwardsReference.littleEndian(s.add(EdwardsReference.L));
        System.arraycopy(malleated, 0, signature, 32, 32);
      }
      batch.add(PublicKey.decode(signer.key), message, signature);
    }
    BitSet expected = new BitSet();
    expected.set(1);
    assertThat(batch.wrong()).isEqualTo(expected);
  }

  @Test
  void theSameWrongSignatureManyTimesIsFound() {
    Random random = new Random(8);
    Signer signer = new Signer(random);
    byte[] message = message(random);
    byte[] signature = signer.sign(message);
    signature[35] ^= 4;
    Ed25519Batch batch = new Ed25519Batch();
    for (int i = 0; i < 16; i++) {
      batch.add(PublicKey.decode(signer.key), message, signature);
    }
    assertThat(batch.wrong().cardinality()).isEqualTo(16);
  }

  /** A batch and single verification must not disagree, or parties who choose differently would. */
  @Tag("slow")
  @Test
  void judgesPointsOfSmallOrderLikeASingleVerification() {
    Random random = new Random(9);
    List<EdwardsReference> small = EdwardsReference.smallOrder();
    for (int round = 0; round < 8; round++) {
      Ed25519Batch batch = new Ed25519Batch();
      for (int i = 0; i < 6; i++) {
        MixedSignature mixed =
            MixedSignature.make(random, small.get(random.nextInt(8)), small.get(random.nextInt(8)));
        assertThat(Ed25519Verifier.verify(mixed.key(), mixed.message(), mixed.signature()))
            .isTrue();
        batch.add(mixed.key(), mixed.message(), mixed.signature());
      }
      assertThat(batch.allRight()).as("seed 9, round %d", round).isTrue();
    }
  }

  @Test
  void signaturesMayBeAddedAfterAVerification() {
    Random random = new Random(10);
    Ed25519Batch batch = new Ed25519Batch();
    for (int i = 0; i < 4; i++) {
      Signer signer = new Signer(random);
      byte[] message = message(random);
      batch.add(PublicKey.decode(signer.key), message, signer.sign(message));
      assertThat(batch.wrong().isEmpty()).isTrue();
    }
  }

  private static byte[] message(Random random) {
    byte[] message = new byte[1 + random.nextInt(200)];
    random.nextBytes(message);
    return message;
  }
}
