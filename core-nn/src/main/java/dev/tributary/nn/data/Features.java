package dev.tributary.nn.data;

import java.util.Arrays;

/** Other features of the same rows, as views. */
public final class Features {
  private Features() {}

  /**
   * Missing values (NaN) replaced.
   *
   * @param values float32[features]: what stands for a gap in each
   */
  public static Dataset filled(Dataset data, float... values) {
    if (values.length != data.featureLength()) {
      throw new IllegalArgumentException(
          data.featureLength() + " features, but " + values.length + " values for gaps came");
    }
    float[] filling = values.clone();
    return new Changed(data, rows -> filled(rows, filling)) {
      @Override
      public void features(int row, float[] into, int offset) {
        data.features(row, into, offset);
        for (int j = 0; j < filling.length; j++) {
          if (Float.isNaN(into[offset + j])) {
            into[offset + j] = filling[j];
          }
        }
      }
    };
  }

  /**
   * The same rows with their own features as targets, for models that shall give back what they are
   * given. Their labels are 0.
   */
  public static Dataset reconstruction(Dataset data) {
    return new Changed(data, Features::reconstruction) {
      @Override
      public int classes() {
        return 1;
      }

      @Override
      public int label(int row) {
        return 0;
      }

      @Override
      public void targets(int row, float[] into, int at, int count) {
        if (count != featureLength()) {
          throw new IllegalArgumentException(
              "rows of " + featureLength() + " numbers are no targets for " + count + " outputs");
        }
        data.features(row, into, at);
      }
    };
  }

  /**
   * One feature that holds category numbers becomes one feature per category, 1 at its own and 0 at
   * the others, at the same place of the vector; a missing one (NaN) becomes none.
   *
   * @param data its rows are vectors
   * @param feature which one
   * @param categories its values are 0 to categories - 1
   * @throws IllegalArgumentException now for arguments that do not fit, or when a row is read whose
   *     value is none of these
   */
  public static Dataset oneHot(Dataset data, int feature, int categories) {
    int[] shape = data.featureShape();
    if (shape.length != 1 || feature < 0 || feature >= shape[0] || categories < 1) {
      throw new IllegalArgumentException(
          "feature "
              + feature
              + " with "
              + categories
              + " categories, of rows of shape "
              + Arrays.toString(shape));
    }
    int before = shape[0];
    return new Changed(data, rows -> oneHot(rows, feature, categories)) {
      @Override
      public int[] featureShape() {
        return new int[] {before - 1 + categories};
      }

      @Override
      public void features(int row, float[] into, int offset) {
        float[] plain = new float[before];
        data.features(row, plain, 0);
        System.arraycopy(plain, 0, into, offset, feature);
        System.arraycopy(
            plain, feature + 1, into, offset + feature + categories, before - feature - 1);
        Arrays.fill(into, offset + feature, offset + feature + categories, 0f);
        float value = plain[feature];
        if (!Float.isNaN(value)) {
          int category = (int) value;
          if (category != value || category < 0 || category >= categories) {
            throw new IllegalArgumentException(
                "row "
                    + row
                    + ": feature "
                    + feature
                    + " is none of "
                    + categories
                    + " categories");
          }
          into[offset + feature + category] = 1f;
        }
      }
    };
  }
}
