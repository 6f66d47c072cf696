package dev.tributary.simulation.audit;

import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.UpdatePipeline;
import java.util.List;
import java.util.function.IntFunction;

/** What a round's sum shows: updates encoded as clients do and decoded as the coordinator does. */
final class RoundSum {
  private RoundSum() {}

  /**
   * The decoded sum.
   *
   * @param updates float32[d] each
   * @param shares noise of the client at that place in the list
   * @return float32[d]
   */
  static float[] of(
      PipelineSpec spec,
      List<float[]> updates,
      IntFunction<NoiseSource> shares,
      NoiseSource central) {
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    int[] ring = new int[pipeline.encodedLength()];
    int mask = -1 >>> (Integer.SIZE - spec.ringBits());
    for (int i = 0; i < updates.size(); i++) {
      int[] encoded = pipeline.encode(updates.get(i), shares.apply(i)).ring();
      for (int j = 0; j < ring.length; j++) {
        ring[j] = (ring[j] + encoded[j]) & mask;
      }
    }
    float[] sum = new float[pipeline.inputLength()];
    for (int block = 0; block < pipeline.blocks(); block++) {
      int[] part = new int[pipeline.ringLength(block)];
      System.arraycopy(ring, pipeline.ringOffset(block), part, 0, part.length);
      float[] floats = new float[pipeline.floatLength(block)];
      pipeline.decode(block, part, floats, central);
      System.arraycopy(floats, 0, sum, pipeline.floatOffset(block), floats.length);
    }
    return sum;
  }
}
