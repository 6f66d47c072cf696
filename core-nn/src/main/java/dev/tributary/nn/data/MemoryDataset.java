package dev.tributary.nn.data;

/** Rows in one array. */
final class MemoryDataset implements Dataset {
  private final int[] featureShape;
  private final int length;
  private final int classes;
  private final float[] features;
  private final int[] labels;
  private final float[] targets;

  private MemoryDataset(
      int[] featureShape, int classes, float[] features, int[] labels, float[] targets) {
    this.featureShape = featureShape.clone();
    this.length = featureLength();
    this.classes = classes;
    this.features = features.clone();
    this.labels = labels.clone();
    this.targets = targets.clone();
    int rows = Math.max(labels.length, targets.length);
    if (length < 1 || features.length != (long) rows * length) {
      throw new IllegalArgumentException(
          rows + " rows of " + length + " features, but " + features.length + " features came");
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "row " + i + ": label " + labels[i] + " is not one of " + classes + " classes");
      }
    }
  }

  static Dataset labelled(int[] shape, int classes, float[] features, int[] labels) {
    return new MemoryDataset(shape, classes, features, labels, new float[0]);
  }

  static Dataset regression(int[] shape, float[] features, float[] targets) {
    return new MemoryDataset(shape, 0, features, new int[0], targets);
  }

  @Override
  public int size() {
    return features.length / length;
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
    System.arraycopy(features, row * length, into, offset, length);
  }

  @Override
  public int label(int row) {
    return labels.length == 0 ? 0 : labels[row];
  }

  @Override
  public float target(int row) {
    return targets.length == 0 ? labels[row] : targets[row];
  }
}
