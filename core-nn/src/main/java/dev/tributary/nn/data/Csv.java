package dev.tributary.nn.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Examples from a CSV file, plain or gzip. Every column that is not the label, the target, the
 * client or dropped is a feature.
 *
 * <ul>
 *   <li>A feature is numeric if every cell that is there is a number, else categorical: one 0/1
 *       feature per category, in alphabetical order. {@link #categories} fixes a list, so that
 *       files of different clients give the same features.
 *   <li>A missing cell (empty, {@code NA}, {@code NaN}, {@code ?}, unless {@link #missing} says
 *       otherwise) becomes the mean of its numeric column, and no category of a categorical one. It
 *       is refused in the label, target and client columns.
 *   <li>Labels that are whole numbers from 0 up are classes as they stand; others are numbered in
 *       alphabetical order, or as listed in {@link #label(String, String...)}.
 * </ul>
 *
 * <p>Immutable: each method gives a changed copy. Every error names file, line and column.
 */
public final class Csv {
  private final CsvTable table;
  private final Settings settings;

  private Csv(CsvTable table, Settings settings) {
    this.table = table;
    this.settings = settings;
  }

  private record Settings(
      @Nullable String label,
      List<String> classes,
      @Nullable String target,
      @Nullable String client,
      Set<String> dropped,
      Set<String> numeric,
      Map<String, List<String>> categories,
      Set<String> missing,
      boolean standardise) {}

  /**
   * Reads the cells.
   *
   * @throws DataException if the file is missing or is no table
   */
  public static Csv read(Path file) {
    Settings settings =
        new Settings(
            null,
            List.of(),
            null,
            null,
            Set.of(),
            Set.of(),
            Map.of(),
            Set.of("", "NA", "NaN", "?"),
            false);
    return new Csv(CsvTable.read(file), settings);
  }

  /** The names of the columns, in order. */
  public List<String> columns() {
    return table.columns;
  }

  /**
   * The column of classes.
   *
   * @param classes every class in order; none: as found
   */
  public Csv label(String column, String... classes) {
    table.column(column);
    Settings s = settings;
    return with(
        new Settings(
            column,
            List.of(classes),
            null,
            s.client,
            s.dropped,
            s.numeric,
            s.categories,
            s.missing,
            s.standardise));
  }

  /** The column of numbers to predict. */
  public Csv target(String column) {
    table.column(column);
    Settings s = settings;
    return with(
        new Settings(
            null,
            List.of(),
            column,
            s.client,
            s.dropped,
            s.numeric,
            s.categories,
            s.missing,
            s.standardise));
  }

  /** The column that says whose row it is; no feature. */
  public Csv client(String column) {
    table.column(column);
    Settings s = settings;
    return with(
        new Settings(
            s.label,
            s.classes,
            s.target,
            column,
            s.dropped,
            s.numeric,
            s.categories,
            s.missing,
            s.standardise));
  }

  /** Columns to leave out. */
  public Csv drop(String... columns) {
    Settings s = settings;
    return with(
        new Settings(
            s.label,
            s.classes,
            s.target,
            s.client,
            plus(s.dropped, columns),
            s.numeric,
            s.categories,
            s.missing,
            s.standardise));
  }

  /** Columns that must be numeric: a cell that is no number is an error. */
  public Csv numeric(String... columns) {
    Settings s = settings;
    return with(
        new Settings(
            s.label,
            s.classes,
            s.target,
            s.client,
            s.dropped,
            plus(s.numeric, columns),
            s.categories,
            s.missing,
            s.standardise));
  }

  /**
   * A categorical column, even if its cells are numbers.
   *
   * @param categories every category in order, and any other is an error; none: as found
   */
  public Csv categories(String column, String... categories) {
    table.column(column);
    Settings s = settings;
    Map<String, List<String>> more = new HashMap<>(s.categories);
    more.put(column, List.of(categories));
    return with(
        new Settings(
            s.label,
            s.classes,
            s.target,
            s.client,
            s.dropped,
            s.numeric,
            Map.copyOf(more),
            s.missing,
            s.standardise));
  }

  /** What a missing cell looks like, instead of the usual; an empty cell always is one. */
  public Csv missing(String... texts) {
    Settings s = settings;
    return with(
        new Settings(
            s.label,
            s.classes,
            s.target,
            s.client,
            s.dropped,
            s.numeric,
            s.categories,
            plus(Set.of(""), texts),
            s.standardise));
  }

  /**
   * Numeric features with mean 0 and standard deviation 1 over the rows of this file (a constant
   * column becomes 0). The statistics come from this file alone.
   */
  public Csv standardise() {
    Settings s = settings;
    return with(
        new Settings(
            s.label,
            s.classes,
            s.target,
            s.client,
            s.dropped,
            s.numeric,
            s.categories,
            s.missing,
            true));
  }

  private Csv with(Settings changed) {
    return new Csv(table, changed);
  }

  private Set<String> plus(Set<String> some, String... more) {
    Set<String> all = new HashSet<>(some);
    all.addAll(List.of(more));
    return Set.copyOf(all);
  }

  /**
   * The examples, as float32 in memory.
   *
   * @throws DataException if neither label nor target is set, or a cell breaks a rule
   */
  public Dataset dataset() {
    CsvFeatures features = readFeatures();
    int[] shape = {features.width()};
    if (settings.target != null) {
      return Dataset.regression(
          shape, features.values(), features.numbers(table.column(settings.target)));
    }
    if (settings.label == null) {
      throw new DataException(
          table.file,
          "line 1",
          "say which column is the label or the target; there are " + table.columns);
    }
    CsvLabels labels =
        new CsvLabels(table, table.column(settings.label), settings.classes, settings.missing);
    return Dataset.of(shape, labels.classes(), features.values(), labels.labels());
  }

  /**
   * The features alone, for predictions: cells of the label or target may be missing, and every
   * target is 0.
   *
   * @throws DataException if a cell of a feature breaks a rule
   */
  public Dataset features() {
    CsvFeatures features = readFeatures();
    return Dataset.regression(
        new int[] {features.width()}, features.values(), new float[table.size()]);
  }

  private CsvFeatures readFeatures() {
    CsvFeatures features = new CsvFeatures(table, settings.missing);
    for (int column : featureColumns()) {
      String name = table.columns.get(column);
      List<String> categories = settings.categories.get(name);
      if (categories != null) {
        features.categorical(column, categories);
      } else if (settings.numeric.contains(name) || features.looksNumeric(column)) {
        features.numeric(column, settings.standardise);
      } else {
        features.categorical(column, List.of());
      }
    }
    return features;
  }

  /**
   * Whose rows they are, in the order of {@link #dataset}.
   *
   * @throws DataException if no client column is set, or one of its cells is missing
   */
  public ClientColumn clients() {
    if (settings.client == null) {
      throw new DataException(
          table.file, "line 1", "say which column is the client; there are " + table.columns);
    }
    int column = table.column(settings.client);
    List<String> cells = new ArrayList<>();
    for (int row = 0; row < table.size(); row++) {
      String cell = table.cell(row, column);
      if (settings.missing.contains(cell)) {
        throw table.error(row, column, "the client is missing");
      }
      cells.add(cell);
    }
    return new ClientColumn(cells);
  }

  private List<Integer> featureColumns() {
    Set<String> named = new TreeSet<>(settings.dropped);
    named.addAll(settings.numeric);
    named.forEach(table::column);
    List<Integer> columns = new ArrayList<>();
    for (String name : table.columns) {
      if (!name.equals(settings.label)
          && !name.equals(settings.target)
          && !name.equals(settings.client)
          && !settings.dropped.contains(name)) {
        columns.add(table.column(name));
      }
    }
    if (columns.isEmpty()) {
      throw new DataException(table.file, "line 1", "no column is left as a feature");
    }
    return columns;
  }
}
