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
 * whose counter blocks are those of our streams; the longest message of RFC 8032. X25519 at the
 * edges of its inputs, and a sealed pair of shares, against answers of OpenSSL. Signatures and
 * ciphertexts that are wrong in the ways of Wycheproof's lists. RFC 7748 and the shorter vectors of
 * RFC 8032 stand in {@link Curve25519Test} and {@link Ed25519VerifierTest}, Shamir both ways in
 * {@link ShamirTest}.
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

  /** Section 7.1: 1,023 bytes. */
  @Test
  void ed25519_rfc8032Test1024_signsAndVerifies() {
    Vectors vectors = Vectors.of("rfc8032");
    byte[] secret = vectors.bytes("secret");
    byte[] message = vectors.bytes("message");
    byte[] signature = vectors.bytes("signature");
    assertThat(message).hasSize(1023);
    assertThat(Signatures.publicKey(secret)).isEqualTo(vectors.bytes("public"));
    assertThat(Signatures.sign(secret, vectors.bytes("public"), message)).isEqualTo(signature);
    Signatures.PublicKey key = Signatures.decode(vectors.bytes("public"));
    assertThat(key.verify(message, signature)).isTrue();
    message[1022] ^= 1;
    assertThat(key.verify(message, signature)).isFalse();
  }

  /** Under the right key, over the right message, and wrong in one part each. */
  @Test
  void ed25519_edgesOfSignatures_areRefusedAloneAndInABatch() {
    Vectors vectors = Vectors.of("rfc8032");
    byte[] message = vectors.bytes("message");
    byte[] right = vectors.bytes("signature");
    String r = HexFormat.of().formatHex(right, 0, 32);
    String s = HexFormat.of().formatHex(right, 32, 64);
    String order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    String orderLessOne = "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    String zero = "00".repeat(32);
    String neutral = "01" + "00".repeat(31);
    String noPoint = "02" + "00".repeat(31);
    String topBitOfS = s.substring(0, 62) + "8" + s.substring(63);
    Signatures.PublicKey key = Signatures.decode(vectors.bytes("public"));
    for (String wrong :
        List.of(
            zero + zero,
            r + zero,
            r + order,
            r + orderLessOne,
            r + "ff".repeat(32),
            r + topBitOfS,
            neutral + zero,
            neutral + s,
            noPoint + s,
            "ff".repeat(32) + s,
            s + r,
            r + s + "00",
            r,
            "")) {
      byte[] signature = hex(wrong);
      assertThat(key.verify(message, signature)).as(wrong).isFalse();
      Signatures.Batch batch = new Signatures.Batch();
      batch.add(key, message, right);
      batch.add(key, message, signature);
      batch.add(key, message, right);
      assertThat(batch.wrong()).as(wrong).isEqualTo(java.util.BitSet.valueOf(new long[] {2}));
    }
  }

  /** Key 00 .. 1f, plaintext 7 i, associated data 40 .. 8c. */
  @Test
  void shareBox_sealed_equalsOpenSsl() {
    byte[] plaintext = new byte[ShareBox.PLAINTEXT];
    for (int i = 0; i < plaintext.length; i++) {
      plaintext[i] = (byte) (7 * i);
    }
    byte[] sealed = new byte[ShareBox.CIPHERTEXT];
    new ShareBox().seal(counting(0, 32), counting(0x40, 77), plaintext, sealed, 0);
    assertThat(sealed)
        .isEqualTo(
            hex(
                "0ebbbbcba90fa98c3097ef784c77f3f0a23428d6a412fa8e2831053e01348f8f"
                    + "aeb80849d6f1b2172bdc57d8f5f52b07f9501f8315023c24d839a9bbeecbfc5d"
                    + "29a8f0df4d32ba132b76d5ca023f6ab06d2208dcdfd5abde4f58c2629a0167b0"
                    + "5746a8ba"));
  }

  /** Every bit of key and associated data counts, and the tag's 128 bits all do. */
  @Test
  void shareBox_otherKeyDataOrTag_doesNotOpen() {
    byte[] key = counting(0, 32);
    byte[] data = counting(0x40, 77);
    byte[] sealed = new byte[ShareBox.CIPHERTEXT];
    byte[] opened = new byte[ShareBox.PLAINTEXT];
    ShareBox box = new ShareBox();
    box.seal(key, data, new byte[ShareBox.PLAINTEXT], sealed, 0);
    for (byte[] part : List.of(key, data, sealed)) {
      int from = part == sealed ? 8 * ShareBox.PLAINTEXT : 0;
      for (int bit = from; bit < 8 * part.length; bit++) {
        part[bit / 8] ^= (byte) (1 << (bit % 8));
        assertThat(box.open(key, data, sealed, 0, opened)).as("bit %d", bit).isFalse();
        part[bit / 8] ^= (byte) (1 << (bit % 8));
      }
    }
    assertThat(box.open(key, new byte[0], sealed, 0, opened)).isFalse();
    assertThat(box.open(key, data, sealed, 0, opened)).isTrue();
  }
}
