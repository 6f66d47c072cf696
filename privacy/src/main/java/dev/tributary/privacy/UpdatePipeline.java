package dev.tributary.privacy;

@SuppressWarnings("DoNotCallSuggester")
public final class UpdatePipeline {
  private final PipelineSpec spec;
  private final Blocks blocks;

  public UpdatePipeline(PipelineSpec spec) {
    spec.check();
    this.spec = spec;
    blocks = new Blocks(spec.inputLength());
  }

  public int inputLength() {
    return spec.inputLength();
  }

  public int encodedLength() {
    return blocks.encodedLength();
  }

  public int blocks() {
    return blocks.count();
  }

  public int floatOffset(int block) {
    return blocks.floatOffset(block);
  }

  public int floatLength(int block) {
    return blocks.floatLength(block);
  }

  public int ringOffset(int block) {
    return blocks.ringOffset(block);
  }

  public int ringLength(int block) {
    return blocks.ringLength(block);
  }

  /** Encodes float32[d] into Z_2^w[encodedLength]. */
  public Contribution encode(float[] update, NoiseSource noise) {
    throw new IllegalStateException("not yet");
  }

  /**
   * Decodes one block. Arrays are local to the block: {@code ring[0, ringLength(block))} in, {@code
   * sumOfUpdates[0, floatLength(block))} out.
   */
  public void decode(int block, int[] ring, float[] sumOfUpdates, NoiseSource centralNoise) {
    throw new IllegalStateException("not yet");
  }
}
