package dev.tributary.nn.data;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipException;

/**
 * The cells of a file in the form of RFC 4180: a header, quoted cells with doubled quotes, line
 * ends of any kind. The separator is the one of comma, semicolon and tab that the header has most
 * of.
 */
final class CsvTable {
  private static final int MAXIMUM_CELL = 1 << 20;
  private static final long MAXIMUM_CELLS = 1L << 27;

  final Path file;
  final List<String> columns;
  private final List<String[]> rows = new ArrayList<>();
  private final List<Integer> lines = new ArrayList<>();
  private final List<Path> files = new ArrayList<>();

  CsvTable(Path file, List<String> columns) {
    this.file = file;
    this.columns = columns;
  }

  static CsvTable read(Path file) {
    Cursor cursor = new Cursor(file);
    try (Reader reader =
        new BufferedReader(
            new InputStreamReader(DataFile.open(file), StandardCharsets.UTF_8.newDecoder()))) {
      cursor.reader = reader;
      return table(file, cursor);
    } catch (NoSuchFileException e) {
      throw new DataException(file, "", "no such file", e);
    } catch (CharacterCodingException e) {
      throw new DataException(
          file, "near line " + cursor.line, "not UTF-8: save the file as UTF-8", e);
    } catch (EOFException | ZipException e) {
      throw new DataException(
          file, "near line " + cursor.line, "damaged gzip, fetch the file again", e);
    } catch (IOException e) {
      throw new DataException(file, "", "cannot be read: " + e.getMessage(), e);
    }
  }

  private static CsvTable table(Path file, Cursor cursor) throws IOException {
    List<String> header = cursor.row();
    if (header.isEmpty()) {
      throw new DataException(
          file, "line 1", "expected the names of the columns, the file is empty");
    }
    for (int i = 0; i < header.size(); i++) {
      String name = header.get(i).strip();
      header.set(i, name);
      if (name.isEmpty() || header.indexOf(name) < i) {
        throw new DataException(
            file,
            "line 1, column " + (i + 1),
            name.isEmpty() ? "the column has no name" : "the name \"" + name + "\" comes twice");
      }
    }
    CsvTable table = new CsvTable(file, List.copyOf(header));
    while (true) {
      int line = cursor.line;
      List<String> row = cursor.row();
      if (row.isEmpty()) {
        break;
      }
      if (row.size() == 1 && row.get(0).isBlank() && header.size() > 1) {
        continue;
      }
      if (row.size() != header.size()) {
        throw new DataException(
            file,
            "line " + line,
            "expected " + header.size() + " cells as in the header, came " + row.size());
      }
      table.add(line, row.toArray(new String[0]));
    }
    if (table.rows.isEmpty()) {
      throw new DataException(file, "line 2", "expected rows after the header, the file ends");
    }
    return table;
  }

  /** Adds a row that stands at a line. */
  void add(int line, String... cells) {
    if ((rows.size() + 1L) * columns.size() > MAXIMUM_CELLS) {
      throw new DataException(file, "line " + line, "more than " + MAXIMUM_CELLS + " cells in all");
    }
    rows.add(cells);
    lines.add(line);
    files.add(file);
  }

  /**
   * The rows of this table and then those of another.
   *
   * @throws DataException if the other has other columns; their order does not matter
   */
  CsvTable and(CsvTable more) {
    CsvTable both = new CsvTable(file, columns);
    both.rows.addAll(rows);
    both.lines.addAll(lines);
    both.files.addAll(files);
    if (more.columns.size() != columns.size() || !more.columns.containsAll(columns)) {
      throw new DataException(
          more.file, "line 1", "expected the columns " + columns + ", came " + more.columns);
    }
    int[] places = columns.stream().mapToInt(more.columns::indexOf).toArray();
    for (int row = 0; row < more.size(); row++) {
      String[] cells = new String[places.length];
      for (int i = 0; i < cells.length; i++) {
        cells[i] = more.rows.get(row)[places[i]];
      }
      both.rows.add(cells);
    }
    both.lines.addAll(more.lines);
    both.files.addAll(more.files);
    return both;
  }

  int size() {
    return rows.size();
  }

  /** The cell, without white space around it. */
  String cell(int row, int column) {
    return rows.get(row)[column].strip();
  }

  /**
   * The index of a column.
   *
   * @throws DataException with the names there are
   */
  int column(String name) {
    int index = columns.indexOf(name);
    if (index < 0) {
      throw new DataException(
          file, "line 1", "no column is called \"" + name + "\"; there are " + columns);
    }
    return index;
  }

  /** An error at a cell. */
  DataException error(int row, int column, String what) {
    return new DataException(
        files.get(row),
        "line " + lines.get(row) + ", column \"" + columns.get(column) + "\"",
        what);
  }

  /** Reads cells; knows the line it is on. */
  private static final class Cursor {
    private final Path file;
    private Reader reader = Reader.nullReader();
    private int line = 1;
    private int ahead = -2;
    private char separator;

    Cursor(Path file) {
      this.file = file;
    }

    private int peek() throws IOException {
      if (ahead == -2) {
        ahead = reader.read();
      }
      return ahead;
    }

    private int next() throws IOException {
      int c = peek();
      ahead = -2;
      if (c == '\r') {
        if (peek() == '\n') {
          ahead = -2;
        }
        c = '\n';
      }
      line += c == '\n' ? 1 : 0;
      return c;
    }

    /** The cells up to the end of the line; none at the end of the file. */
    List<String> row() throws IOException {
      if (separator == 0) {
        return header();
      }
      List<String> cells = new ArrayList<>();
      if (peek() < 0) {
        return cells;
      }
      int end;
      do {
        StringBuilder cell = new StringBuilder();
        end = peek() == '"' ? quoted(cell) : next();
        while (end != separator && end != '\n' && end >= 0) {
          append(cell, end);
          end = next();
        }
        cells.add(cell.toString());
      } while (end == separator);
      return cells;
    }

    /** Reads a quoted cell and gives what follows it. */
    private int quoted(StringBuilder cell) throws IOException {
      int start = line;
      next();
      while (true) {
        int c = next();
        if (c < 0) {
          throw new DataException(
              file, "line " + start, "a quoted cell begins here and never ends");
        }
        if (c != '"') {
          append(cell, c);
        } else if (peek() == '"') {
          append(cell, next());
        } else {
          return next();
        }
      }
    }

    private void append(StringBuilder cell, int c) {
      if (cell.length() >= MAXIMUM_CELL) {
        throw new DataException(
            file, "line " + line, "a cell has more than " + MAXIMUM_CELL + " characters");
      }
      cell.append((char) c);
    }

    /** Reads the first line, picks the separator, and reads the line again as cells. */
    private List<String> header() throws IOException {
      if (peek() == '\ufeff') {
        next();
      }
      StringBuilder text = new StringBuilder();
      for (int c = next(); c >= 0 && c != '\n'; c = next()) {
        append(text, c);
      }
      if (text.toString().isBlank()) {
        return List.of();
      }
      separator = ',';
      for (char candidate : new char[] {';', '\t'}) {
        if (count(text, candidate) > count(text, separator)) {
          separator = candidate;
        }
      }
      Cursor cells = new Cursor(file);
      cells.separator = separator;
      cells.reader = new StringReader(text.toString());
      return cells.row();
    }

    private static long count(CharSequence text, char wanted) {
      return text.chars().filter(c -> c == wanted).count();
    }
  }
}
