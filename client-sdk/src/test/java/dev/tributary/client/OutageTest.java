package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.client.ClientException.Code;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How often a client asks in an hour of virtual time in which nothing can be had. */
@Timeout(60)
class OutageTest {
  private static final Duration HOUR = Duration.ofHours(1);

  /**
   * Pauses are uniform over a minute once they have grown, so that an hour has 127 of them, give or
   * take 7. Beyond these bounds lie nine times that: less than one run in 10^15.
   */
  private static final int FEWEST = 60;

  private static final int MOST = 200;

  @TempDir Path directory;
  private final Cohort cohort = new Cohort(2, 41);
  private final Time time = new Time();

  /** Time that passes only where somebody waits. */
  private static final class Time extends Clock {
    static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");
    private final AtomicReference<Instant> now = new AtomicReference<>(BEGIN);

    void pass(Duration duration) throws InterruptedException {
      now.updateAndGet(before -> before.plus(duration));
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }

    boolean over() {
      return !instant().isBefore(BEGIN.plus(HOUR));
    }

    @Override
    public Instant instant() {
      return now.get();
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

  /** A coordinator by calls, which ends the client when the hour is over. */
  private abstract class Scripted implements Transport {
    final AtomicInteger requests = new AtomicInteger();

    void asked() {
      if (time.over()) {
        throw new ClientException(Code.CHECK_IN_REFUSED, "the hour is over");
      }
      requests.incrementAndGet();
    }

    static ClientException away() {
      return new ClientException(Code.COORDINATOR_UNREACHABLE, "away");
    }

    @Override
    public CheckInReply coordinator() throws InterruptedException {
      asked();
      return CheckInReply.newBuilder()
          .setCoordinatorKey(ByteString.copyFrom(cohort.coordinator.publicKey()))
          .build();
    }

    @Override
    public CheckInReply checkIn(CheckInRequest request) throws InterruptedException {
      return coordinator().toBuilder().setToken(ByteString.copyFrom(new byte[32])).build();
    }

    @Override
    public CheckInReply withdraw(CheckInRequest request) throws InterruptedException {
      return coordinator();
    }

    @Override
    public ExchangeReply exchange(byte[] token, ExchangeRequest request)
        throws InterruptedException {
      asked();
      throw away();
    }

    @Override
    public void get(byte[] token, String digest, long length, ByteArrayOutputStream into) {
      asked();
      throw away();
    }

    @Override
    public long uploaded(byte[] token, byte[] session) {
      asked();
      throw away();
    }

    @Override
    public long put(byte[] token, byte[] session, Body body, long offset) {
      asked();
      throw away();
    }

    @Override
    public void close() {}
  }

  private FederatedClient.Builder client(Transport transport) {
    return FederatedClient.builder()
        .coordinator(URI.create("https://localhost:1"))
        .transport(transport)
        .trust(cohort.trust())
        .state(directory.resolve("client"))
        .enrolment(key -> Optional.of(cohort.certificate(key)))
        .trainer(cohort.update(0))
        .clock(time)
        .pause(time::pass);
  }

  private void runsUntilTheHourIsOver(FederatedClient.Builder builder) {
    try (FederatedClient client = builder.start()) {
      assertThatThrownBy(client::awaitDone).hasMessage("the hour is over");
    }
  }

  @Test
  void away_fromTheStart() {
    Scripted away =
        new Scripted() {
          @Override
          public CheckInReply coordinator() {
            asked();
            throw away();
          }
        };
    runsUntilTheHourIsOver(client(away));
    assertThat(away.requests.get()).isBetween(FEWEST, MOST);
  }

  @Test
  void away_afterTheCheckIn() {
    Scripted away = new Scripted() {};
    runsUntilTheHourIsOver(client(away));
    assertThat(away.requests.get()).isBetween(FEWEST, MOST);
  }

  @Test
  void away_inTheMiddleOfAnUpload() {
    Scripted away = new Scripted() {};
    AtomicReference<Connection> connection =
        new AtomicReference<>(new Connection(new byte[32], new byte[32]));
    Outbox outbox =
        new Outbox(
            away, connection, (under, reply) -> {}, time, time::pass, new SplittableRandom(1));
    Instant until = Time.BEGIN.plus(HOUR);
    assertThatThrownBy(() -> outbox.upload(new byte[32], Body.of(new byte[100]), until))
        .isInstanceOf(ClientException.class);
    assertThat(away.requests.get()).isBetween(FEWEST, MOST);
  }

  @Test
  void busy_withAWindow_isLeftAloneForIt() {
    Scripted busy =
        new Scripted() {
          @Override
          public CheckInReply coordinator() {
            asked();
            throw new ClientException(Code.COORDINATOR_BUSY, "busy", null, Duration.ofMinutes(5));
          }
        };
    runsUntilTheHourIsOver(client(busy));
    assertThat(busy.requests.get()).isBetween(9, 12);
  }

  @Test
  void pollsAnsweredAtOnceWithNothing_areNotRepeatedAtOnce() {
    Scripted hasty =
        new Scripted() {
          @Override
          public ExchangeReply exchange(byte[] token, ExchangeRequest request) {
            asked();
            return ExchangeReply.getDefaultInstance();
          }
        };
    runsUntilTheHourIsOver(client(hasty));
    assertThat(hasty.requests.get()).isBetween(FEWEST, MOST);
  }

  @Test
  void pollsCutByAnIdleTimeOut_becomeShorterThanIt() {
    AtomicInteger cut = new AtomicInteger();
    Scripted cutting =
        new Scripted() {
          @Override
          public ExchangeReply exchange(byte[] token, ExchangeRequest request)
              throws InterruptedException {
            asked();
            boolean idle = request.getWaitMillis() > 10_000;
            time.pass(Duration.ofMillis(idle ? 10_000 : request.getWaitMillis()));
            if (idle) {
              cut.incrementAndGet();
              throw away();
            }
            return ExchangeReply.getDefaultInstance();
          }
        };
    runsUntilTheHourIsOver(client(cutting));
    assertThat(cut.get()).isEqualTo(1);
    assertThat(cutting.requests.get()).isBetween(700, 725);
  }

  @Test
  void notEligible_asksNobody() {
    Scripted there = new Scripted() {};
    runsUntilTheHourIsOver(client(there).onlyWhen(time::over));
    assertThat(there.requests.get()).isZero();
  }
}
