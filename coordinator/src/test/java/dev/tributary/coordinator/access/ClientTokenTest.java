package dev.tributary.coordinator.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClientTokenTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Every cut, every flipped bit and another key make it nobody's; as it was it is itself. */
  @Test
  void of_whatWasChangedInAnyBit_isNoToken() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      byte[] secret = bytes(random);
      long key = random.nextLong();
      ClientToken token =
          new ClientToken(
              "j".repeat(1 + random.nextInt(64)),
              ByteString.copyFrom(bytes(random)),
              NOW,
              NOW.plusMillis(random.nextInt(86_400_000)));
      ByteString shown = token.signed(key, secret);

      assertThat(shown.size()).as("seed %d", seed).isLessThanOrEqualTo(ClientToken.LONGEST);
      assertThat(ClientToken.key(shown)).as("seed %d", seed).hasValue(key);
      assertThat(ClientToken.of(shown, secret)).as("seed %d", seed).contains(token);
      assertThat(ClientToken.of(shown, bytes(random))).as("seed %d", seed).isEmpty();
      byte[] changed = shown.toByteArray();
      for (int bit = 0; bit < 8 * changed.length; bit++) {
        changed[bit / 8] ^= (byte) (1 << bit % 8);
        assertThat(ClientToken.of(ByteString.copyFrom(changed), secret))
            .as("seed %d, bit %d", seed, bit)
            .isEmpty();
        changed[bit / 8] ^= (byte) (1 << bit % 8);
      }
      for (int length = 0; length < shown.size(); length++) {
        assertThat(ClientToken.of(shown.substring(0, length), secret))
            .as("seed %d, %d bytes", seed, length)
            .isEmpty();
      }
      assertThat(ClientToken.of(shown.concat(ByteString.copyFrom(new byte[1])), secret)).isEmpty();
    }
  }

  @Test
  void token_ofNobody_orOfNoJob_isNotMade() {
    ByteString identity = ByteString.copyFrom(new byte[32]);
    assertThatThrownBy(() -> new ClientToken("", identity, NOW, NOW))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ClientToken("j".repeat(65), identity, NOW, NOW))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ClientToken("j", identity.substring(1), NOW, NOW))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
