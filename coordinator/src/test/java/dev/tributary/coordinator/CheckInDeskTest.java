package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.secagg.TrustAnchors;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CheckInDeskTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final CheckInDesk desk =
      new CheckInDesk(new byte[32], TrustAnchors.trustOnFirstUse().verifier(), null, 3);

  private static ByteString nonce(int number) {
    return ByteString.copyFrom(new byte[] {(byte) number});
  }

  private FrontDoorException refusal(int nonce, Instant now) {
    return catchThrowableOfType(FrontDoorException.class, () -> desk.remember(nonce(nonce), now));
  }

  @Test
  void remember_noRoomForAnotherNonce_isBusyUntilOldOnesAreForgotten() {
    for (int i = 0; i < 3; i++) {
      desk.remember(nonce(i), NOW.plusSeconds(i));
    }

    FrontDoorException busy = refusal(3, NOW.plusSeconds(3));
    assertThat(busy.kind()).isEqualTo(Kind.BUSY);
    assertThat(busy.code()).isEqualTo("check-in-busy");
    assertThat(refusal(0, NOW.plusSeconds(3)).code()).isEqualTo("check-in-replayed");

    desk.remember(nonce(3), NOW.plus(Duration.ofMinutes(30)).plusMillis(1));
    assertThat(refusal(4, NOW.plus(Duration.ofMinutes(30)).plusMillis(1)).kind())
        .isEqualTo(Kind.BUSY);
  }
}
