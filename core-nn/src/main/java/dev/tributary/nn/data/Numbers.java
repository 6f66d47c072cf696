package dev.tributary.nn.data;

import java.nio.file.Path;
import java.util.Arrays;

/** Numbers of a file as they come, refused beyond what a data set may have. */
final class Numbers {
  private float[] values = new float[1 << 10];
  private int size;

  int size() {
    return size;
  }

  void add(Path file, String where, float value) {
    if (!Float.isFinite(value)) {
      throw new DataException(file, where, "not a finite number of float32");
    }
    if (size == values.length) {
      if (size >= DataFile.MAXIMUM_VALUES) {
        throw new DataException(
            file, where, "more than " + DataFile.MAXIMUM_VALUES + " numbers in all");
      }
      values = Arrays.copyOf(values, (int) Math.min(DataFile.MAXIMUM_VALUES, 2L * size));
    }
    values[size++] = value;
  }

  /** float32[size]. */
  float[] values() {
    return Arrays.copyOf(values, size);
  }
}
