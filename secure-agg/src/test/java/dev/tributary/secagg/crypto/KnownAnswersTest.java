package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.testing.Vectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/**
 * Published answers: RFC 5869, SP 800-38A, and the AES-256 test cases of the GCM specification,
 * whose counter blocks are those of our streams. X25519 at the edges of its inputs against answers
 * of OpenSSL. RFC 7748 and RFC 8032 stand in {@link Curve25519Test} and {@link
 * Ed25519VerifierTest}, Shamir both ways in {@link ShamirTest}.
 */
class KnownAnswersTest {

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static byte[] counting(int from, int count) {
    byte[] bytes = new byte[count];
    IntStream.range(0, count).forEach(i -> bytes[i] = (byte) (from + i));
    return bytes;
  }

  /** Its salt has 80 bytes, more than any of ours may have; the expansion is the same. */
  @Test
  void hkdf_rfc5869Case2_expands() {
    byte[] okm = new byte[82];
    new Hkdf(new byte[0])
        .expand(
            hex("06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244"),
            counting(0xb0, 80),
            okm);
    assertThat(okm)
        .isEqualTo(
            hex(
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
                    + "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
                    + "cc30c58179ec3e87c14c01d5c1f3434f1d87"));
  }

  @Test
  void hkdf_rfc5869Case3_withoutSaltAndInfo_equals() {
    Hkdf hkdf = new Hkdf(new byte[0]);
    byte[] ikm = hex("0b".repeat(22));
    byte[] prk = new byte[32];
    hkdf.extract(ikm, prk);
    assertThat(prk)
        .isEqualTo(hex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04"));
    assertThat(hkdf.derive(ikm, new byte[0], 42))
        .isEqualTo(
            hex(
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                    + "9d201395faa4b61a96c8"));
  }

  /** Section F.5.5; the cipher is the platform's, and a wrong one would show here. */
  @Test
  void aes256Ctr_sp800_38a_equals() throws Exception {
    Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
    byte[] key = hex("603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4");
    cipher.init(
        Cipher.ENCRYPT_MODE,
        new SecretKeySpec(key, "AES"),
        new IvParameterSpec(counting(0xf0, 16)));
    byte[] plain =
        hex(
            "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51"
                + "30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710");
    assertThat(cipher.doFinal(plain))
        .isEqualTo(
            hex(
                "601ec313775789a5b7a7f504bbf3d228 f443e3ca4d62b59aca84e990cacaf5c5"
                    + "2b0930daa23de94ce87017ba2d84988d dfc9c58db67aada613c2dd08457941a6"));
  }

  /**
   * McGrew and Viega, test cases 13 and 14, key 0: the hash key is the stream's block 0, the tag of
   * the empty message its block 1, and the ciphertext of a zero block its block 2.
   */
  @Test
  void streams_ofKeyZero_areTheBlocksOfTheGcmTestCases() {
    byte[] stream =
        hex(
            "dc95c078a2408989ad48a21492842087 530f8afbc74536b9a963b4f1c4cb738b"
                + "cea7403d4d606b6e074ec5d3baf39d18");
    int[] mask = new int[12];
    Masks.apply(List.of(new Masks.Mask(new byte[32], true)), mask, 0, 12);
    int[] expected = new int[12];
    ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(expected);
    assertThat(mask).isEqualTo(expected);
    SecretStream secrets = new SecretStream(new byte[32]);
    ByteBuffer bigEndian = ByteBuffer.wrap(stream);
    for (int i = 0; i < 6; i++) {
      assertThat(secrets.nextLong()).isEqualTo(bigEndian.getLong());
    }
  }

  /** Small, on the twist, around p and above it, with the top bit set; extreme scalars. */
  @Test
  void x25519_edgesOfItsInputs_equalOpenSsl() {
    Vectors vectors = Vectors.primitives();
    List<String> points = vectors.words("x25519.points");
    List<String> shared = vectors.words("x25519.shared");
    List<String> scalars = vectors.words("x25519.scalars");
    assertThat(points).hasSizeGreaterThan(40).hasSameSizeAs(shared).hasSameSizeAs(scalars);
    for (int i = 0; i < points.size(); i++) {
      byte[] out = new byte[32];
      assertThat(Curve25519.agree(hex(scalars.get(i)), hex(points.get(i)), out)).isTrue();
      assertThat(out)
          .as("%s times %s", scalars.get(i), points.get(i))
          .isEqualTo(hex(shared.get(i)));
    }
  }

  /** Shares of ours are put together by {@code sa1.py unmask}; here its shares by ours. */
  @Test
  void shamir_sharesOfTheIndependentProgram_combine() {
    Vectors vectors = Vectors.primitives();
    byte[] all = vectors.bytes("shamir.shares");
    int[] points = {7, 2, 5, 3};
    byte[][] shares = new byte[points.length][Shamir.SHARE_LENGTH];
    for (int i = 0; i < points.length; i++) {
      System.arraycopy(
          all, (points[i] - 1) * Shamir.SHARE_LENGTH, shares[i], 0, Shamir.SHARE_LENGTH);
    }
    assertThat(Shamir.combine(Shamir.weights(points), shares))
        .isEqualTo(vectors.bytes("shamir.secret"));
  }
}
