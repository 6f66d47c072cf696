package dev.tributary.nn.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Classes of the cells of a column. */
final class CsvLabels {
  private static final int MAXIMUM_CLASSES = 1 << 16;

  private final List<String> names;
  private final int[] labels;
  private final int classes;

  CsvLabels(CsvTable table, int column, List<String> given, Set<String> missing) {
    TreeSet<String> found = new TreeSet<>();
    boolean numbers = given.isEmpty();
    int highest = 0;
    for (int row = 0; row < table.size(); row++) {
      String cell = table.cell(row, column);
      if (missing.contains(cell)) {
        throw table.error(row, column, "the label is missing");
      }
      if (!given.isEmpty() && !given.contains(cell)) {
        throw table.error(row, column, "expected one of " + given + ", came \"" + cell + "\"");
      }
      if (found.add(cell)) {
        int number = number(cell);
        numbers = numbers && number >= 0;
        highest = Math.max(highest, number);
        if (found.size() > MAXIMUM_CLASSES) {
          throw table.error(
              row, column, "more than " + MAXIMUM_CLASSES + " classes: is it a target?");
        }
      }
    }
    this.names = given.isEmpty() ? new ArrayList<>(found) : given;
    this.classes = numbers ? highest + 1 : names.size();
    this.labels = new int[table.size()];
    for (int row = 0; row < labels.length; row++) {
      String cell = table.cell(row, column);
      labels[row] = numbers ? number(cell) : names.indexOf(cell);
    }
  }

  /** The whole number below the limit that a cell is, or -1. */
  private static int number(String cell) {
    if (cell.isEmpty() || cell.length() > 5 || !cell.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    int number = Integer.parseInt(cell);
    return number < MAXIMUM_CLASSES ? number : -1;
  }

  int classes() {
    return classes;
  }

  int[] labels() {
    return labels;
  }
}
