package dev.tributary.nn.data;

/** A data set with other features: labels, targets and rows are those of the one behind it. */
abstract class Changed implements Dataset {
  final Dataset data;

  Changed(Dataset data) {
    this.data = data;
  }

  @Override
  public int size() {
    return data.size();
  }

  @Override
  public int[] featureShape() {
    return data.featureShape();
  }

  @Override
  public int classes() {
    return data.classes();
  }

  @Override
  public int label(int row) {
    return data.label(row);
  }

  @Override
  public float target(int row) {
    return data.target(row);
  }
}
