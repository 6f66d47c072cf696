package dev.tributary.nn.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The attribute-relation file format of Weka (Witten, Frank, Hall, Data Mining, section 2.4):
 * {@code @attribute} lines, then {@code @data} and rows, plain or sparse.
 *
 * @param nominal the values declared of each nominal attribute, in order
 * @param numeric the numeric attributes
 */
record Arff(CsvTable table, Map<String, List<String>> nominal, Set<String> numeric) {
  private static final int MAXIMUM_LINE = 1 << 24;
  private static final int MAXIMUM_ATTRIBUTES = 1 << 16;

  static Arff read(Path file) {
    return DataFile.read(
        file,
        in ->
            new Reading(file)
                .all(
                    new BufferedReader(
                        new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))));
  }

  /** One file, line by line. */
  private static final class Reading {
    private final Path file;
    private final List<String> names = new ArrayList<>();
    private final Map<String, List<String>> nominal = new HashMap<>();
    private final Set<String> numeric = new HashSet<>();
    private int line;
    private String text = "";
    private int at;

    Reading(Path file) {
      this.file = file;
    }

    Arff all(BufferedReader reader) throws IOException {
      boolean data = false;
      while (!data && next(reader)) {
        data = header();
      }
      if (!data) {
        throw error("expected @data after the attributes, the file ends");
      }
      if (names.isEmpty()) {
        throw error("expected @attribute lines before @data");
      }
      CsvTable table = new CsvTable(file, List.copyOf(names));
      while (next(reader)) {
        if (!text.isEmpty() && text.charAt(0) != '%') {
          table.add(line, text.charAt(0) == '{' ? sparse() : plain());
        }
      }
      if (table.size() == 0) {
        throw error("expected rows after @data, the file ends");
      }
      return new Arff(table, Map.copyOf(nominal), Set.copyOf(numeric));
    }

    private boolean next(BufferedReader reader) throws IOException {
      line++;
      StringBuilder read = new StringBuilder();
      int c = reader.read();
      if (c < 0) {
        return false;
      }
      while (c >= 0 && c != '\n') {
        if (read.length() == MAXIMUM_LINE) {
          throw error("more than " + MAXIMUM_LINE + " characters in a line");
        }
        read.append((char) c);
        c = reader.read();
      }
      text = read.toString().strip();
      at = 0;
      return true;
    }

    /** Reads a line before the rows; true at {@code @data}. */
    private boolean header() {
      if (text.isEmpty() || text.charAt(0) == '%') {
        return false;
      }
      String word = text.split("\\s", 2)[0].toLowerCase(Locale.ROOT);
      at = word.length();
      if (word.equals("@attribute")) {
        attribute();
      } else if (!word.equals("@relation") && !word.equals("@data")) {
        throw error("expected @relation, @attribute or @data, came " + shown(word));
      }
      return word.equals("@data");
    }

    private void attribute() {
      String name = word(" \t{");
      if (name.isEmpty() || names.contains(name) || names.size() == MAXIMUM_ATTRIBUTES) {
        throw error(
            names.contains(name)
                ? "the attribute " + shown(name) + " comes twice"
                : "expected the name of an attribute, and at most " + MAXIMUM_ATTRIBUTES);
      }
      names.add(name);
      skipBlanks();
      if (at < text.length() && text.charAt(at) == '{') {
        at++;
        List<String> values = new ArrayList<>();
        do {
          values.add(word(",}"));
        } while (separator('}'));
        if (new HashSet<>(values).size() < values.size()) {
          throw error("a value of " + shown(name) + " comes twice");
        }
        nominal.put(name, List.copyOf(values));
        return;
      }
      String type = word(" \t").toLowerCase(Locale.ROOT);
      switch (type) {
        case "numeric", "real", "integer" -> numeric.add(name);
        case "string", "date" -> {} // categories as found
        default -> throw error(shown(name) + " has type " + shown(type) + ", which is not known");
      }
    }

    private String[] plain() {
      String[] cells = new String[names.size()];
      int count = 0;
      do {
        if (count == cells.length) {
          throw error("expected " + cells.length + " cells, one for each attribute, came more");
        }
        cells[count] = checked(count, word(","));
        count++;
      } while (separator('\0'));
      if (count < cells.length) {
        throw error("expected " + cells.length + " cells, one for each attribute, came " + count);
      }
      return cells;
    }

    /** {@code {index value, ...}}; what is not named is 0, or the first value declared. */
    private String[] sparse() {
      String[] cells = new String[names.size()];
      for (int i = 0; i < cells.length; i++) {
        List<String> values = nominal.get(names.get(i));
        cells[i] = values == null ? "0" : values.get(0);
      }
      at = 1;
      skipBlanks();
      if (at < text.length() && text.charAt(at) == '}') {
        return cells;
      }
      do {
        String index = word(" \t");
        if (!index.matches("\\d{1,9}") || Integer.parseInt(index) >= cells.length) {
          throw error("expected the number of an attribute, below " + cells.length);
        }
        int column = Integer.parseInt(index);
        cells[column] = checked(column, word(",}"));
      } while (separator('}'));
      return cells;
    }

    private String checked(int column, String cell) {
      List<String> values = nominal.get(names.get(column));
      if (values != null && !cell.equals("?") && !values.contains(cell)) {
        throw new DataException(
            file,
            "line " + line + ", column \"" + names.get(column) + "\"",
            "expected one of " + values + ", came " + shown(cell));
      }
      return cell;
    }

    /** Whether a comma follows; else the end of the list, or of the line for '\0', must. */
    private boolean separator(char end) {
      skipBlanks();
      if (at < text.length() && text.charAt(at) == ',') {
        at++;
        return true;
      }
      boolean ends =
          end == '\0' ? at == text.length() : at < text.length() && text.charAt(at) == end;
      if (!ends) {
        throw error("expected a comma or the end of the list at character " + (at + 1));
      }
      return false;
    }

    /** What stands up to one of the ends, or within quotes. */
    private String word(String ends) {
      skipBlanks();
      if (at == text.length()) {
        return "";
      }
      char quote = text.charAt(at);
      if (quote != '\'' && quote != '"') {
        int from = at;
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
          at++;
        }
        return text.substring(from, at).strip();
      }
      StringBuilder word = new StringBuilder();
      for (at++; at < text.length() && text.charAt(at) != quote; at++) {
        boolean escaped = text.charAt(at) == '\\' && at + 1 < text.length();
        at += escaped ? 1 : 0;
        word.append(text.charAt(at));
      }
      if (at == text.length()) {
        throw error("a quote begins here and never ends");
      }
      at++;
      return word.toString().strip();
    }

    private void skipBlanks() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }

    private static String shown(String word) {
      return "\"" + (word.length() <= 40 ? word : word.substring(0, 40) + "...") + "\"";
    }

    private DataException error(String what) {
      return new DataException(file, "line " + line, what);
    }
  }
}
