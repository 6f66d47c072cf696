package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.store.Inputs;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.plan.Plan;
import dev.tributary.wire.RingPacking;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/**
 * Uploads on their way through this coordinator, whoever runs their job: a file here while they
 * come, rows that all coordinators read once they are whole. What the upload belongs to is asked of
 * the tables. Safe for many threads; waits for the database.
 */
public final class SharedInputs {
  /** Rounds that nobody uploads to for so long are over, or begin anew. */
  private static final Duration FORGOTTEN = Duration.ofMinutes(30);

  private final Inputs inputs;
  private final Executor ahead;
  private final Path folder;
  private final Clock clock;
  private final Map<ByteString, Round> rounds = new ConcurrentHashMap<>();

  /** A round to which something was uploaded here. */
  private static final class Round {
    final String job;
    final int number;
    final Plan plan;
    final Inputs.Running running;
    final Map<Integer, Upload> uploads = new ConcurrentHashMap<>();
    volatile Instant used;

    Round(String job, Inputs.Running running, Plan plan, Instant now) {
      this.job = job;
      this.number = running.round();
      this.running = running;
      this.plan = plan;
      this.used = now;
    }
  }

  SharedInputs(Inputs inputs, Path store, Clock clock, Executor ahead) {
    this.inputs = inputs;
    this.ahead = ahead;
    this.folder = store.resolve("spool-shared");
    this.clock = clock;
    clear(folder);
  }

  /**
   * Where the input of a client goes, and how far it has come here.
   *
   * @throws FrontDoorException if the session's round is not running, or not the client's
   */
  Upload upload(String job, ByteString identity, ByteString session) {
    Instant now = clock.instant();
    forget(now);
    Round round = rounds.get(session);
    if (round == null) {
      round = running(job, session, now);
      Round other = rounds.putIfAbsent(session, round);
      round = other == null ? round : other;
    }
    if (!round.job.equals(job)) { // Members are counted within their job.
      throw FrontDoorException.roundOver();
    }
    round.used = now;
    int member = inputs.member(job, identity).orElseThrow(FrontDoorException::roundOver);
    if (!round.running.cohort().contains(member)) {
      throw FrontDoorException.roundOver();
    }
    Round of = round;
    return round.uploads.computeIfAbsent(member, m -> begin(job, of, session, m));
  }

  private Round running(String job, ByteString session, Instant now) {
    Inputs.Running running = inputs.running(job).orElseThrow(FrontDoorException::roundOver);
    Plan plan = Plan.parse(running.plan().toByteArray());
    if (!session.equals(ByteString.copyFrom(plan.sessionId()))) {
      throw FrontDoorException.roundOver();
    }
    return new Round(job, running, plan, now);
  }

  private Upload begin(String job, Round round, ByteString session, int member) {
    long length = RingPacking.packedLength(round.plan.sum().length(), round.plan.sum().ringBits());
    Path at = folder.resolve(HexFormat.of().formatHex(session.toByteArray(), 0, 8));
    try {
      Files.createDirectories(at);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write uploads to " + at, e);
    }
    Path file = at.resolve(Integer.toString(member));
    if (inputs.length(job, round.number, member) == length) {
      return Upload.whole(new UploadFile(file, ahead), length);
    }
    return new Upload(
        new UploadFile(file, ahead),
        length,
        () -> {
          try {
            inputs.keep(job, round.number, member, file);
          } catch (StoreException e) {
            throw e.code().equals(StoreException.UNREADABLE) ? FrontDoorException.moving() : e;
          }
          clear(file);
        });
  }

  private void forget(Instant now) {
    for (Iterator<Map.Entry<ByteString, Round>> all = rounds.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<ByteString, Round> each = all.next();
      if (each.getValue().used.plus(FORGOTTEN).isBefore(now)) {
        all.remove();
        clear(folder.resolve(HexFormat.of().formatHex(each.getKey().toByteArray(), 0, 8)));
      }
    }
  }

  private static void clear(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // The next start removes it.
    }
  }
}
