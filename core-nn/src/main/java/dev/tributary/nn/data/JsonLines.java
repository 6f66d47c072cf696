package dev.tributary.nn.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A table of JSON objects, one a line. */
final class JsonLines {
  private static final int MAXIMUM_LINE = 1 << 24;
  private static final int MAXIMUM_COLUMNS = 1 << 16;
  private static final int MAXIMUM_DEPTH = 8;
  private static final JsonFactory JSON = new JsonFactory();

  private final Path file;
  private final Set<String> columns = new LinkedHashSet<>();
  private int line;

  private JsonLines(Path file) {
    this.file = file;
  }

  static CsvTable read(Path file) {
    return DataFile.read(
        file,
        in ->
            new JsonLines(file)
                .table(
                    new BufferedReader(
                        new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))));
  }

  private CsvTable table(BufferedReader reader) throws IOException {
    List<Map<String, String>> objects = new ArrayList<>();
    List<Integer> lines = new ArrayList<>();
    for (String text = next(reader); text != null; text = next(reader)) {
      if (!text.isBlank()) {
        objects.add(object(text));
        lines.add(line);
      }
    }
    if (objects.isEmpty()) {
      throw new DataException(file, "line 1", "expected an object a line, the file is empty");
    }
    CsvTable table = new CsvTable(file, List.copyOf(columns));
    for (int row = 0; row < lines.size(); row++) {
      String[] cells = new String[columns.size()];
      int at = 0;
      for (String column : columns) {
        cells[at++] = objects.get(row).getOrDefault(column, "");
      }
      table.add(lines.get(row), cells);
    }
    return table;
  }

  /** The next line, of bounded length; null at the end. */
  private @org.jspecify.annotations.Nullable String next(BufferedReader reader) throws IOException {
    line++;
    StringBuilder text = new StringBuilder();
    int c = reader.read();
    if (c < 0) {
      return null;
    }
    while (c >= 0 && c != '\n') {
      if (text.length() == MAXIMUM_LINE) {
        throw new DataException(
            file, "line " + line, "more than " + MAXIMUM_LINE + " characters: one object a line");
      }
      text.append((char) c);
      c = reader.read();
    }
    return text.toString();
  }

  private Map<String, String> object(String text) throws IOException {
    Map<String, String> cells = new LinkedHashMap<>();
    try (JsonParser json = JSON.createParser(text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new DataException(file, "line " + line, "expected a JSON object: {\"column\": ...}");
      }
      inside(json, "", 0, cells);
      if (json.nextToken() != null) {
        throw new DataException(file, "line " + line, "expected the end after one JSON object");
      }
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      String where = "line " + line + ", column " + e.getLocation().getColumnNr();
      throw new DataException(file, where, "no valid JSON: " + e.getOriginalMessage(), e);
    }
    return cells;
  }

  /** The members of the object or list that was opened last. */
  private void inside(JsonParser json, String path, int depth, Map<String, String> cells)
      throws IOException {
    boolean list = json.currentToken() == JsonToken.START_ARRAY;
    int index = 0;
    for (JsonToken token = json.nextToken(); !token.isStructEnd(); token = json.nextToken()) {
      String name = list ? Integer.toString(index++) : json.currentName();
      String key = path.isEmpty() ? name : path + "." + name;
      JsonToken value = list ? token : json.nextToken();
      if (value.isStructStart()) {
        if (depth == MAXIMUM_DEPTH) {
          throw error(key, "lists and objects deeper than " + MAXIMUM_DEPTH);
        }
        inside(json, key, depth + 1, cells);
      } else {
        columns.add(key);
        if (columns.size() > MAXIMUM_COLUMNS) {
          throw error(key, "more than " + MAXIMUM_COLUMNS + " columns");
        }
        if (cells.put(key, value == JsonToken.VALUE_NULL ? "" : json.getText()) != null) {
          throw error(key, "the key comes twice");
        }
      }
    }
  }

  private DataException error(String key, String what) {
    return new DataException(file, "line " + line + ", column \"" + key + "\"", what);
  }
}
