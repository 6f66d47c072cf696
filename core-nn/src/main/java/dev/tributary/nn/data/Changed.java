package dev.tributary.nn.data;

import java.util.function.UnaryOperator;

/** A data set that differs from the one behind it in what a subclass says. */
abstract class Changed implements Dataset {
  final Dataset data;
  private final UnaryOperator<Dataset> change;

  /**
   * A change of these rows.
   *
   * @param change makes the same change of other passes over them
   */
  Changed(Dataset data, UnaryOperator<Dataset> change) {
    this.data = data;
    this.change = change;
  }

  @Override
  public Dataset pass(int number) {
    Dataset pass = data.pass(number);
    return pass == data ? this : change.apply(pass);
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
  public void features(int row, float[] into, int offset) {
    data.features(row, into, offset);
  }

  @Override
  public int label(int row) {
    return data.label(row);
  }

  @Override
  public float target(int row) {
    return data.target(row);
  }

  @Override
  public void targets(int row, float[] into, int at, int count) {
    data.targets(row, into, at, count);
  }
}
