package dev.tributary.nn.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Features from columns: each column adds one numeric feature or one per category. */
final class CsvFeatures {
  /** A column with more was hardly meant to be categorical: a list must be given. */
  private static final int MAXIMUM_CATEGORIES = 256;

  private static final int MAXIMUM_VALUES = 1 << 28;

  private final CsvTable table;
  private final Set<String> missing;
  private final List<float[]> features = new ArrayList<>();
  private final List<Boolean> numeric = new ArrayList<>();
  private final List<String> sources = new ArrayList<>();

  CsvFeatures(CsvTable table, Set<String> missing) {
    this.table = table;
    this.missing = missing;
  }

  int width() {
    return features.size();
  }

  /** Which features are numeric columns. */
  boolean[] numeric() {
    boolean[] which = new boolean[numeric.size()];
    for (int i = 0; i < which.length; i++) {
      which[i] = numeric.get(i);
    }
    return which;
  }

  /** The column of each feature. */
  List<String> sources() {
    return List.copyOf(sources);
  }

  /** float32[rows * width], row-major. */
  float[] values() {
    float[] values = new float[table.size() * width()];
    for (int i = 0; i < values.length; i++) {
      values[i] = features.get(i % width())[i / width()];
    }
    return values;
  }

  /** Whether every cell that is there is a number. */
  boolean looksNumeric(int column) {
    boolean any = false;
    for (int row = 0; row < table.size(); row++) {
      String cell = table.cell(row, column);
      if (!missing.contains(cell)) {
        if (!isNumber(cell)) {
          return false;
        }
        any = true;
      }
    }
    return any;
  }

  /** A column of numbers without gaps. */
  float[] numbers(int column) {
    float[] numbers = new float[table.size()];
    for (int row = 0; row < numbers.length; row++) {
      if (missing.contains(table.cell(row, column))) {
        throw table.error(row, column, "the target is missing");
      }
      numbers[row] = number(row, column);
    }
    return numbers;
  }

  void numeric(int column, boolean standardise, boolean keepMissing) {
    float[] values = new float[table.size()];
    double sum = 0;
    int there = 0;
    for (int row = 0; row < values.length; row++) {
      boolean gap = missing.contains(table.cell(row, column));
      values[row] = gap ? Float.NaN : number(row, column);
      if (!gap) {
        sum += values[row];
        there++;
      }
    }
    double mean = there == 0 ? 0 : sum / there;
    double squares = 0;
    for (int row = 0; row < values.length; row++) {
      if (Float.isNaN(values[row])) {
        values[row] = (float) mean;
      }
      squares += (values[row] - mean) * (values[row] - mean);
    }
    if (keepMissing) {
      for (int row = 0; row < values.length; row++) {
        values[row] = missing.contains(table.cell(row, column)) ? Float.NaN : values[row];
      }
    } else if (standardise) {
      double deviation = Math.sqrt(squares / Math.max(1, there));
      for (int row = 0; row < values.length; row++) {
        values[row] = deviation > 0 ? (float) ((values[row] - mean) / deviation) : 0f;
      }
    }
    add(column, values, true);
  }

  void categorical(int column, List<String> given) {
    List<String> names = given.isEmpty() ? found(column) : given;
    float[][] values = new float[names.size()][];
    for (int i = 0; i < values.length; i++) {
      values[i] = new float[table.size()];
      add(column, values[i], false);
    }
    for (int row = 0; row < table.size(); row++) {
      String cell = table.cell(row, column);
      if (!missing.contains(cell)) {
        int category = names.indexOf(cell);
        if (category < 0) {
          throw table.error(row, column, "expected one of " + names + ", came \"" + cell + "\"");
        }
        values[category][row] = 1f;
      }
    }
  }

  private List<String> found(int column) {
    TreeSet<String> names = new TreeSet<>();
    for (int row = 0; row < table.size(); row++) {
      String cell = table.cell(row, column);
      if (!missing.contains(cell) && names.add(cell) && names.size() > MAXIMUM_CATEGORIES) {
        throw table.error(
            row,
            column,
            "\""
                + cell
                + "\" is category "
                + names.size()
                + " of a column that is no number"
                + " throughout: mend the cell, drop the column, or list its categories");
      }
    }
    return new ArrayList<>(names);
  }

  private void add(int column, float[] values, boolean isNumeric) {
    if ((features.size() + 1L) * table.size() > MAXIMUM_VALUES) {
      throw table.error(0, column, "more than " + MAXIMUM_VALUES + " numbers in all: drop columns");
    }
    features.add(values);
    numeric.add(isNumeric);
    sources.add(table.columns.get(column));
  }

  private float number(int row, int column) {
    String cell = table.cell(row, column);
    if (!isNumber(cell)) {
      throw table.error(row, column, "expected a number, came \"" + cell + "\"");
    }
    return Float.parseFloat(cell);
  }

  /** Decimal notation within the range of float32. */
  private static boolean isNumber(String cell) {
    if (cell.isEmpty() || cell.chars().anyMatch(c -> "0123456789+-.eE".indexOf(c) < 0)) {
      return false;
    }
    try {
      return Float.isFinite(Float.parseFloat(cell));
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
