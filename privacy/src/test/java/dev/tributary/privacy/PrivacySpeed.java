package dev.tributary.privacy;

import dev.tributary.privacy.noise.IntegerNoise;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * Prints how fast encoding, decoding, sampling and accounting are; one thread, best of several
 * runs.
 */
public final class PrivacySpeed {
  private PrivacySpeed() {}

  public static void main(String[] arguments) {
    sampling();
    pipeline(7850, 2000);
    pipeline(1_000_000, 60);
    calibration();
  }

  private static void sampling() {
    NoiseSource source = NoiseSource.secure();
    try (BitStream bits = source.open("speed")) {
      double words = best(10, () -> sum(bits::nextLong, 10_000_000));
      System.out.printf("AES-256-CTR words        %8.1f M/s%n", 10 / words);
    }
    for (double sigma : new double[] {4, 16, 100, 1e3, 1e4, 1.6e4, 1.05e6}) {
      IntegerNoise noise = IntegerNoise.discreteGaussian(sigma);
      try (BitStream bits = source.open("speed")) {
        double seconds = best(10, () -> sum(() -> noise.sample(bits), 4_000_000));
        System.out.printf("discrete Gaussian %-9.6g %6.1f M/s%n", sigma, 4 / seconds);
      }
    }
    double table = best(200, () -> IntegerNoise.discreteGaussian(12345.6789));
    System.out.printf("sampler set up           %8.3f ms%n", table * 1e3);
  }

  private static void pipeline(int length, int runs) {
    Calibrator.Plan plan = Calibrator.distributedDiscreteGaussian(request(length));
    PipelineSpec spec =
        new PipelineSpec(
            List.of(new Segment("update", length)),
            0.3,
            plan.gridStep(),
            plan.ringBits(),
            100,
            new Mechanism.DistributedDiscreteGaussian(plan.noiseMultiplier(), 84),
            "5a".repeat(32));
    System.out.printf("%nd = %d: %s%n", length, plan);
    SplittableRandom random = new SplittableRandom(1);
    float[] update = new float[length];
    for (int i = 0; i < length; i++) {
      update[i] = (float) (random.nextDouble() - 0.5);
    }
    NoiseSource source = NoiseSource.secure();
    double made = best(runs, () -> new UpdatePipeline(spec));
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    double encode = best(runs, () -> pipeline.encode(update, source));
    int[] ring = pipeline.encode(update, source).ring();
    int[] block = java.util.Arrays.copyOf(ring, pipeline.ringLength(0));
    float[] out = new float[pipeline.floatLength(0)];
    double decode = best(runs, () -> pipeline.decode(0, block, out, source));
    System.out.printf("new UpdatePipeline       %8.3f ms%n", made * 1e3);
    System.out.printf("encode                   %8.3f ms%n", encode * 1e3);
    System.out.printf("decode of a block of %-5d %7.3f ms%n", block.length, decode * 1e3);
  }

  private static Calibrator.Request request(int length) {
    return new Calibrator.Request(
        4, 1e-5, 8, length, 0.3, 84, 100, OptionalInt.empty(), Relation.ZERO_OUT);
  }

  private static void calibration() {
    double seconds = best(50, () -> Calibrator.distributedDiscreteGaussian(request(7850)));
    System.out.printf("%ncalibration              %8.3f ms%n", seconds * 1e3);
    RdpAccountant accountant = new RdpAccountant();
    List<Charge> charges = List.of(new Charge(new PrivacyEvent.Gaussian(3.28), 8));
    double rdp = best(200, () -> accountant.epsilon(charges, 1e-5, Unit.USER, Relation.ZERO_OUT));
    System.out.printf("RDP epsilon              %8.3f ms%n", rdp * 1e3);
  }

  private interface LongSource {
    long next();
  }

  private static long sum(LongSource source, int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += source.next();
    }
    sink = sum;
    return sum;
  }

  private static volatile long sink;

  private static double best(int runs, Runnable task) {
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < runs; i++) {
      long start = System.nanoTime();
      task.run();
      best = Math.min(best, (System.nanoTime() - start) * 1e-9);
    }
    return best;
  }
}
