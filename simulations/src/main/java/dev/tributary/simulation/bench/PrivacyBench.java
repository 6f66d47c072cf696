package dev.tributary.simulation.bench;

import dev.tributary.privacy.BitStream;
import dev.tributary.privacy.Calibrator;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Segment;
import dev.tributary.privacy.UpdatePipeline;
import dev.tributary.privacy.noise.IntegerNoise;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.LongSupplier;

/**
 * How fast noise is drawn and an update encoded, on one thread, by the processor time of the
 * thread. Everything is timed in turns within one run, and of each the fastest turn counts, so that
 * ratios hold on a busy machine too.
 *
 * @param length floats of the update that is encoded, and draws of a turn
 * @param turns at least 1
 */
record PrivacyBench(int length, int turns) {
  private static final double CLIP = 0.3;

  /** Draws of the slow peer for one of ours. */
  private static final int PEER_PART = 20;

  /** Where results go, so that no turn is optimised away. */
  @SuppressWarnings("UnusedVariable")
  private static volatile long sink;

  /** A table of figures, line by line. */
  List<String> lines() {
    NoiseSource source = NoiseSource.secure();
    SecureRandom peer = new SecureRandom();
    Calibrator.Plan plan = Calibrator.distributedDiscreteGaussian(request());
    PipelineSpec spec = spec(plan);
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    float[] update = update();
    IntegerNoise share = IntegerNoise.discreteGaussian(plan.shareSigma() / plan.gridStep());
    double[] seconds = new double[6];
    Arrays.fill(seconds, Double.POSITIVE_INFINITY);
    try (BitStream bits = source.open("bench")) {
      IntegerNoise narrow = IntegerNoise.discreteGaussian(1e4);
      IntegerNoise wide = IntegerNoise.discreteGaussian(1e6);
      int peers = Math.max(1, length / PEER_PART);
      for (int turn = 0; turn < turns; turn++) {
        best(seconds, 0, () -> gaussians(peer, peers));
        best(seconds, 1, () -> words(bits, length));
        best(seconds, 2, () -> draws(narrow, bits, length));
        best(seconds, 3, () -> draws(wide, bits, length));
        best(seconds, 4, () -> draws(share, bits, pipeline.encodedLength()));
        best(seconds, 5, () -> pipeline.encode(update, source).ring()[0]);
      }
      List<String> lines = table(seconds, peers, pipeline.encodedLength());
      lines.addAll(LedgerBench.lines(turns));
      return lines;
    }
  }

  private static void best(double[] seconds, int at, LongSupplier turn) {
    long start = CpuTime.nanos();
    sink = turn.getAsLong();
    seconds[at] = Math.min(seconds[at], (CpuTime.nanos() - start) * 1e-9);
  }

  private static long gaussians(SecureRandom random, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += random.nextGaussian();
    }
    return Double.doubleToLongBits(sum);
  }

  private static long words(BitStream bits, int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += bits.nextLong();
    }
    return sum;
  }

  private static long draws(IntegerNoise noise, BitStream bits, int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += noise.sample(bits);
    }
    return sum;
  }

  private List<String> table(double[] seconds, int peers, int encoded) {
    double peer = peers / seconds[0];
    List<String> lines = new ArrayList<>();
    lines.add(rate("SecureRandom.nextGaussian", peer, ""));
    lines.add(rate("AES-256-CTR, 64-bit words", length / seconds[1], ""));
    for (int i = 2; i <= 3; i++) {
      double rate = length / seconds[i];
      String ratio = String.format(Locale.ROOT, "%.1f times nextGaussian", rate / peer);
      lines.add(rate("discrete Gaussian, sigma 10^" + (2 * i), rate, ratio));
    }
    lines.add(time(String.format(Locale.ROOT, "noise of %,d integers", encoded), seconds[4], ""));
    lines.add(
        time(
            String.format(Locale.ROOT, "encode %,d floats", length),
            seconds[5],
            String.format(Locale.ROOT, "%.2f times its noise", seconds[5] / seconds[4])));
    return lines;
  }

  private static String rate(String what, double perSecond, String ratio) {
    return String.format(Locale.ROOT, "%-28s %8.2f M/s  %s", what, perSecond / 1e6, ratio)
        .stripTrailing();
  }

  private static String time(String what, double seconds, String ratio) {
    return String.format(Locale.ROOT, "%-28s %8.2f ms   %s", what, seconds * 1e3, ratio)
        .stripTrailing();
  }

  /** Epsilon 4 over 8 rounds, cohorts of 100 of which 84 are counted on. */
  private Calibrator.Request request() {
    return new Calibrator.Request(
        4, 1e-5, 8, length, CLIP, 84, 100, OptionalInt.empty(), Relation.ZERO_OUT);
  }

  private PipelineSpec spec(Calibrator.Plan plan) {
    return new PipelineSpec(
        List.of(new Segment("update", length)),
        CLIP,
        plan.gridStep(),
        plan.ringBits(),
        100,
        new Mechanism.DistributedDiscreteGaussian(plan.noiseMultiplier(), 84),
        "5a".repeat(32));
  }

  /** Beyond the clip norm, all different. */
  private float[] update() {
    float[] update = new float[length];
    for (int i = 0; i < length; i++) {
      update[i] = (float) Math.sin(i);
    }
    return update;
  }
}
