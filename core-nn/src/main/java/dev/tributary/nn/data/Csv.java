package dev.tributary.nn.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Examples from a table: a CSV, ARFF or JSON lines file, plain or gzip. Every column that is not
 * the label, the target, the client or dropped is a feature.
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

  /** Changed only while a copy is made. */
  private static final class Settings {
    private @Nullable String label;
    private List<String> classes = List.of();
    private @Nullable String target;
    private @Nullable String client;
    private Set<String> dropped = Set.of();
    private Set<String> numeric = Set.of();
    private Map<String, List<String>> categories = Map.of();
    private Set<String> missing = Set.of("", "NA", "NaN", "?");
    private boolean standardise;
    private boolean keepMissing;

    Settings copy() {
      Settings copy = new Settings();
      copy.label = label;
      copy.classes = classes;
      copy.target = target;
      copy.client = client;
      copy.dropped = dropped;
      copy.numeric = numeric;
      copy.categories = categories;
      copy.missing = missing;
      copy.standardise = standardise;
      copy.keepMissing = keepMissing;
      return copy;
    }
  }

  /**
   * Reads the cells of a CSV file: a header, a comma, semicolon or tab between cells, quotes as in
   * RFC 4180.
   *
   * @throws DataException if the file is missing or is no table
   */
  public static Csv read(Path file) {
    return new Csv(CsvTable.read(file), new Settings());
  }

  /**
   * Reads JSON lines: an object a line, whose keys are the columns. Objects and lists in it make
   * columns {@code key.inner} and {@code key.0}; a key that a line lacks, or null, is a missing
   * cell.
   *
   * @throws DataException if the file is missing or a line is no object
   */
  public static Csv readJsonLines(Path file) {
    return new Csv(JsonLines.read(file), new Settings());
  }

  /**
   * Reads ARFF, the form of Weka: nominal attributes are categorical with the values declared,
   * numeric ones numeric. Rows may be sparse.
   *
   * @throws DataException if the file is missing or is no ARFF
   */
  public static Csv readArff(Path file) {
    Arff arff = Arff.read(file);
    Settings settings = new Settings();
    settings.categories = arff.nominal();
    settings.numeric = arff.numeric();
    return new Csv(arff.table(), settings);
  }

  /** The names of the columns, in order. */
  public List<String> columns() {
    return table.columns;
  }

  /** Number of rows. */
  public int size() {
    return table.size();
  }

  /**
   * These rows and then those of another table, under the rules of this one: both get the same
   * features and classes.
   *
   * @throws DataException if the other has other columns
   */
  public Csv and(Csv more) {
    return new Csv(table.and(more.table), settings);
  }

  /**
   * The column of classes.
   *
   * @param classes every class in order; none: as found, or as an ARFF file declares them
   */
  public Csv label(String column, String... classes) {
    table.column(column);
    return with(
        changed -> {
          changed.label = column;
          changed.classes =
              classes.length > 0
                  ? List.of(classes)
                  : settings.categories.getOrDefault(column, List.of());
          changed.target = null;
        });
  }

  /** The column of numbers to predict. */
  public Csv target(String column) {
    table.column(column);
    return with(
        changed -> {
          changed.label = null;
          changed.classes = List.of();
          changed.target = column;
        });
  }

  /** The column that says whose row it is; no feature. */
  public Csv client(String column) {
    table.column(column);
    return with(changed -> changed.client = column);
  }

  /** Columns to leave out. */
  public Csv drop(String... columns) {
    return with(changed -> changed.dropped = plus(settings.dropped, columns));
  }

  /** Columns that must be numeric: a cell that is no number is an error. */
  public Csv numeric(String... columns) {
    return with(changed -> changed.numeric = plus(settings.numeric, columns));
  }

  /**
   * A categorical column, even if its cells are numbers.
   *
   * @param categories every category in order, and any other is an error; none: as found
   */
  public Csv categories(String column, String... categories) {
    table.column(column);
    Map<String, List<String>> more = new TreeMap<>(settings.categories);
    more.put(column, List.of(categories));
    return with(changed -> changed.categories = Map.copyOf(more));
  }

  /** What a missing cell looks like, instead of the usual; an empty cell always is one. */
  public Csv missing(String... texts) {
    return with(changed -> changed.missing = plus(Set.of(""), texts));
  }

  /**
   * Numeric features with mean 0 and standard deviation 1 over the rows of this file (a constant
   * column becomes 0). The statistics come from this file alone.
   */
  public Csv standardise() {
    return with(changed -> changed.standardise = true);
  }

  /**
   * Missing cells of numeric columns stay NaN, for a {@link Normalisation} that is learned from
   * other rows than these; {@link #standardise} then has no effect.
   */
  public Csv keepMissing() {
    return with(changed -> changed.keepMissing = true);
  }

  private Csv with(Consumer<Settings> change) {
    Settings copy = settings.copy();
    change.accept(copy);
    return new Csv(table, copy);
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

  /** Whether a column says whose row it is. */
  public boolean hasClient() {
    return settings.client != null;
  }

  /** Which features of {@link #dataset} are numeric columns; the others are categories. */
  public boolean[] numericFeatures() {
    return readFeatures().numeric();
  }

  /** The column that each feature of {@link #dataset} comes from. */
  public List<String> featureSources() {
    return readFeatures().sources();
  }

  private CsvFeatures readFeatures() {
    CsvFeatures features = new CsvFeatures(table, settings.missing);
    for (int column : featureColumns()) {
      String name = table.columns.get(column);
      List<String> categories = settings.categories.get(name);
      if (categories != null) {
        features.categorical(column, categories);
      } else if (settings.numeric.contains(name) || features.looksNumeric(column)) {
        features.numeric(column, settings.standardise, settings.keepMissing);
      } else {
        features.categorical(column, List.of());
      }
    }
    if (features.width() == 0) {
      throw new DataException(table.file, "line 2", "every cell of every feature is missing");
    }
    return features;
  }

  /**
   * Whose rows they are, in the order of {@link #dataset}.
   *
   * @throws DataException if no client column is set, or one of its cells is missing
   */
  public ClientColumn clients() {
    return new ClientColumn(owners());
  }

  /**
   * The client of each row by name.
   *
   * @throws DataException if no client column is set, or one of its cells is missing
   */
  public List<String> owners() {
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
    return cells;
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
