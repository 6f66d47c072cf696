package dev.tributary.nn.data;

/** Pictures kept as they came: one unsigned byte a number, given out as value / 255. */
final class ByteDataset implements Dataset {
  private static final float[] SCALED = new float[256];

  static {
    for (int i = 0; i < 256; i++) {
      SCALED[i] = i / 255f;
    }
  }

  private final int[] featureShape;
  private final int length;
  private final byte[] features;
  private final byte[] labels;
  private final int classes;

  /** Takes the arrays over. */
  ByteDataset(int[] featureShape, byte[] features, byte[] labels) {
    this.featureShape = featureShape;
    this.length = features.length / labels.length;
    this.features = features;
    this.labels = labels;
    int highest = 0;
    for (byte label : labels) {
      highest = Math.max(highest, label & 0xff);
    }
    this.classes = highest + 1;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public int[] featureShape() {
    return featureShape.clone();
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public void features(int row, float[] into, int offset) {
    int start = row * length;
    for (int i = 0; i < length; i++) {
      into[offset + i] = SCALED[features[start + i] & 0xff];
    }
  }

  @Override
  public int label(int row) {
    return labels[row] & 0xff;
  }
}
