package dev.tributary.simulation.report;

import dev.tributary.nn.metric.Metric;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The {@code rounds.csv} of a run's folder, read back.
 *
 * @param name of the run: its folder
 * @param columns names in order
 * @param rows cells of each round
 */
public record RunTable(String name, List<String> columns, List<List<String>> rows) {
  /** As many rounds as a job may have. */
  private static final int MOST_ROUNDS = 1_000_000;

  /** No number of a run is beyond; sums and drawings of such numbers stay finite. */
  private static final double LARGEST = 1e100;

  /** Names go to a terminal, which would obey control characters. */
  public RunTable {
    name = name.replaceAll("\\p{Cntrl}", "?");
  }

  /**
   * Reads a run's folder, or a {@code rounds.csv} itself.
   *
   * @throws NoSuchFileException where there is none
   * @throws IllegalArgumentException where it is no table of rounds
   */
  public static RunTable read(Path run) throws IOException {
    Path file = Files.isDirectory(run) ? run.resolve("rounds.csv") : run;
    List<String> columns;
    List<List<String>> rows = new ArrayList<>();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      String head = lines.readLine();
      // Spreadsheets put a byte order mark before the first name.
      columns =
          head == null ? List.of() : cells(head.startsWith("\ufeff") ? head.substring(1) : head);
      if (!columns.contains("round") || !columns.contains("survivors")) {
        throw new IllegalArgumentException(file + " is no table of rounds");
      }
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        List<String> cells = cells(line);
        if (cells.size() != columns.size()) {
          throw new IllegalArgumentException(
              "%s, line %d: expected %d cells, came %d"
                  .formatted(file, rows.size() + 2, columns.size(), cells.size()));
        }
        if (rows.size() == MOST_ROUNDS) {
          throw new IllegalArgumentException(
              "%s has more than %,d rounds, which no job has".formatted(file, MOST_ROUNDS));
        }
        rows.add(cells);
      }
    }
    Path folder = file.toAbsolutePath().normalize().getParent();
    Path last = folder == null ? null : folder.getFileName();
    return new RunTable(String.valueOf(last), columns, List.copyOf(rows));
  }

  /** The same under another name. */
  public RunTable named(String other) {
    return new RunTable(other, columns, rows);
  }

  private static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    cells.add(cell.toString());
    return cells;
  }

  /** The numbers of a column by round; rounds without one are left out. */
  List<Chart.Point> points(String column, double scale, String words) {
    int index = columns.indexOf(column);
    int round = columns.indexOf("round");
    List<Chart.Point> points = new ArrayList<>();
    for (List<String> row : rows) {
      Optional<Double> value = index < 0 ? Optional.empty() : number(row.get(index));
      Optional<Double> at = number(row.get(round));
      if (value.isPresent() && at.filter(RunTable::isRound).isPresent()) {
        points.add(
            new Chart.Point(
                at.get(),
                scale * value.get(),
                Html.format(
                    "%s, round %.0f: %.4g %s", name, at.get(), scale * value.get(), words)));
      }
    }
    return points;
  }

  /** The columns of further metrics, by the names that job files have for them. */
  List<String> measures() {
    Set<String> known = Arrays.stream(Metric.values()).map(Metric::key).collect(Collectors.toSet());
    return columns.stream()
        .filter(column -> known.contains(column) && !column.equals("accuracy"))
        .toList();
  }

  /** The last number of a column. */
  public OptionalDouble last(String column) {
    return points(column, 1, "").stream().mapToDouble(Chart.Point::y).reduce((a, b) -> b);
  }

  /** The largest number of a column. */
  public OptionalDouble best(String column) {
    return points(column, 1, "").stream().mapToDouble(Chart.Point::y).max();
  }

  /** The numbers of a column added up. */
  public double sum(String column) {
    return points(column, 1, "").stream().mapToDouble(Chart.Point::y).sum();
  }

  /** Seconds of all phases and rounds, by the protocol's clock. */
  public double seconds() {
    return columns.stream()
        .filter(column -> column.endsWith("_seconds"))
        .mapToDouble(this::sum)
        .sum();
  }

  /** Rounds that released a model. */
  public long completed() {
    int index = columns.indexOf("outcome");
    return rows.stream().filter(row -> index >= 0 && row.get(index).equals("completed")).count();
  }

  private static boolean isRound(double value) {
    return value >= 1 && value <= MOST_ROUNDS && value == Math.rint(value);
  }

  private static Optional<Double> number(String cell) {
    try {
      double value = Double.parseDouble(cell);
      return Math.abs(value) <= LARGEST ? Optional.of(value) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
