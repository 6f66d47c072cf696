package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.store.AuditEntry;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.Handshake;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class CoordinatorTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path directory;

  /** A clock that, when told so, holds up the loop that asks it and then fails. */
  private static final class FailingClock extends Clock {
    final AtomicBoolean armed = new AtomicBoolean();
    final CountDownLatch reached = new CountDownLatch(1);
    final CountDownLatch released = new CountDownLatch(1);

    @Override
    public Instant instant() {
      if (armed.get() && Thread.currentThread().getName().startsWith("tributary-loop")) {
        reached.countDown();
        try {
          released.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        throw new IllegalStateException("the clock is broken");
      }
      return NOW;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  /** What clients say, choices and draws too, is handed to the round, and nothing else. */
  @ParameterizedTest
  @EnumSource(KindCase.class)
  void isFromClient_everyKindOfMessage(KindCase kind) {
    Set<KindCase> said =
        EnumSet.of(
            KindCase.DECLINE,
            KindCase.ADVERTISE_KEYS,
            KindCase.CHOICE,
            KindCase.SHARE_KEYS,
            KindCase.MASKED_INPUT,
            KindCase.SIGNED_SURVIVORS,
            KindCase.SAMPLE,
            KindCase.UNMASK,
            KindCase.ABORT);
    assertThat(LiveJob.isFromClient(kind)).isEqualTo(said.contains(kind));
  }

  @Test
  void stop_whileTheJobRuns_keepsUploads_andTellsNobodyThatItIsOver() throws Exception {
    Coordinator.Settings settings =
        new Coordinator.Settings(
            Jobs.plain(),
            30,
            TrustAnchors.trustOnFirstUse(),
            new InsecurePlainSum(),
            null,
            RoundListener.none(),
            Clock.fixed(NOW, ZoneOffset.UTC),
            1);
    Path upload;
    try (Store store = Store.open(directory, Durability.MEMORY);
        Coordinator coordinator = Coordinator.open(store, settings)) {
      Map<ByteString, CompletableFuture<ExchangeReply>> polls = new LinkedHashMap<>();
      for (int client = 1; client <= 30; client++) {
        ByteString token =
            coordinator.checkIn(checkIn(coordinator, client)).get(20, TimeUnit.SECONDS).getToken();
        polls.put(
            token,
            coordinator.exchange(
                token, ExchangeRequest.newBuilder().setWaitMillis(30_000).build()));
      }
      Awaitility.await().until(() -> polls.values().stream().anyMatch(CompletableFuture::isDone));
      ByteString offered =
          polls.keySet().stream().filter(t -> polls.get(t).isDone()).findFirst().orElseThrow();
      ByteString session = polls.get(offered).get().getDeliveries(0).getEnvelope().getSession();
      upload = coordinator.upload(offered, session).get(20, TimeUnit.SECONDS).file().path();
      Files.write(upload, new byte[8]);

      coordinator.stop("stopped by its operator");

      assertThat(coordinator.done().get(20, TimeUnit.SECONDS).outcome())
          .isEqualTo(JobResult.Outcome.STOPPED);
      requireRefused(coordinator.exchange(offered, ExchangeRequest.getDefaultInstance()));
      for (CompletableFuture<ExchangeReply> poll : polls.values()) {
        if (poll.isCompletedExceptionally()) {
          requireRefused(poll);
        } else {
          assertThat(poll.get(20, TimeUnit.SECONDS).getFinished()).isFalse();
        }
      }
    }
    assertThat(upload).exists();
  }

  private static CheckInRequest checkIn(Coordinator coordinator, int number) {
    byte[] nonce = new byte[32];
    nonce[0] = (byte) number;
    try (Identity identity = Identity.fromSeed(World.seed(number))) {
      return CheckInRequest.newBuilder()
          .setIdentity(ByteString.copyFrom(identity.publicKey()))
          .setNonce(ByteString.copyFrom(nonce))
          .setTimeMillis(NOW.toEpochMilli())
          .setSignature(
              ByteString.copyFrom(
                  Handshake.signCheckIn(
                      identity, coordinator.publicKey(), nonce, NOW.toEpochMilli())))
          .build();
    }
  }

  @Test
  void requests_whenTheLoopFails_areRefusedWhetherTheyWaitOrCome() throws Exception {
    FailingClock clock = new FailingClock();
    Coordinator.Settings settings =
        new Coordinator.Settings(
            Jobs.plain(),
            30,
            TrustAnchors.trustOnFirstUse(),
            new InsecurePlainSum(),
            null,
            RoundListener.none(),
            clock,
            1);
    try (Store store = Store.open(directory, Durability.MEMORY);
        Coordinator coordinator = Coordinator.open(store, settings)) {
      ByteString token =
          coordinator.checkIn(checkIn(coordinator, 1)).get(20, TimeUnit.SECONDS).getToken();
      CompletableFuture<?> parked =
          coordinator.exchange(token, ExchangeRequest.newBuilder().setWaitMillis(30_000).build());
      coordinator.status().get(20, TimeUnit.SECONDS);
      clock.armed.set(true);
      CompletableFuture<?> failing = coordinator.checkIn(checkIn(coordinator, 2));
      assertThat(clock.reached.await(20, TimeUnit.SECONDS)).isTrue();
      List<CompletableFuture<?>> queued =
          List.of(
              coordinator.status(),
              coordinator.authenticate(token),
              coordinator.exchange(token, ExchangeRequest.getDefaultInstance()),
              coordinator.checkIn(checkIn(coordinator, 3)));
      clock.released.countDown();

      requireRefused(failing);
      assertThat(failure(coordinator.done())).hasMessage("the clock is broken");
      for (CompletableFuture<?> request : queued) {
        requireRefused(request);
      }
      requireRefused(coordinator.status());
      assertThat(parked.get(20, TimeUnit.SECONDS)).isNotNull();
    }
  }

  /** Who decides who is a member is noted when it changes, and not with every start. */
  @Test
  void trust_whenItChanges_isInTheAuditLog() {
    TrustAnchors before = TrustAnchors.of(List.of(World.key(1)));
    TrustAnchors after = before.revoking(List.of("ab".repeat(16)));
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      for (int start = 0; start < 2; start++) {
        Coordinator.open(store, settings(before)).close();
      }
      try (Coordinator coordinator = Coordinator.open(store, settings(before))) {
        coordinator.trust(after);
      }
      assertThat(store.auditLog().page(1, 10).entries())
          .extracting(AuditEntry::what)
          .containsExactly("trust-changed", "trust-changed");
      assertThat(store.auditLog().page(1, 10).entries())
          .extracting(AuditEntry::detail)
          .allMatch(detail -> detail.contains(Identity.fingerprint(World.key(1))))
          .doesNotHaveDuplicates();
      assertThat(store.auditLog().verify(null).number()).isEqualTo(2);
    }
  }

  private static Coordinator.Settings settings(TrustAnchors trust) {
    return new Coordinator.Settings(
        Jobs.plain(),
        30,
        trust,
        new InsecurePlainSum(),
        null,
        RoundListener.none(),
        Clock.fixed(NOW, ZoneOffset.UTC),
        1);
  }

  @Test
  void requests_afterItIsClosed_areRefused() throws Exception {
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      Coordinator coordinator =
          Coordinator.open(
              store,
              new Coordinator.Settings(
                  Jobs.plain(),
                  30,
                  TrustAnchors.trustOnFirstUse(),
                  new InsecurePlainSum(),
                  null,
                  RoundListener.none(),
                  Clock.fixed(NOW, ZoneOffset.UTC),
                  1));
      ByteString token =
          coordinator.checkIn(checkIn(coordinator, 1)).get(20, TimeUnit.SECONDS).getToken();
      CompletableFuture<?> parked =
          coordinator.exchange(token, ExchangeRequest.newBuilder().setWaitMillis(30_000).build());
      coordinator.status().get(20, TimeUnit.SECONDS);

      coordinator.close();

      requireRefused(parked);
      requireRefused(coordinator.status());
    }
  }

  private static Throwable failure(CompletableFuture<?> request) {
    Throwable thrown = catchThrowable(() -> request.get(20, TimeUnit.SECONDS));
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    return thrown.getCause();
  }

  private static void requireRefused(CompletableFuture<?> request) {
    assertThat(failure(request))
        .isInstanceOfSatisfying(
            FrontDoorException.class,
            refused -> {
              assertThat(refused.kind()).isEqualTo(FrontDoorException.Kind.BUSY);
              assertThat(refused.code()).isEqualTo("coordinator-stopped");
            });
  }
}
