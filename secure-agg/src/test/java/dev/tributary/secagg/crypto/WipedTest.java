package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.testing.Wiped;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Whatever keeps a secret in a field clears it when told to, and prints none of it. */
class WipedTest {

  private static byte[] secret() {
    byte[] secret = new byte[32];
    Arrays.fill(secret, (byte) 0x5a);
    return secret;
  }

  @Test
  void hkdf_wipe_clearsItsBuffers() {
    Hkdf hkdf = new Hkdf(secret());
    hkdf.derive(secret(), new byte[3], 70);
    String[] buffers = {"pad", "inner", "block", "key"};
    Wiped.assertNotZero(hkdf, buffers);
    hkdf.wipe();
    Wiped.assertZero(hkdf, buffers);
    byte[] fresh = new Hkdf(secret()).derive(secret(), new byte[3], 70);
    assertThat(hkdf.derive(secret(), new byte[3], 70)).isEqualTo(fresh);
  }

  @Test
  void edgeKeys_wipe_clearsItsBuffersAndItsHkdf() {
    EdgeKeys keys = new EdgeKeys(Transcript.of(secret()));
    keys.self(secret(), 3);
    Wiped.assertNotZero(keys, "prk", "seed");
    Object hkdf = Wiped.value(keys, "hkdf");
    Wiped.assertNotZero(hkdf, "key");
    keys.wipe();
    Wiped.assertZero(keys, "prk", "seed");
    Wiped.assertZero(hkdf, "key");
  }

  @Test
  void secretStream_wipe_clearsWhatWasDrawn_andGoesOnAfterIt() {
    SecretStream stream = new SecretStream(secret());
    stream.nextLong();
    Wiped.assertNotZero(stream, "chunk");
    stream.wipe();
    Wiped.assertZero(stream, "chunk");
    SecretStream other = new SecretStream(secret());
    for (int i = 0; i < 128; i++) {
      other.nextLong();
    }
    assertThat(stream.nextLong()).as("the stream's next chunk").isEqualTo(other.nextLong());
  }

  @Test
  void mask_wipe_clearsItsKey_andPrintsNoneOfIt() {
    byte[] key = secret();
    Masks.Mask mask = new Masks.Mask(key, true);
    assertThat(mask.toString()).isEqualTo("Mask[redacted, add=true]");
    mask.wipe();
    assertThat(key).containsOnly(0);
  }

  @Test
  void decoded_printsNothing() {
    byte[][] shares = new byte[5][Shamir.SHARE_LENGTH];
    ShareDecoder.Decoded decoded = new ShareDecoder(new int[] {1, 2, 3, 4, 5}, 3).decode(shares);
    assertThat(decoded.toString()).isEqualTo("Decoded[redacted]");
    decoded.wrong().set(0);
    assertThat(decoded.wrong().isEmpty()).as("a copy").isTrue();
  }

  @Test
  void labels_tooLong_refused() {
    byte[] longest = Labels.message("a".repeat(0xFFFF), new byte[] {7});
    assertThat(longest).hasSize(2 + 0xFFFF + 1).endsWith((byte) 7);
    assertThat(longest[0]).isEqualTo((byte) 0xFF);
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> Labels.message("a".repeat(0x10000)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
