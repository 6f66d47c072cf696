package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.job.Pace;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.JobControl;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.Handshake;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom a coordinator lets wait, and whom it tells when to come back. */
@Timeout(60)
class PaceTest {
  private static final int CLIENTS = 12;
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
                "cohort.population=12",
                "rounds=1",
                "deadline=10h",
                "cohort.schedule={participations: 1, separation: 1}"),
            CLIENTS,
            TrustAnchors.trustOnFirstUse(),
            new InsecurePlainSum(),
            null,
            RoundListener.none(),
            clock,
            1));
  }

  private CheckInReply checkIn(Coordinator coordinator, int number) throws Exception {
    byte[] nonce = new byte[32];
    RANDOM.nextBytes(nonce);
    long time = now.toEpochMilli();
    try (Identity identity = Identity.fromSeed(World.seed(number))) {
      return coordinator
          .checkIn(
              CheckInRequest.newBuilder()
                  .setIdentity(ByteString.copyFrom(identity.publicKey()))
                  .setNonce(ByteString.copyFrom(nonce))
                  .setTimeMillis(time)
                  .setSignature(
                      ByteString.copyFrom(
                          Handshake.signCheckIn(identity, coordinator.publicKey(), nonce, time)))
                  .build())
          .get(20, TimeUnit.SECONDS);
    }
  }

  private static CompletableFuture<ExchangeReply> poll(
      Coordinator coordinator, ByteString token, long acknowledged) {
    return coordinator.exchange(
        token,
        ExchangeRequest.newBuilder().setWaitMillis(30_000).setAcknowledged(acknowledged).build());
  }

  @Test
  void checkIns_beyondTheRate_areToldWhenToComeBack_andAreLetInThen() throws Exception {
    try (Store store = Store.open(directory, Durability.MEMORY);
        Coordinator coordinator = open(store)) {
      coordinator.pace(new Pace(1, 2));
      assertThat(checkIn(coordinator, 0).getToken().size()).isPositive();
      assertThat(checkIn(coordinator, 1).getToken().size()).isPositive();
      for (int number = 2; number < CLIENTS; number++) {
        CheckInReply early = checkIn(coordinator, number);
        assertThat(early.getToken()).isEqualTo(ByteString.EMPTY);
        assertThat(early.getRetryAfterMillis())
            .as("the turn of client %d, and up to a quarter more", number)
            .isBetween(1_000 * number, 1_250 * number + 1);
        assertThat(early.getTask()).isEqualTo("small");
      }
      assertThat(coordinator.status().get(20, TimeUnit.SECONDS).get(0).enrolled()).isEqualTo(2);
      now = now.plusMillis(2_501);
      assertThat(checkIn(coordinator, 2).getToken().size()).isPositive();
    }
  }

  /** Before the job begins, in a round, and while it is paused. */
  @Test
  void clientsOfALargePopulation_thatNothingWants_areToldWhenToComeBack_andTheCohortWaits()
      throws Exception {
    try (Store store = Store.open(directory, Durability.MEMORY);
        Coordinator coordinator = open(store)) {
      coordinator.pace(new Pace(5, CLIENTS - 1));
      List<ByteString> tokens = new ArrayList<>();
      for (int number = 0; number < CLIENTS - 1; number++) {
        tokens.add(checkIn(coordinator, number).getToken());
      }
      CompletableFuture<ExchangeReply> early = poll(coordinator, tokens.get(0), 0);
      assertThat(early.get(20, TimeUnit.SECONDS).getRetryAfterMillis()).isBetween(30_000, 37_500);
      now = now.plusSeconds(1);
      tokens.add(checkIn(coordinator, CLIENTS - 1).getToken());
      List<ByteString> asked = new ArrayList<>();
      List<ByteString> others = new ArrayList<>();
      await()
          .until(
              () -> {
                asked.clear();
                others.clear();
                for (ByteString token : tokens) {
                  boolean offered =
                      coordinator
                              .exchange(token, ExchangeRequest.getDefaultInstance())
                              .get(20, TimeUnit.SECONDS)
                              .getDeliveriesCount()
                          > 0;
                  (offered ? asked : others).add(token);
                }
                return asked.size() == 10;
              });
      requireParked(coordinator, asked.get(0));
      requireParked(coordinator, others.get(0));

      coordinator.say("tester", "small", JobControl.State.PAUSED).get(20, TimeUnit.SECONDS);
      requireParked(coordinator, asked.get(1));
      assertThat(
              poll(coordinator, others.get(1), 0).get(20, TimeUnit.SECONDS).getRetryAfterMillis())
          .isBetween(30_000, 37_500);
      coordinator.pace(new Pace(5, CLIENTS));
      requireParked(coordinator, others.get(1));
    }
  }

  private static void requireParked(Coordinator coordinator, ByteString token) throws Exception {
    CompletableFuture<ExchangeReply> poll = poll(coordinator, token, Long.MAX_VALUE);
    coordinator.status().get(20, TimeUnit.SECONDS);
    assertThat(poll).isNotDone();
  }
}
