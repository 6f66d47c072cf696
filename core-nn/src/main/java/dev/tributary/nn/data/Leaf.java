package dev.tributary.nn.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Data of the LEAF benchmark (arXiv 1812.01097): JSON files with {@code user_data: {NAME: {x:
 * [...], y: [...]}}}. An example is a list of numbers, nested or not, with a whole number as label
 * (FEMNIST, CelebA, Synthetic), or a text of a fixed length with one character as label
 * (Shakespeare), which become tokens. Read as a stream: memory is that of the numbers.
 */
public final class Leaf {
  private static final int MAXIMUM_CLASSES = 1 << 16;
  private static final JsonFactory JSON = new JsonFactory();

  private final List<String> owners = new ArrayList<>();
  private final List<Integer> labels = new ArrayList<>();
  private final Numbers numbers = new Numbers();
  private final StringBuilder texts = new StringBuilder();
  private final StringBuilder behind = new StringBuilder();
  private int width = -1;
  private boolean text;
  private int textLabels;

  private Leaf() {}

  /** What is trained on and what is measured on, with the same classes and characters. */
  public record Split(Examples train, Examples test) {}

  /**
   * Reads files one behind the other; a user that comes twice is one client.
   *
   * @param shape of an example, slowest dimension first; none: as many numbers as there are
   * @throws DataException if a file is missing, is not of this form, or examples differ in length
   */
  public static Examples read(List<Path> files, int... shape) {
    Leaf leaf = new Leaf();
    files.forEach(leaf::file);
    return leaf.examples(files, shape);
  }

  /** As {@link #read(List, int...)}, with files to measure on. */
  public static Split read(List<Path> train, List<Path> test, int... shape) {
    Leaf leaf = new Leaf();
    train.forEach(leaf::file);
    int cut = leaf.owners.size();
    test.forEach(leaf::file);
    Examples all = leaf.examples(train, shape);
    int size = all.data().size();
    return new Split(part(all, 0, cut), part(all, cut, size));
  }

  private static Examples part(Examples all, int from, int to) {
    int[] rows = new int[to - from];
    Arrays.setAll(rows, i -> from + i);
    return new Examples(all.data().subset(rows), all.owners().subList(from, to));
  }

  private Examples examples(List<Path> files, int[] shape) {
    if (owners.isEmpty()) {
      Path first = files.isEmpty() ? Path.of("") : files.get(0);
      throw new DataException(first, "", "expected examples below user_data, found none");
    }
    if (textLabels != (text ? owners.size() : 0)) {
      throw new DataException(
          files.get(0), "", "texts have a character as label, numbers have a class");
    }
    if (text) {
      Tokeniser characters = Tokeniser.characters(texts.toString() + behind);
      int[] tokens = characters.encode(texts.toString());
      float[] features = new float[tokens.length];
      for (int i = 0; i < features.length; i++) {
        features[i] = tokens[i];
      }
      int[] next = characters.encode(behind.toString());
      return new Examples(Dataset.of(new int[] {width}, characters.size(), features, next), owners);
    }
    int[] of = shape.length == 0 ? new int[] {width} : shape;
    long product = Arrays.stream(of).asLongStream().reduce(1, (a, b) -> a * b);
    if (product != width) {
      throw new DataException(
          files.get(0), "", "examples have " + width + " numbers, not " + Arrays.toString(of));
    }
    int[] classes = labels();
    int highest = Arrays.stream(classes).max().orElse(0);
    return new Examples(Dataset.of(of, highest + 1, numbers.values(), classes), owners);
  }

  private int[] labels() {
    return labels.stream().mapToInt(Integer::intValue).toArray();
  }

  private void file(Path file) {
    DataFile.read(
        file,
        in -> {
          try (JsonParser json = JSON.createParser(in)) {
            new Reading(file, json).all();
          }
          return true;
        });
  }

  /** One file. */
  private final class Reading {
    private final Path file;
    private final JsonParser json;
    private String user = "";

    Reading(Path file, JsonParser json) {
      this.file = file;
      this.json = json;
    }

    void all() throws IOException {
      expect(json.nextToken(), JsonToken.START_OBJECT, "an object with user_data");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean data = json.currentName().equals("user_data");
        JsonToken token = json.nextToken();
        if (data) {
          expect(token, JsonToken.START_OBJECT, "an object of users");
          while (json.nextToken() == JsonToken.FIELD_NAME) {
            user = json.currentName();
            user();
          }
        } else {
          json.skipChildren();
        }
      }
    }

    private void user() throws IOException {
      expect(json.nextToken(), JsonToken.START_OBJECT, "an object with x and y");
      int examples = 0;
      int targets = 0;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        JsonToken token = json.nextToken();
        if (key.equals("x") || key.equals("y")) {
          expect(token, JsonToken.START_ARRAY, "a list under " + key);
          for (token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
            if (key.equals("x")) {
              example(token);
              examples++;
            } else {
              target(token);
              targets++;
            }
          }
        } else {
          json.skipChildren();
        }
      }
      if (examples != targets) {
        throw error(examples + " examples, but " + targets + " labels");
      }
      for (int i = 0; i < examples; i++) {
        owners.add(user);
      }
    }

    private void example(JsonToken first) throws IOException {
      boolean isText = first == JsonToken.VALUE_STRING;
      int length;
      if (isText) {
        String words = json.getText();
        length = words.codePointCount(0, words.length());
        if (texts.length() + (long) words.length() > DataFile.MAXIMUM_VALUES) {
          throw error("more than " + DataFile.MAXIMUM_VALUES + " characters in all");
        }
        texts.append(words);
      } else {
        length = numbers(first);
      }
      if (width >= 0 && (isText != text || length != width)) {
        throw error(
            "expected "
                + width
                + (text ? " characters" : " numbers")
                + " as in the first example, came "
                + length
                + (isText ? " characters" : " numbers"));
      }
      if (length == 0) {
        throw error("an example without content");
      }
      width = length;
      text = isText;
    }

    /** A number, or lists of them in each other. */
    private int numbers(JsonToken first) throws IOException {
      int before = numbers.size();
      int depth = 0;
      JsonToken token = first;
      while (true) {
        if (token == JsonToken.START_ARRAY) {
          depth++;
        } else if (token == JsonToken.END_ARRAY) {
          depth--;
        } else if (token.isNumeric()) {
          numbers.add(file, where(), json.getFloatValue());
        } else {
          throw error("expected numbers or a text as example, came " + token);
        }
        if (depth == 0) {
          return numbers.size() - before;
        }
        token = json.nextToken();
      }
    }

    private void target(JsonToken token) throws IOException {
      if (token == JsonToken.VALUE_STRING) {
        String next = json.getText();
        if (next.codePointCount(0, next.length()) != 1) {
          throw error("a label that is a text must be one character");
        }
        behind.append(next);
        textLabels++;
        labels.add(0);
        return;
      }
      double value = token.isNumeric() ? json.getDoubleValue() : -1;
      if (value < 0 || value >= MAXIMUM_CLASSES || value != Math.rint(value)) {
        throw error("expected a class, a whole number from 0 up, as label, came " + json.getText());
      }
      labels.add((int) value);
    }

    private void expect(JsonToken came, JsonToken wanted, String words) {
      if (came != wanted) {
        throw error("expected " + words + ", came " + came);
      }
    }

    private String where() {
      String line = "line " + json.currentLocation().getLineNr();
      String column = ", column " + json.currentLocation().getColumnNr();
      return line + column + (user.isEmpty() ? "" : ", user \"" + user + "\"");
    }

    private DataException error(String what) {
      return new DataException(file, where(), what);
    }
  }
}
