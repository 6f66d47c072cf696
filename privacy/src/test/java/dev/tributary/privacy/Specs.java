package dev.tributary.privacy;

import java.util.List;
import java.util.OptionalInt;

/** Pipelines for tests. */
final class Specs {
  static final String SEED = "5a".repeat(32);

  private Specs() {}

  static PipelineSpec noiseless(int length, double clipNorm, int cohort) {
    Calibrator.Plan plan = Calibrator.withoutNoise(length, clipNorm, cohort, OptionalInt.empty());
    return of(length, clipNorm, cohort, plan, new Mechanism.None());
  }

  /** Noise shares of 100 clients at noise multiplier z, of which 84 are counted on. */
  static PipelineSpec distributed(int length, double clipNorm, double z) {
    Mechanism mechanism = new Mechanism.DistributedDiscreteGaussian(z, 84);
    return of(
        length, clipNorm, 100, Calibrator.planFor(request(length, clipNorm), mechanism), mechanism);
  }

  static PipelineSpec central(int length, double clipNorm, double z) {
    Mechanism mechanism = new Mechanism.CentralGaussian(z);
    return of(
        length, clipNorm, 100, Calibrator.planFor(request(length, clipNorm), mechanism), mechanism);
  }

  /** The main job's budget: epsilon 4 at delta 1e-5 over 8 participations. */
  static Calibrator.Request request(int length, double clipNorm) {
    return new Calibrator.Request(
        4, 1e-5, 8, length, clipNorm, 84, 100, OptionalInt.empty(), Relation.ZERO_OUT);
  }

  private static PipelineSpec of(
      int length, double clipNorm, int cohort, Calibrator.Plan plan, Mechanism mechanism) {
    return new PipelineSpec(
        List.of(new Segment("update", length)),
        clipNorm,
        plan.gridStep(),
        plan.ringBits(),
        cohort,
        mechanism,
        SEED);
  }

  /** All blocks, one after the other. */
  static float[] decode(UpdatePipeline pipeline, int[] ring, NoiseSource centralNoise) {
    float[] out = new float[pipeline.inputLength()];
    for (int b = 0; b < pipeline.blocks(); b++) {
      int from = pipeline.ringOffset(b);
      int[] block = java.util.Arrays.copyOfRange(ring, from, from + pipeline.ringLength(b));
      float[] floats = new float[pipeline.floatLength(b)];
      pipeline.decode(b, block, floats, centralNoise);
      System.arraycopy(floats, 0, out, pipeline.floatOffset(b), floats.length);
    }
    return out;
  }

  static void addInto(int[] sum, int[] ring) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += ring[i];
    }
  }

  static double norm(float[] x) {
    double squared = 0;
    for (float v : x) {
      squared += (double) v * v;
    }
    return Math.sqrt(squared);
  }
}
