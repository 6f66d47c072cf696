package dev.tributary.privacy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One row of a file of reference values, by the names of its columns. */
final class ReferenceRow {
  private static final Pattern PARAMETER =
      Pattern.compile("\"(\\w+)\": *(\\[[^\\]]*\\]|-?[0-9.][0-9.eE+-]*)");

  private final Map<String, String> cells = new HashMap<>();
  private final Map<String, String> parameters = new HashMap<>();

  ReferenceRow(List<String> header, String line) {
    List<String> values = split(line);
    if (values.size() != header.size()) {
      throw new IllegalArgumentException(
          "expected " + header.size() + " cells, found " + values.size() + ": " + line);
    }
    for (int i = 0; i < header.size(); i++) {
      cells.put(header.get(i), values.get(i));
    }
    Matcher matcher = PARAMETER.matcher(cell("params_json"));
    while (matcher.find()) {
      parameters.put(matcher.group(1), matcher.group(2));
    }
  }

  static List<String> split(String line) {
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

  String cell(String name) {
    return cells.getOrDefault(name, "");
  }

  boolean has(String name) {
    return !cell(name).isEmpty();
  }

  double number(String name) {
    return Double.parseDouble(cell(name));
  }

  int count(String name) {
    return Math.toIntExact(Math.round(number(name)));
  }

  double parameter(String name) {
    return Double.parseDouble(text(name));
  }

  int countOf(String name) {
    return Math.toIntExact(Math.round(parameter(name)));
  }

  double[] list(String name) {
    String[] items = text(name).replaceAll("[\\[\\] ]", "").split(",", -1);
    double[] numbers = new double[items.length];
    for (int i = 0; i < items.length; i++) {
      numbers[i] = Double.parseDouble(items[i]);
    }
    return numbers;
  }

  private String text(String name) {
    String value = parameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException("params_json has no " + name);
    }
    return value;
  }
}
