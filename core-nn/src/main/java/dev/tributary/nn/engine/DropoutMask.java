package dev.tributary.nn.engine;

/**
 * Which numbers a dropout layer keeps: number i of the batch in step s by a hash of (s, layer, i),
 * so that engines agree and nothing is remembered. The hash is the finalizer of SplitMix64 (Steele,
 * Lea, Flood 2014, variant 13).
 */
public final class DropoutMask {
  private static final long GAMMA = 0x9e3779b97f4a7c15L;

  private final long layer;
  private final long keepBelow;
  private final float factor;

  /**
   * Of a layer.
   *
   * @param layer its number, so that layers differ
   * @param rate probability of 0, in [0, 1)
   */
  public DropoutMask(int layer, double rate) {
    this.layer = layer;
    this.keepBelow = Math.round((1 - rate) * 0x1p32);
    this.factor = (float) (1 / (1 - rate));
  }

  /** Writes 0 or 1 / (1 - rate) into {@code factors[0, count)}. */
  public void fill(long seed, float[] factors, int count) {
    long start = mix(seed + GAMMA * (layer + 1));
    for (int i = 0; i < count; i++) {
      factors[i] = mix(start + GAMMA * i) >>> 32 < keepBelow ? factor : 0f;
    }
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
