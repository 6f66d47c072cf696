package dev.tributary.privacy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rows of dp-reference.csv: values computed with 40 digits, or by published accountants. */
final class ReferenceRows {
  record Row(Map<String, String> cells, Map<String, Double> parameters) {
    String id() {
      return cell("case_id") + " " + cell("quantity");
    }

    String cell(String name) {
      return cells.getOrDefault(name, "");
    }

    double number(String name) {
      return Double.parseDouble(cell(name));
    }

    double parameter(String name) {
      return parameters.get(name);
    }

    @Override
    public String toString() {
      return id();
    }
  }

  private ReferenceRows() {}

  /** The rows of a family (the letters of the case id) that must match. */
  static List<Row> family(String letters) {
    List<Row> rows = new ArrayList<>();
    for (Row row : all()) {
      if (row.cell("case_id").matches(letters + "[0-9]+") && row.cell("use").equals("must_match")) {
        rows.add(row);
      }
    }
    return rows;
  }

  static List<Row> all() {
    try (InputStream in = ReferenceRows.class.getResourceAsStream("dp-reference.csv");
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      List<String> header = split(lines.readLine());
      List<Row> rows = new ArrayList<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        List<String> values = split(line);
        Map<String, String> cells = new HashMap<>();
        for (int i = 0; i < header.size(); i++) {
          cells.put(header.get(i), values.get(i));
        }
        rows.add(new Row(cells, parameters(cells.get("params_json"))));
      }
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> split(String line) {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        cell.append('"');
        i++;
      } else if (c == '"') {
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

  private static Map<String, Double> parameters(String json) {
    Map<String, Double> parameters = new HashMap<>();
    Matcher matcher = Pattern.compile("\"(\\w+)\": (-?[0-9.e+-]+)").matcher(json);
    while (matcher.find()) {
      parameters.put(matcher.group(1), Double.parseDouble(matcher.group(2)));
    }
    return parameters;
  }
}
