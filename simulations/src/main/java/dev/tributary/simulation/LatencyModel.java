package dev.tributary.simulation;

import dev.tributary.wire.Seed;
import java.time.Duration;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How long things take in virtual time. Each client has a distance, an uplink and a speed of its
 * own, which come from the seed whenever they are asked for, so that a population takes no room;
 * nothing here depends on the machine that simulates.
 */
public final class LatencyModel {
  /** No message arrives sooner than this after it was sent, and no job ends sooner. */
  public static final Duration SHORTEST = Duration.ofMillis(40);

  private static final double NEAR_SECONDS = 0.040;
  private static final double FAR_SECONDS = 0.120;
  private static final double SLOW_BYTES_PER_SECOND = 0.5e6;
  private static final double FAST_BYTES_PER_SECOND = 5e6;
  private static final double COORDINATOR_JOB_SECONDS = 0.050;
  private static final double CLIENT_JOB_SECONDS = 0.100;
  private static final double TRAINING_SECONDS = 0.5;

  private final Seed seed;
  private final @Nullable IntToDoubleFunction trainingSeconds;

  /** A model whose clients' properties come from the seed. */
  public LatencyModel(Seed seed) {
    this(seed, null);
  }

  /** The same with clients that train for so many seconds; null for what the seed says. */
  LatencyModel(Seed seed, @Nullable IntToDoubleFunction trainingSeconds) {
    this.seed = seed;
    this.trainingSeconds = trainingSeconds;
  }

  /** Nanoseconds from sending to arrival of so many bytes between a client and the coordinator. */
  public long travelNanos(int client, long bytes) {
    double oneWay = between(NEAR_SECONDS, FAR_SECONDS, unit(seed.derive("latency", client)));
    double bytesPerSecond =
        between(SLOW_BYTES_PER_SECOND, FAST_BYTES_PER_SECOND, unit(seed.derive("uplink", client)));
    return nanos(oneWay + bytes / bytesPerSecond);
  }

  /** Nanoseconds that a client's job takes. */
  public long clientJobNanos(int client, String job) {
    boolean training = job.endsWith("train");
    if (training && trainingSeconds != null) {
      return nanos(trainingSeconds.applyAsDouble(client));
    }
    double nominal = training ? TRAINING_SECONDS : CLIENT_JOB_SECONDS;
    return nanos(nominal * between(1, 3, unit(seed.derive("speed", client))));
  }

  /** Nanoseconds that a job of the coordinator takes. */
  public long coordinatorJobNanos() {
    return nanos(COORDINATOR_JOB_SECONDS);
  }

  private static long nanos(double seconds) {
    return Math.max(SHORTEST.toNanos(), Math.round(seconds * 1e9));
  }

  private static double between(double low, double high, double unit) {
    return low + (high - low) * unit;
  }

  /** A number in [0, 1) with 53 random bits. */
  static double unit(Seed seed) {
    return (seed.toLong() >>> 11) * 0x1.0p-53;
  }
}
