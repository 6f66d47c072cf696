package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.crypto.Ed25519Verifier.PublicKey;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ed25519 against the vectors of RFC 8032, Bouncy Castle, and forgeries made by hand. */
class Ed25519VerifierTest {
  private static final HexFormat HEX = HexFormat.of();

  @ParameterizedTest
  @CsvSource({
    // Section 7.1: TEST 1, 2, 3 and SHA(abc)
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,'',"
        + "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
        + "1cf9b46bd25bf5f0595bbe24655141438e7a100b",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,72,"
        + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
        + "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025,af82,"
        + "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
        + "984dc6594a7c15e9716ed28dc027beceea1ec40a",
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf,"
        + "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23"
        + "a3feebbd454d4423643ce80e2a9ac94fa54ca49f,"
        + "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c6"
        + "6431e0303dca179c138ac17ad9bef1177331a704",
  })
  void meetsTheVectorsOfRfc8032(String key, String message, String signature) {
    PublicKey decoded = PublicKey.decode(HEX.parseHex(key));
    byte[] wrongMessage = HEX.parseHex(message + "00");
    assertThat(Ed25519Verifier.verify(decoded, HEX.parseHex(message), HEX.parseHex(signature)))
        .isTrue();
    assertThat(Ed25519Verifier.verify(decoded, wrongMessage, HEX.parseHex(signature))).isFalse();
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void agreesWithBouncyCastleOnRightAndOnDamagedSignatures(long seed) {
    Random random = new Random(seed);
    Signer signer = new Signer(random);
    for (int i = 0; i < 3_000; i++) {
      if (i % 4 == 0) {
        signer = new Signer(random);
      }
      byte[] key = signer.key.clone();
      byte[] message = new byte[random.nextInt(300)];
      random.nextBytes(message);
      byte[] signature = signer.sign(message);
      String damage =
          switch (random.nextInt(5)) {
            case 0 -> flip(random, signature, 0, 32, "R");
            case 1 -> flip(random, signature, 32, 64, "S");
            case 2 -> flip(random, key, 0, 32, "A");
            case 3 -> message.length == 0 ? "none" : flip(random, message, 0, message.length, "M");
            default -> "none";
          };
      String what = "seed %d, case %d, damage %s".formatted(seed, i, damage);
      PublicKey decoded = PublicKey.decode(key);
      boolean accepted = decoded != null && Ed25519Verifier.verify(decoded, message, signature);
      assertThat(accepted).as(what).isEqualTo(damage.equals("none"));
      assertThat(Ed25519.verify(signature, 0, key, 0, message, 0, message.length))
          .as("Bouncy Castle, %s", what)
          .isEqualTo(accepted);
      assertThat(decoded != null)
          .as("Bouncy Castle, key, %s", what)
          .isEqualTo(Ed25519.validatePublicKeyPartial(key, 0));
    }
  }

  private static String flip(Random random, byte[] bytes, int from, int to, String name) {
    int bit = random.nextInt(8 * (to - from));
    bytes[from + bit / 8] ^= (byte) (1 << bit % 8);
    return name + " bit " + bit;
  }

  @Test
  void everyBitOfSignatureAndMessageCounts() {
    Signer signer = new Signer(new Random(5));
    PublicKey key = PublicKey.decode(signer.key);
    byte[] message = new byte[20];
    byte[] signature = signer.sign(message);
    for (int bit = 0; bit < 8 * 64; bit++) {
      byte[] damaged = signature.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(Ed25519Verifier.verify(key, message, damaged)).as("bit %d", bit).isFalse();
    }
    for (int bit = 0; bit < 8 * 20; bit++) {
      byte[] damaged = message.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(Ed25519Verifier.verify(key, damaged, signature)).as("bit %d", bit).isFalse();
    }
    assertThat(Ed25519Verifier.verify(key, message, signature)).isTrue();
  }

  @Test
  void refusesSFromTheOrderOn() {
    Signer signer = new Signer(new Random(6));
    PublicKey key = PublicKey.decode(signer.key);
    byte[] message = {1, 2, 3};
    byte[] signature = signer.sign(message);
    BigInteger s = EdwardsReference.number(Arrays.copyOfRange(signature, 32, 64));
    for (int multiple = 1; multiple < 15; multiple++) {
      BigInteger large = s.add(EdwardsReference.L.multiply(BigInteger.valueOf(multiple)));
      byte[] malleated =
          EdwardsReference.concat(
              Arrays.copyOf(signature, 32), EdwardsReference.littleEndian(large));
      assertThat(Ed25519Verifier.verify(key, message, malleated)).as("S + %dL", multiple).isFalse();
    }
  }

  @Test
  void refusesOtherLengths() {
    Signer signer = new Signer(new Random(7));
    PublicKey key = PublicKey.decode(signer.key);
    byte[] message = {};
    byte[] signature = signer.sign(message);
    for (int length : new int[] {0, 32, 63, 65, 128}) {
      assertThat(Ed25519Verifier.verify(key, message, Arrays.copyOf(signature, length))).isFalse();
    }
    for (int length : new int[] {0, 31, 33}) {
      assertThat(PublicKey.decode(Arrays.copyOf(signer.key, length))).isNull();
    }
  }

  @Test
  void refusesKeysOfSmallOrderUnderAnyEncoding() {
    for (EdwardsReference point : EdwardsReference.smallOrder()) {
      assertThat(PublicKey.decode(point.encode())).as("%s", point).isNull();
      BigInteger large = point.y().add(EdwardsReference.P);
      if (large.bitLength() <= 255) {
        assertThat(PublicKey.decode(EdwardsReference.littleEndian(large))).isNull();
      }
    }
  }

  @Test
  void refusesAnotherEncodingOfR() {
    Random random = new Random(8);
    BigInteger secret = new BigInteger(250, random);
    byte[] key = EdwardsReference.BASE.times(secret).encode();
    PublicKey decoded = PublicKey.decode(key);
    byte[] message = {9};
    // The neutral element, y = 1, is also p + 1 to a decoder that reduces y.
    byte[] canonical = EdwardsReference.NEUTRAL.encode();
    byte[] other = EdwardsReference.littleEndian(EdwardsReference.P.add(BigInteger.ONE));
    byte[] signed = EdwardsReference.sign(secret, key, BigInteger.ZERO, canonical, message);
    assertThat(Ed25519Verifier.verify(decoded, message, signed)).isTrue();
    byte[] forged = EdwardsReference.sign(secret, key, BigInteger.ZERO, other, message);
    assertThat(Ed25519Verifier.verify(decoded, message, forged)).isFalse();
    canonical[31] |= (byte) 0x80;
    byte[] signOfZero = EdwardsReference.sign(secret, key, BigInteger.ZERO, canonical, message);
    assertThat(Ed25519Verifier.verify(decoded, message, signOfZero)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void aPointOfSmallOrderInROrADoesNotMatter(long seed) {
    Random random = new Random(seed);
    for (EdwardsReference inKey : EdwardsReference.smallOrder()) {
      EdwardsReference inR = EdwardsReference.smallOrder().get(random.nextInt(8));
      MixedSignature mixed = MixedSignature.make(random, inKey, inR);
      assertThat(Ed25519Verifier.verify(mixed.key(), mixed.message(), mixed.signature()))
          .as("seed %d, in A %s, in R %s", seed, inKey, inR)
          .isTrue();
      byte[] damaged = mixed.signature().clone();
      damaged[40] ^= 1;
      assertThat(Ed25519Verifier.verify(mixed.key(), mixed.message(), damaged)).isFalse();
    }
  }

  @Test
  void keysAreValues() {
    Signer signer = new Signer(new Random(9));
    PublicKey key = PublicKey.decode(signer.key);
    assertThat(key)
        .isEqualTo(PublicKey.decode(signer.key))
        .hasSameHashCodeAs(PublicKey.decode(signer.key))
        .isNotEqualTo(PublicKey.decode(new Signer(new Random(10)).key))
        .hasToString("Ed25519 public key " + HEX.formatHex(signer.key));
    byte[] changed = signer.key.clone();
    PublicKey decoded = PublicKey.decode(changed);
    changed[0] ^= 1;
    assertThat(decoded).as("apart from the array it was decoded from").isEqualTo(key);
  }

  /** A key pair of Bouncy Castle's. */
  static final class Signer {
    private final byte[] secret = new byte[32];
    final byte[] key = new byte[32];

    Signer(Random random) {
      random.nextBytes(secret);
      Ed25519.generatePublicKey(secret, 0, key, 0);
    }

    byte[] sign(byte[] message) {
      byte[] signature = new byte[64];
      Ed25519.sign(secret, 0, key, 0, null, message, 0, message.length, signature, 0);
      return signature;
    }
  }

  /** What a signer can make who adds points of small order to its key and to its R. */
  record MixedSignature(PublicKey key, byte[] message, byte[] signature) {
    static MixedSignature make(Random random, EdwardsReference inKey, EdwardsReference inR) {
      BigInteger secret = new BigInteger(250, random);
      BigInteger r = new BigInteger(250, random);
      byte[] key = EdwardsReference.BASE.times(secret).plus(inKey).encode();
      byte[] encodedR = EdwardsReference.BASE.times(r).plus(inR).encode();
      byte[] message = new byte[10];
      random.nextBytes(message);
      return new MixedSignature(
          PublicKey.decode(key), message, EdwardsReference.sign(secret, key, r, encodedR, message));
    }
  }
}
