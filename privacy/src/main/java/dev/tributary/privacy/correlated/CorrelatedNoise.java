package dev.tributary.privacy.correlated;

import dev.tributary.privacy.BitStream;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.noise.IntegerNoise;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The noise of a run, one round after the other: round t gets row t of A C^-1 Z less row t - 1, so
 * that the sum of the first t rounds carries row t. The whole run is one release, and {@link
 * Run#event} says of what.
 *
 * <p>Z is drawn afresh for every round as discrete Gaussians on the grid, from a key of its own.
 * The values of a {@link BinaryTree} without residuals stay on the grid. All others are in floating
 * point: their event is that of continuous noise.
 *
 * <p>The coordinator keeps {@link #state()} with the model in one transaction and wipes it when the
 * run is over: with it, and the models, anybody could take noise away. Not safe for use by several
 * threads.
 */
public final class CorrelatedNoise {
  private static final int VERSION = 1;

  /** So many doubles fit one byte array, with what stands before them. */
  private static final long MOST_KEPT = 1L << 27;

  /** Bytes before the run's name. */
  private static final int HEADER = 12;

  private static final int LONGEST_NAME = 1000;

  /**
   * A run.
   *
   * @param length m, coordinates of a round's sum
   * @param sensitivity l2 norm bound of one client's contribution to one round, in grid units
   * @param noiseMultiplier z, of the whole run: epsilon is that of one Gaussian of this width
   */
  public record Run(
      Strategy strategy,
      Schedule schedule,
      int length,
      double sensitivity,
      double noiseMultiplier) {
    public Run {
      positive("sensitivity", sensitivity);
      positive("noiseMultiplier", noiseMultiplier);
      long doubles = kept(strategy, schedule, length);
      if (length < 1 || doubles > MOST_KEPT) {
        throw new IllegalArgumentException(
            "a run of length "
                + length
                + " keeps "
                + doubles
                + " doubles between rounds; it must be 2^27 or less. Use fewer bands or buffers");
      }
    }

    private static long kept(Strategy strategy, Schedule schedule, int length) {
      return (long) length * strategy.buffers(schedule.rounds());
    }

    private long doubles() {
      return kept(strategy, schedule, length);
    }

    private static void positive(String name, double value) {
      if (!(value > 0) || Double.isInfinite(value)) {
        throw new IllegalArgumentException(name + " must be > 0 and finite, was " + value);
      }
    }

    /** Norm bound of what one client changes of C x over the whole run, in grid units. */
    private double totalSensitivity() {
      return sensitivity * Math.sqrt(strategy.sensitivitySquared(schedule));
    }

    /** What the whole run releases about one client that keeps to the schedule; counts once. */
    public PrivacyEvent event() {
      return strategy instanceof BinaryTree
          ? new PrivacyEvent.DiscreteGaussian(
              totalSensitivity(), noiseMultiplier * totalSensitivity())
          : new PrivacyEvent.Gaussian(noiseMultiplier);
    }

    private byte[] name() {
      String text =
          strategy.canonical()
              + schedule
              + length
              + ','
              + Double.toHexString(sensitivity)
              + ','
              + Double.toHexString(noiseMultiplier);
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  private final Run run;
  private final NoiseSource noise;
  private final IntegerNoise gaussian;
  private final double[][] buffers;
  private int round;

  /** At the start of a run. */
  public CorrelatedNoise(Run run, NoiseSource noise) {
    this.run = run;
    this.noise = noise;
    gaussian = IntegerNoise.discreteGaussian(run.noiseMultiplier() * run.totalSensitivity());
    buffers = new double[run.strategy().buffers(run.schedule().rounds())][run.length()];
  }

  /** The number of the round that {@link #next} makes noise for, from 0. */
  public int round() {
    return round;
  }

  /**
   * The noise of the next round.
   *
   * @return float64[m], grid units, to be added to the round's sum
   * @throws NoiseStateException after the last round
   */
  public double[] next() {
    if (round == run.schedule().rounds()) {
      throw new NoiseStateException(
          "the run of " + round + " rounds is over. A longer one is another run, charged anew");
    }
    double[] change;
    try (BitStream bits = noise.open("correlated/" + round)) {
      change = run.strategy().step(round, buffers, () -> draw(bits));
    }
    round++;
    return change;
  }

  /**
   * The noise of all rounds up to one together: of a round, and of those before it that released
   * nothing. Their noise stays in the sums over rounds, where it cancels.
   *
   * @param rounds number of rounds that have been with this one
   * @return float64[m], grid units
   * @throws NoiseStateException if the noise of that round was made before
   */
  public double[] upTo(int rounds) {
    if (rounds <= round) {
      throw new NoiseStateException(
          "the noise of round " + (rounds - 1) + " was made, the next is that of " + round);
    }
    double[] sum = next();
    while (round < rounds) {
      double[] change = next();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += change[i];
      }
    }
    return sum;
  }

  private double[] draw(BitStream bits) {
    double[] z = new double[run.length()];
    for (int i = 0; i < z.length; i++) {
      z[i] = gaussian.sample(bits);
    }
    return z;
  }

  /** Everything that later rounds need. Secret: it is noise that hides released models. */
  public byte[] state() {
    byte[] name = run.name();
    int doubles = buffers.length * run.length();
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.addExact(HEADER + name.length, Math.multiplyExact(doubles, 8)));
    bytes.putInt(VERSION).putInt(round).putInt(name.length).put(name);
    for (double[] buffer : buffers) {
      for (double value : buffer) {
        bytes.putDouble(value);
      }
    }
    return bytes.array();
  }

  /**
   * Goes on where {@link #state()} was taken.
   *
   * @param round of the ledger's last charge: a state of an earlier round is an older world, whose
   *     noise would be drawn a second time
   * @throws NoiseStateException if the state is of another run or round, or damaged
   */
  public static CorrelatedNoise restore(Run run, NoiseSource noise, byte[] state, int round) {
    check(run, state, round);
    CorrelatedNoise restored = new CorrelatedNoise(run, noise);
    ByteBuffer bytes = ByteBuffer.wrap(state).position(HEADER + run.name().length);
    for (double[] buffer : restored.buffers) {
      for (int i = 0; i < buffer.length; i++) {
        buffer[i] = bytes.getDouble();
      }
    }
    restored.round = round;
    return restored;
  }

  private static void check(Run run, byte[] state, int round) {
    byte[] name = run.name();
    ByteBuffer bytes = ByteBuffer.wrap(state);
    int version = state.length < HEADER ? 0 : bytes.getInt();
    if (version != VERSION) {
      throw new NoiseStateException(
          "these "
              + state.length
              + " bytes are no kept noise: expected version "
              + VERSION
              + ", came "
              + version);
    }
    int kept = bytes.getInt();
    int named = Math.min(bytes.getInt(), state.length - HEADER);
    String came = new String(state, HEADER, Math.max(0, named), StandardCharsets.UTF_8);
    String expected = new String(name, StandardCharsets.UTF_8);
    if (!came.equals(expected)) {
      throw new NoiseStateException(
          "kept noise is of another run: expected "
              + expected
              + ", came "
              + came.substring(0, Math.min(came.length(), LONGEST_NAME)));
    }
    long length = (long) HEADER + name.length + 8L * run.doubles();
    if (state.length != length) {
      throw new NoiseStateException(
          "kept noise of this run has " + length + " bytes, came " + state.length);
    }
    if (kept != round) {
      throw new NoiseStateException(
          "kept noise is of round " + kept + ", the ledger of round " + round + ". Refused");
    }
  }

  /** Overwrites what is kept; the run is over. */
  public void destroy() {
    for (double[] buffer : buffers) {
      Arrays.fill(buffer, 0);
    }
    round = run.schedule().rounds();
  }

  @Override
  public String toString() {
    return "CorrelatedNoise[round " + round + ", redacted]";
  }
}
