package dev.tributary.client.round;

import dev.tributary.plan.Plan;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.UpdatePipeline;
import dev.tributary.secagg.SumResult;
import org.assertj.core.data.Offset;

/** A ring sum turned back into the sum of updates. */
public final class Decoded {
  private Decoded() {}

  public static float[] sum(Plan plan, SumResult.RingSum result) {
    UpdatePipeline pipeline = new UpdatePipeline(plan.pipeline());
    float[] sum = new float[pipeline.inputLength()];
    for (int block = 0; block < pipeline.blocks(); block++) {
      int[] ring = new int[pipeline.ringLength(block)];
      result.sum().read(pipeline.ringOffset(block), ring, ring.length);
      float[] floats = new float[pipeline.floatLength(block)];
      pipeline.decode(block, ring, floats, NoiseSource.secure());
      System.arraycopy(floats, 0, sum, pipeline.floatOffset(block), floats.length);
    }
    return sum;
  }

  /** Rounding moves each of n updates by less than a grid step for each padded coordinate. */
  static Offset<Float> within(Plan plan, int n) {
    return Offset.offset(
        (float) (plan.pipeline().gridStep() * n * Math.sqrt(plan.pipeline().encodedLength())));
  }
}
