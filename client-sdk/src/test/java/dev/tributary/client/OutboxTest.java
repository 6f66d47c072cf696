package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.client.ClientException.Code;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Receipt;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private static final Body BODY = Body.of(new byte[1000]);

  private final FakeTransport transport = new FakeTransport();
  private final AtomicReference<@Nullable Connection> connection =
      new AtomicReference<>(new Connection(new byte[32], new byte[32]));
  private final List<Duration> pauses = new ArrayList<>();
  private final Instant until = Cohort.NOW.plusSeconds(60);
  private Instant now = Cohort.NOW;
  private final Outbox outbox =
      new Outbox(
          transport,
          connection,
          (under, reply) -> {},
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
          },
          pause -> {
            pauses.add(pause);
            now = now.plus(pause);
          },
          new SplittableRandom(4));

  private static ClientException failure(Code code) {
    return new ClientException(code, "test");
  }

  private void failForEver(Code code) {
    for (int i = 0; i < 1000; i++) {
      transport.failures.add(failure(code));
    }
  }

  @Test
  void message_isTriedAgainUntilItIsThrough() throws Exception {
    transport.failures.add(failure(Code.COORDINATOR_UNREACHABLE));
    transport.failures.add(failure(Code.COORDINATOR_BUSY));
    outbox.send(Envelope.getDefaultInstance(), until);
    assertThat(transport.messages).hasSize(1);
    assertThat(pauses).hasSize(2);
    assertThat(pauses.get(0)).isLessThanOrEqualTo(Backoff.ceiling(0));
    assertThat(pauses.get(1)).isLessThanOrEqualTo(Backoff.ceiling(1));
  }

  @Test
  void message_isGivenUpWhenTheRoundIsOver() {
    failForEver(Code.COORDINATOR_UNREACHABLE);
    assertThatThrownBy(() -> outbox.send(Envelope.getDefaultInstance(), until))
        .isInstanceOfSatisfying(
            ClientException.class,
            e -> assertThat(e.code()).isEqualTo(Code.COORDINATOR_UNREACHABLE));
    assertThat(now).isBeforeOrEqualTo(until);
    assertThat(pauses).hasSizeGreaterThan(3);
  }

  @Test
  void message_failingForGood_isNotRepeated() {
    failForEver(Code.REQUEST_REFUSED);
    assertThatThrownBy(() -> outbox.send(Envelope.getDefaultInstance(), until))
        .isInstanceOf(ClientException.class);
    assertThat(pauses).isEmpty();
  }

  @Test
  void message_notTaken_saysTheCoordinatorsReason() {
    transport.receipt =
        Receipt.newBuilder().setCode("late").setReason("The set is frozen.").build();
    assertThatThrownBy(() -> outbox.send(Envelope.getDefaultInstance(), until))
        .isInstanceOfSatisfying(
            ClientException.class, e -> assertThat(e.code()).isEqualTo(Code.ROUND_OVER))
        .hasMessageContaining("late")
        .hasMessageContaining("The set is frozen.");
  }

  @Test
  void window_ofTheCoordinator_isKept() throws Exception {
    transport.failures.add(
        new ClientException(Code.COORDINATOR_BUSY, "test", null, Duration.ofSeconds(7)));
    outbox.send(Envelope.getDefaultInstance(), until);
    assertThat(pauses.get(0)).isGreaterThanOrEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void input_thatACoordinatorHasLostOverItsRestart_isUploadedAgain() throws Exception {
    transport.forgetful.add(Receipt.newBuilder().setCode("input-missing").build());
    outbox.send(Envelope.getDefaultInstance(), BODY, until);
    assertThat(transport.calls).containsExactly("put 0", "exchange", "put 0", "exchange");
    assertThat(pauses).hasSize(1);
  }

  @Test
  void input_thatIsMissingForEver_isGivenUpWhenTheRoundIsOver() {
    transport.receipt = Receipt.newBuilder().setCode("input-missing").build();
    assertThatThrownBy(() -> outbox.send(Envelope.getDefaultInstance(), BODY, until))
        .isInstanceOfSatisfying(
            ClientException.class, e -> assertThat(e.code()).isEqualTo(Code.ROUND_OVER));
    assertThat(now).isBeforeOrEqualTo(until);
  }

  @Test
  void input_thatIsNotTaken_isNotUploadedAgain() {
    transport.receipt = Receipt.newBuilder().setCode("round-over").build();
    assertThatThrownBy(() -> outbox.send(Envelope.getDefaultInstance(), BODY, until))
        .isInstanceOf(ClientException.class);
    assertThat(transport.calls).containsExactly("put 0", "exchange");
  }

  @Test
  void upload_startsAtZero_withoutAsking() throws Exception {
    outbox.upload(new byte[32], BODY, until);
    assertThat(transport.calls).containsExactly("put 0");
  }

  @Test
  void upload_interrupted_asksWhereItStopped_andGoesOnThere() throws Exception {
    transport.arrived = 300;
    transport.failures.add(failure(Code.COORDINATOR_UNREACHABLE));
    outbox.upload(new byte[32], BODY, until);
    assertThat(transport.calls).containsExactly("put 0", "uploaded", "put 300");
  }

  @Test
  void upload_atTheWrongOffset_goesOnAtTheRightOne() throws Exception {
    transport.arrived = 300;
    outbox.upload(new byte[32], BODY, until);
    assertThat(transport.calls).containsExactly("put 0", "put 300");
  }

  @Test
  void upload_thatNeverAdvances_isGivenUp() {
    transport.stopAt = 0;
    assertThatThrownBy(() -> outbox.upload(new byte[32], BODY, until))
        .isInstanceOfSatisfying(
            ClientException.class, e -> assertThat(e.code()).isEqualTo(Code.COORDINATOR_BUSY))
        .hasMessageContaining("0 of 1000");
  }

  @Test
  void withoutConnection_waitsForOne() throws Exception {
    Connection open = connection.getAndSet(null);
    Outbox waiting =
        new Outbox(
            transport,
            connection,
            (under, reply) -> {},
            Clock.fixed(now, ZoneOffset.UTC),
            pause -> connection.set(open),
            new SplittableRandom(1));
    waiting.send(Envelope.getDefaultInstance(), until);
    assertThat(transport.messages).hasSize(1);
  }
}
