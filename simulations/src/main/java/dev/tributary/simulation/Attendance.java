package dev.tributary.simulation;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.Job.Availability;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is there when a round begins: what check-ins are to a deployed coordinator. A client's answer
 * comes from (seed, round, client) and the time on a clock of its own whenever it is asked, so that
 * a population takes no room.
 *
 * <p>By that clock round r begins (r - 1) times {@code every} after the first, and later by whole
 * minutes that it and rounds before it had to wait for enough clients. What a round itself takes
 * does not count, since that differs between suites: all back ends ask the same clients.
 *
 * <p>Belongs to the coordinator's node: one thread at a time.
 */
final class Attendance {
  /** A round that waits for longer ends the job. */
  static final Duration LONGEST_WAIT = Duration.ofDays(7);

  private static final double DAY = Duration.ofDays(1).toSeconds();
  private static final int HOUR = 3600;

  private final Availability described;
  private final @Nullable ClientTrace trace;
  private final double every;
  private final Seed seed;
  private final Consumer<String> stop;
  private Instant now = VirtualShell.START;
  private Instant due = VirtualShell.START;
  private int round;
  private long minutesBefore;
  private long minutes;
  private final BitSet asked = new BitSet();
  private final BitSet there = new BitSet();

  /**
   * The clients of a job.
   *
   * @param trace that its description names; null if none
   * @param stop ends the job, for a reason
   */
  Attendance(
      Availability described,
      @Nullable ClientTrace trace,
      Duration deadline,
      Seed seed,
      Consumer<String> stop) {
    this.described = described;
    this.trace = trace;
    this.seed = seed;
    this.stop = stop;
    Duration stated =
        described instanceof Availability.Daily daily
            ? daily.every()
            : described instanceof Availability.Trace of ? of.every() : null;
    this.every = (stated == null ? deadline : stated).toMillis() / 1e3;
  }

  /** The trace of a job, if it names one. */
  static @Nullable ClientTrace trace(Job.Simulation simulation) {
    return simulation.availability() instanceof Availability.Trace of
        ? ClientTrace.read(of.file())
        : null;
  }

  /** A coordinator whose time this hears of. */
  Machine around(Machine coordinator) {
    return (now, event) -> on(coordinator, now, event);
  }

  private List<Effect> on(Machine coordinator, Instant at, Event event) {
    now = at;
    return coordinator.on(at, event);
  }

  /**
   * A round is due now. Once more, after a death of the coordinator, changes nothing: time goes on
   * from when it was due first. Round 0 is none: a coordinator that starts asks for its seed.
   */
  void due(int number) {
    if (number > 0 && number != round) {
      minutesBefore += minutes;
      minutes = 0;
      round = number;
      due = now;
      forget();
    }
  }

  /** The round that is due, or was last. */
  int round() {
    return round;
  }

  /** Whether a client is there, for the round that is due. */
  boolean there(int client) {
    if (described instanceof Availability.Always) {
      return true;
    }
    long waited = Duration.between(due, now).toMinutes();
    if (waited != minutes) {
      minutes = waited;
      forget();
      if (waited >= LONGEST_WAIT.toMinutes()) {
        stop.accept(
            "round %d waited for a week of virtual time, and never were enough clients there at once: see simulation.availability and cohort.minimum"
                .formatted(round));
      }
    }
    if (!asked.get(client)) {
      asked.set(client);
      there.set(client, draw(client));
    }
    return there.get(client);
  }

  private void forget() {
    asked.clear();
    there.clear();
  }

  private boolean draw(int client) {
    double seconds = (round - 1) * every + 60.0 * (minutesBefore + minutes);
    if (described instanceof Availability.Random random) {
      return LatencyModel.unit(seed.derive("there", round, minutes, client)) < random.share();
    }
    if (described instanceof Availability.Daily daily) {
      double begins = HOUR * daily.spread() * LatencyModel.unit(seed.derive("begins", client));
      double since = (seconds - begins) % DAY;
      return (since < 0 ? since + DAY : since) < HOUR * daily.hours();
    }
    return trace == null || trace.there(client, seconds);
  }
}
