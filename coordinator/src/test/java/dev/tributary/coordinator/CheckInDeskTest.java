package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.TrustAnchors;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckInDeskTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final CheckInDesk desk =
      new CheckInDesk(new byte[32], TrustAnchors.trustOnFirstUse().verifier(), 3);

  private static ByteString nonce(int number) {
    return ByteString.copyFrom(new byte[] {(byte) number});
  }

  private FrontDoorException refusal(int nonce, Instant now) {
    return catchThrowableOfType(FrontDoorException.class, () -> desk.remember(nonce(nonce), now));
  }

  @Test
  void remember_aNonceFromBeforeARestart_isAReplayForAsLongAsItsTimeCouldPass(
      @TempDir Path directory) {
    Instant later = NOW.plus(Duration.ofMinutes(30));
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      desk.keepIn(store.nonces());
      desk.remember(nonce(1), NOW);
      desk.remember(nonce(2), NOW.plusSeconds(5));
    }
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      CheckInDesk again =
          new CheckInDesk(new byte[32], TrustAnchors.trustOnFirstUse().verifier(), 3);
      again.keepIn(store.nonces());
      FrontDoorException replayed =
          catchThrowableOfType(FrontDoorException.class, () -> again.remember(nonce(1), later));
      assertThat(replayed.code()).isEqualTo("check-in-replayed");

      again.remember(nonce(3), later.plusSeconds(1));
      assertThat(store.nonces().all().keySet()).containsExactly(nonce(2), nonce(3));
    }
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
