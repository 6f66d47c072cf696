package dev.tributary.privacy.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

final class AesCtrStreamTest {
  /**
   * AES-256 of counter blocks 0 and 1 under the zero key, from the GCM specification (test case
   * 13).
   */
  @Test
  void zeroKey_givesThePublishedKeystream() {
    AesCtrStream stream = new AesCtrStream(new byte[32]);
    ByteBuffer bytes = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 4; i++) {
      bytes.putLong(stream.nextLong());
    }
    assertThat(HexFormat.of().formatHex(bytes.array()))
        .isEqualTo("dc95c078a2408989ad48a21492842087530f8afbc74536b9a963b4f1c4cb738b");
  }

  @Test
  void longStream_isOneKeystreamAcrossAllBuffers() throws Exception {
    byte[] key = new byte[32];
    key[7] = 9;
    Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
    cipher.init(
        Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
    ByteBuffer expected =
        ByteBuffer.wrap(cipher.doFinal(new byte[100_000])).order(ByteOrder.LITTLE_ENDIAN);
    AesCtrStream stream = new AesCtrStream(key);
    for (int i = 0; i < 100_000 / 8; i++) {
      assertThat(stream.nextLong()).as("word %s", i).isEqualTo(expected.getLong());
    }
  }

  @Test
  void everyBitOfTheKey_changesTheStream() {
    Set<Long> firstWords = new HashSet<>();
    for (int bit = 0; bit < 256; bit++) {
      byte[] key = new byte[32];
      key[bit / 8] = (byte) (1 << (bit % 8));
      firstWords.add(new AesCtrStream(key).nextLong());
    }
    firstWords.add(new AesCtrStream(new byte[32]).nextLong());
    assertThat(firstWords).hasSize(257);
  }

  @Test
  void shortKey_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AesCtrStream(new byte[16]))
        .withMessage("key must hold 32 bytes, was 16");
  }

  @Test
  void toString_showsNothing() {
    assertThat(new AesCtrStream(new byte[32])).hasToString("AesCtrStream[redacted]");
  }
}
