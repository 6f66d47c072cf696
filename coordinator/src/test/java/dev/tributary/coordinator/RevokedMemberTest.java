package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.EnrolmentAuthority;
import dev.tributary.secagg.Handshake;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.OutdatedTrustException;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a coordinator does with a member whose certificate is revoked after its check-in. */
@Timeout(60)
class RevokedMemberTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final int CLIENTS = 10;
  private static final int REVOKED = 3;

  @TempDir Path directory;

  private final SecureRandom random = new SecureRandom();
  private final EnrolmentAuthority authority = EnrolmentAuthority.create("phones", random);
  private final List<Certificate> certificates = new ArrayList<>();
  private final List<ByteString> tokens = new ArrayList<>();

  private Coordinator open(Store store, TrustAnchors trust) {
    return Coordinator.open(
        store,
        new Coordinator.Settings(
            Jobs.plain(
                "rounds=1",
                "cohort.population=10",
                "cohort.schedule={participations: 1, separation: 1}"),
            CLIENTS,
            trust,
            new InsecurePlainSum(),
            null,
            RoundListener.none(),
            Clock.fixed(NOW, ZoneOffset.UTC),
            1));
  }

  private void checkIn(Coordinator coordinator, int number) throws Exception {
    byte[] nonce = new byte[32];
    random.nextBytes(nonce);
    try (Identity identity = Identity.fromSeed(World.seed(number))) {
      while (certificates.size() <= number) {
        certificates.add(
            authority.issue(identity.publicKey(), NOW.minusSeconds(1), NOW.plusSeconds(99)));
      }
      CheckInRequest request =
          CheckInRequest.newBuilder()
              .setIdentity(ByteString.copyFrom(identity.publicKey()))
              .setCertificate(ByteString.copyFrom(certificates.get(number).bytes()))
              .setNonce(ByteString.copyFrom(nonce))
              .setTimeMillis(NOW.toEpochMilli())
              .setSignature(
                  ByteString.copyFrom(
                      Handshake.signCheckIn(
                          identity, coordinator.publicKey(), nonce, NOW.toEpochMilli())))
              .build();
      tokens.add(coordinator.checkIn(request).get(20, TimeUnit.SECONDS).getToken());
    }
  }

  private TrustAnchors list(long number, List<String> serials) {
    return authority
        .anchors()
        .update(authority.revoke(number, serials, NOW, NOW.plusSeconds(99)).toPem());
  }

  @Test
  void revokedMember_isNeitherAskedNorLetInAgain() throws Exception {
    try (Store store = Store.open(directory, Durability.MEMORY);
        Coordinator coordinator = open(store, list(1, List.of()))) {
      for (int number = 0; number < CLIENTS - 1; number++) {
        checkIn(coordinator, number);
      }
      coordinator.trust(list(2, List.of(certificates.get(REVOKED).serial())));
      checkIn(coordinator, CLIENTS - 1);
      for (int number = 0; number < CLIENTS; number++) {
        if (number != REVOKED) {
          assertThat(exchange(coordinator, number, 20_000).getDeliveriesList())
              .as("client %d", number)
              .hasSize(1)
              .allMatch(delivery -> delivery.getEnvelope().hasOffer());
        }
      }
      assertThatThrownBy(() -> exchange(coordinator, REVOKED, 0))
          .hasMessageContaining("token is not known");
      assertThatThrownBy(() -> checkIn(coordinator, REVOKED))
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("revoked");
      assertThatThrownBy(() -> coordinator.trust(list(1, List.of())))
          .isInstanceOf(OutdatedTrustException.class);
    }
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      TrustAnchors older = list(1, List.of());
      assertThatThrownBy(() -> open(store, older)).isInstanceOf(OutdatedTrustException.class);
    }
  }

  private ExchangeReply exchange(Coordinator coordinator, int number, int wait) throws Exception {
    return coordinator
        .exchange(tokens.get(number), ExchangeRequest.newBuilder().setWaitMillis(wait).build())
        .get(30, TimeUnit.SECONDS);
  }
}
