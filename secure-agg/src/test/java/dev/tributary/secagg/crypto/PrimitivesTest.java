package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.secagg.testing.Vectors;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * HKDF, labels, X25519, Ed25519 and the box of shares against published and independent answers.
 */
class PrimitivesTest {

  private final Vectors vectors = Vectors.primitives();

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  @Test
  void hkdf_rfc5869Case1_equals() {
    Hkdf hkdf = new Hkdf(hex("000102030405060708090a0b0c"));
    byte[] okm = hkdf.derive(hex("0b".repeat(22)), hex("f0f1f2f3f4f5f6f7f8f9"), 42);
    assertThat(okm)
        .isEqualTo(
            hex(
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"));
  }

  @Test
  void hkdf_independentVectors_equalAlsoOnReuse() {
    Hkdf hkdf = new Hkdf(vectors.bytes("hkdf.salt"));
    for (int i = 0; i < 3; i++) {
      assertThat(hkdf.derive(vectors.bytes("hkdf.ikm"), vectors.bytes("hkdf.info"), 32))
          .isEqualTo(vectors.bytes("hkdf.okm32"));
      assertThat(hkdf.derive(vectors.bytes("hkdf.ikm"), vectors.bytes("hkdf.info"), 80))
          .isEqualTo(vectors.bytes("hkdf.okm80"));
      hkdf.wipe();
    }
  }

  @Test
  void hkdf_badLengths_refused() {
    assertThatThrownBy(() -> new Hkdf(new byte[65])).hasMessageContaining("65");
    assertThatThrownBy(() -> new Hkdf(new byte[0]).derive(new byte[1], new byte[0], 8161))
        .hasMessageContaining("8161");
  }

  @Test
  void label_message_equals() {
    assertThat(Labels.message("sa1/x", new byte[] {'a', 'b'}, Labels.u32(7)))
        .isEqualTo(vectors.bytes("label.message"));
  }

  @Test
  void agree_rfc7748Section52_equals() {
    byte[] shared = new byte[32];
    assertThat(
            agree(
                hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
                shared))
        .isTrue();
    assertThat(shared)
        .isEqualTo(hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
  }

  private static boolean agree(byte[] secret, byte[] publicKey, byte[] shared) {
    return KeyAgreement.agree(secret, new byte[][] {publicKey}, new byte[][] {shared}) < 0;
  }

  @Test
  void agree_lowOrder_isRefused() {
    byte[] secret = Labels.sha256(new byte[] {1});
    byte[] shared = new byte[32];
    for (String point :
        new String[] {
          "00".repeat(32),
          "01" + "00".repeat(31),
          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
          "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        }) {
      assertThat(agree(secret, hex(point), shared)).as(point).isFalse();
      assertThat(KeyAgreement.isLowOrder(hex(point))).as(point).isTrue();
    }
    assertThat(KeyAgreement.isLowOrder(KeyAgreement.publicKey(secret))).isFalse();
  }

  @Test
  void row4_agree_bothEnds_equalAndNotThePublicKey() {
    byte[] a = Labels.sha256(new byte[] {1});
    byte[] b = Labels.sha256(new byte[] {2});
    byte[] ab = new byte[32];
    byte[] ba = new byte[32];
    assertThat(agree(a, KeyAgreement.publicKey(b), ab)).isTrue();
    assertThat(agree(b, KeyAgreement.publicKey(a), ba)).isTrue();
    assertThat(ab).isEqualTo(ba);
    assertThat(KeyAgreement.publicKey(a)).isNotEqualTo(a).isNotEqualTo(ab);
  }

  @Test
  void sign_rfc8032Test2_equalsAndVerifies() {
    byte[] secret = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    byte[] key = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    byte[] signature =
        hex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    assertThat(Signatures.publicKey(secret)).isEqualTo(key);
    assertThat(Signatures.sign(secret, key, hex("72"))).isEqualTo(signature);
    Signatures.PublicKey decoded = Signatures.decode(key);
    assertThat(decoded).isNotNull();
    assertThat(decoded.verify(hex("72"), signature)).isTrue();
    assertThat(decoded.verify(hex("73"), signature)).isFalse();
    assertThat(decoded.toString()).endsWith(HexFormat.of().formatHex(key));
    assertThat(decoded.verify(hex("72"), Arrays.copyOf(signature, 63))).isFalse();
  }

  @Test
  void decode_noKey_isNull() {
    assertThat(Signatures.decode(new byte[31])).isNull();
    assertThat(Signatures.decode(hex("01" + "00".repeat(31)))).as("low order").isNull();
    byte[] noPoint = new byte[32];
    noPoint[0] = 2;
    assertThat(Signatures.decode(noPoint)).isNull();
  }

  @Test
  void shareBox_anyBitFlipped_doesNotOpen() {
    Random random = new Random(1);
    byte[] key = new byte[32];
    byte[] aad = new byte[50];
    byte[] plain = new byte[ShareBox.PLAINTEXT];
    random.nextBytes(key);
    random.nextBytes(plain);
    ShareBox box = new ShareBox();
    byte[] sealed = new byte[ShareBox.CIPHERTEXT + 3];
    box.seal(key, aad, plain, sealed, 3);
    byte[] opened = new byte[ShareBox.PLAINTEXT];
    assertThat(box.open(key, aad, sealed, 3, opened)).isTrue();
    assertThat(opened).isEqualTo(plain);
    for (int bit = 0; bit < 8 * ShareBox.CIPHERTEXT; bit += 7) {
      byte[] flipped = sealed.clone();
      flipped[3 + bit / 8] ^= (byte) (1 << (bit % 8));
      assertThat(box.open(key, aad, flipped, 3, opened)).as("bit %d", bit).isFalse();
    }
    aad[7] ^= 1;
    assertThat(box.open(key, aad, sealed, 3, opened)).isFalse();
  }
}
