package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.Handshake;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.Delivery;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in with a token: over restarts, after its time, and after its owner has gone. */
@Timeout(60)
class ClientTokensTest {
  private static final int CLIENTS = 10;
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir Path directory;

  private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private final Clock clock =
      new Clock() {
        @Override
        public Instant instant() {
          return now;
        }

        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }
      };

  private Coordinator open(Store store) {
    return Coordinator.open(
        store,
        new Coordinator.Settings(
            Jobs.plain(
                "cohort.population=10",
                "rounds=2",
                "deadline=10h",
                "cohort.schedule={participations: 2, separation: 1}"),
            CLIENTS,
            TrustAnchors.trustOnFirstUse(),
            new InsecurePlainSum(),
            null,
            RoundListener.none(),
            clock,
            1));
  }

  private CheckInRequest request(Coordinator coordinator, int number, boolean in) {
    byte[] nonce = new byte[32];
    RANDOM.nextBytes(nonce);
    long time = now.toEpochMilli();
    byte[] key = coordinator.publicKey();
    try (Identity identity = Identity.fromSeed(World.seed(number))) {
      return CheckInRequest.newBuilder()
          .setIdentity(ByteString.copyFrom(identity.publicKey()))
          .setNonce(ByteString.copyFrom(nonce))
          .setTimeMillis(time)
          .setSignature(
              ByteString.copyFrom(
                  in
                      ? Handshake.signCheckIn(identity, key, nonce, time)
                      : Handshake.signWithdrawal(identity, key, nonce, time)))
          .build();
    }
  }

  private ByteString checkIn(Coordinator coordinator, int number) throws Exception {
    return coordinator
        .checkIn(request(coordinator, number, true))
        .get(20, TimeUnit.SECONDS)
        .getToken();
  }

  private static ExchangeReply exchange(Coordinator coordinator, ByteString token, long seen)
      throws Exception {
    return coordinator
        .exchange(
            token, ExchangeRequest.newBuilder().setWaitMillis(20_000).setAcknowledged(seen).build())
        .get(30, TimeUnit.SECONDS);
  }

  private static String refusal(CompletableFuture<?> request) {
    Throwable thrown = catchThrowable(() -> request.get(20, TimeUnit.SECONDS));
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    return ((FrontDoorException) thrown.getCause()).code();
  }

  private static List<CompletableFuture<?>> everything(Coordinator coordinator, ByteString token) {
    return List.of(
        coordinator.authenticate(token),
        coordinator.exchange(token, ExchangeRequest.getDefaultInstance()),
        coordinator.model(token, "0".repeat(64)),
        coordinator.upload(token, ByteString.copyFrom(new byte[32])));
  }

  private static void requireRefused(Coordinator coordinator, ByteString token, String code) {
    assertThat(everything(coordinator, token))
        .allSatisfy(each -> assertThat(refusal(each)).isEqualTo(code));
  }

  /** The same token, the same round, and nothing of it is taken for something seen before. */
  @Test
  void token_afterARestart_goesOnWithTheRound_withoutACheckIn() throws Exception {
    List<ByteString> tokens = new ArrayList<>();
    long seen = 0;
    ByteString session = ByteString.EMPTY;
    for (int start = 0; start < 3; start++) {
      try (Store store = Store.open(directory, Durability.MEMORY);
          Coordinator coordinator = open(store)) {
        while (tokens.size() < CLIENTS) {
          tokens.add(checkIn(coordinator, tokens.size()));
        }
        Delivery offer = exchange(coordinator, tokens.get(0), seen).getDeliveries(0);
        assertThat(offer.getEnvelope().hasOffer()).isTrue();
        assertThat(offer.getSequence()).as("start %d", start).isGreaterThan(seen);
        assertThat(start == 0 || offer.getEnvelope().getSession().equals(session)).isTrue();
        session = offer.getEnvelope().getSession();
        seen = offer.getSequence();
        assertThat(coordinator.upload(tokens.get(0), session).get(20, TimeUnit.SECONDS))
            .isNotNull();
      }
    }
  }

  /** Who had checked in before a job began is not written; a client that asks is told so. */
  @Test
  void token_afterARestart_ofAJobThatHadNotBegun_isUnknown() throws Exception {
    ByteString token;
    try (Store store = Store.open(directory, Durability.MEMORY);
        Coordinator coordinator = open(store)) {
      token = checkIn(coordinator, 0);
      assertThat(coordinator.authenticate(token).get(20, TimeUnit.SECONDS)).isNull();
    }
    try (Store store = Store.open(directory, Durability.MEMORY);
        Coordinator coordinator = open(store)) {
      requireRefused(coordinator, token, "token-unknown");
    }
  }

  @Test
  void token_thatHasExpired_isRefusedByName_andACheckInGoesOn() throws Exception {
    try (Store store = Store.open(directory, Durability.MEMORY);
        Coordinator coordinator = open(store)) {
      coordinator.tokenLifetime(Duration.ofMinutes(20));
      List<ByteString> tokens = new ArrayList<>();
      for (int number = 0; number < CLIENTS; number++) {
        tokens.add(checkIn(coordinator, number));
      }
      ByteString session =
          exchange(coordinator, tokens.get(0), 0).getDeliveries(0).getEnvelope().getSession();
      now = now.plus(Duration.ofMinutes(15)).minusSeconds(1);
      for (ByteString token : tokens) {
        assertThat(coordinator.authenticate(token).get(20, TimeUnit.SECONDS)).isNull();
      }
      now = now.plus(Duration.ofMinutes(5)).plusSeconds(1);
      for (ByteString token : tokens) {
        requireRefused(coordinator, token, "token-expired");
      }
      ByteString fresh = checkIn(coordinator, 0);
      assertThat(exchange(coordinator, fresh, 0).getDeliveries(0).getEnvelope().getSession())
          .isEqualTo(session);
      now = now.plus(Duration.ofDays(60));
      ByteString later = checkIn(coordinator, 0);
      assertThat(coordinator.authenticate(later).get(20, TimeUnit.SECONDS)).isNull();
      requireRefused(coordinator, fresh, "token-unknown");
    }
  }

  @Test
  void token_ofAnotherStore_ofAnEarlierCheckIn_andOfAMemberThatLeft_isUnknown() throws Exception {
    ByteString foreign;
    try (Store store = Store.open(directory.resolve("other"), Durability.MEMORY);
        Coordinator coordinator = open(store)) {
      foreign = checkIn(coordinator, 0);
    }
    Path here = directory.resolve("here");
    ByteString left;
    try (Store store = Store.open(here, Durability.MEMORY);
        Coordinator coordinator = open(store)) {
      ByteString first = checkIn(coordinator, 0);
      now = now.plusMillis(1);
      left = checkIn(coordinator, 0);
      for (int number = 1; number < CLIENTS; number++) {
        checkIn(coordinator, number);
      }
      requireRefused(coordinator, foreign, "token-unknown");
      requireRefused(coordinator, first, "token-unknown");
      assertThat(coordinator.authenticate(left).get(20, TimeUnit.SECONDS)).isNull();
      coordinator.withdraw(request(coordinator, 0, false)).get(20, TimeUnit.SECONDS);
      requireRefused(coordinator, left, "token-unknown");
    }
    try (Store store = Store.open(here, Durability.MEMORY);
        Coordinator coordinator = open(store)) {
      requireRefused(coordinator, left, "token-unknown");
    }
  }
}
