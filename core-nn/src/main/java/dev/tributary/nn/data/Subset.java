package dev.tributary.nn.data;

import java.util.Objects;

/** Rows of another data set. */
final class Subset implements Dataset {
  private final Dataset whole;
  private final int[] rows;

  Subset(Dataset whole, int[] rows) {
    this.whole = whole;
    this.rows = rows.clone();
    for (int row : rows) {
      Objects.checkIndex(row, whole.size());
    }
  }

  @Override
  public int size() {
    return rows.length;
  }

  @Override
  public int[] featureShape() {
    return whole.featureShape();
  }

  @Override
  public int classes() {
    return whole.classes();
  }

  @Override
  public void features(int row, float[] into, int offset) {
    whole.features(rows[row], into, offset);
  }

  @Override
  public int label(int row) {
    return whole.label(rows[row]);
  }

  @Override
  public float target(int row) {
    return whole.target(rows[row]);
  }

  @Override
  public void targets(int row, float[] into, int at, int count) {
    whole.targets(rows[row], into, at, count);
  }

  @Override
  public Dataset pass(int number) {
    Dataset pass = whole.pass(number);
    return pass == whole ? this : new Subset(pass, rows);
  }

  @Override
  public Dataset subset(int... chosen) {
    int[] inner = new int[chosen.length];
    for (int i = 0; i < inner.length; i++) {
      inner[i] = rows[Objects.checkIndex(chosen[i], rows.length)];
    }
    return new Subset(whole, inner);
  }
}
