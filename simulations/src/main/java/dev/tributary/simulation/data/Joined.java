package dev.tributary.simulation.data;

import dev.tributary.nn.data.Dataset;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The rows of several data sets of one shape, one behind the other. */
final class Joined implements Dataset {
  private final List<Dataset> parts;
  private final int[] starts;
  private final int size;

  Joined(List<Dataset> parts) {
    this.parts = parts.stream().filter(part -> part.size() > 0).toList();
    this.starts = new int[this.parts.size()];
    int total = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = total;
      total += this.parts.get(i).size();
    }
    this.size = total;
  }

  private int part(int row) {
    Objects.checkIndex(row, size);
    int found = Arrays.binarySearch(starts, row);
    return found >= 0 ? found : -found - 2;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int[] featureShape() {
    return parts.get(0).featureShape();
  }

  @Override
  public int classes() {
    return parts.get(0).classes();
  }

  @Override
  public void features(int row, float[] into, int offset) {
    int part = part(row);
    parts.get(part).features(row - starts[part], into, offset);
  }

  @Override
  public int label(int row) {
    int part = part(row);
    return parts.get(part).label(row - starts[part]);
  }

  @Override
  public float target(int row) {
    int part = part(row);
    return parts.get(part).target(row - starts[part]);
  }
}
