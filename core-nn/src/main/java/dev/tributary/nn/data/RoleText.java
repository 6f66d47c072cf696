package dev.tributary.nn.data;

import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A play as text: a line {@code NAME:} at the beginning or below an empty line says who speaks
 * until the next. A role is a client; what it says, one speech under the other, is cut into windows
 * of characters, each with the character behind it as label.
 */
public final class RoleText {
  private static final int MAXIMUM_NAME = 100;
  private static final int MAXIMUM_CHARACTERS = 1 << 27;

  private RoleText() {}

  /**
   * Reads the windows. A role with no more than {@code length} characters has none. Characters are
   * numbered by {@link Tokeniser#characters} over the whole file.
   *
   * @param length characters of a window
   * @param stride from the start of a window to the next; {@code length} leaves no overlap
   * @throws DataException if the file is missing, is not UTF-8, or has no role with a window
   */
  public static Examples read(Path file, int length, int stride) {
    String text = DataFile.read(file, in -> text(file, new InputStreamReader(in, utf8())));
    Map<String, StringBuilder> roles = roles(text);
    Tokeniser characters = Tokeniser.characters(text);
    StringBuilder all = new StringBuilder();
    List<Integer> starts = new ArrayList<>();
    List<String> owners = new ArrayList<>();
    int from = 0;
    for (Map.Entry<String, StringBuilder> role : roles.entrySet()) {
      int points = role.getValue().codePointCount(0, role.getValue().length());
      all.append(role.getValue());
      for (int start = 0; start + length < points; start += stride) {
        starts.add(from + start);
        owners.add(role.getKey());
      }
      from += points;
    }
    if (starts.isEmpty()) {
      throw new DataException(
          file,
          "",
          "no role says more than "
              + length
              + " characters; "
              + roles.size()
              + " roles were found: a line NAME: below an empty line begins one");
    }
    Dataset windows =
        Dataset.tokens(characters.encode(all.toString()), characters.size(), length, 1);
    return new Examples(
        windows.subset(starts.stream().mapToInt(Integer::intValue).toArray()), owners);
  }

  private static java.nio.charset.CharsetDecoder utf8() {
    return StandardCharsets.UTF_8.newDecoder();
  }

  private static String text(Path file, Reader reader) throws java.io.IOException {
    StringBuilder text = new StringBuilder();
    char[] part = new char[1 << 14];
    for (int read = reader.read(part); read >= 0; read = reader.read(part)) {
      text.append(part, 0, read);
      if (text.length() > MAXIMUM_CHARACTERS) {
        throw new DataException(file, "", "more than " + MAXIMUM_CHARACTERS + " characters");
      }
    }
    return text.toString().replace("\r\n", "\n");
  }

  private static Map<String, StringBuilder> roles(String text) {
    Map<String, StringBuilder> roles = new LinkedHashMap<>();
    StringBuilder speech = new StringBuilder(); // what stands before the first role is nobody's
    boolean mayBegin = true;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      boolean name = line.endsWith(":") && line.length() > 1 && line.length() <= MAXIMUM_NAME;
      if (mayBegin && name) {
        speech =
            roles.computeIfAbsent(
                line.substring(0, line.length() - 1).strip(), role -> new StringBuilder());
      } else if (!line.isBlank()) {
        speech.append(line).append('\n');
      }
      mayBegin = line.isBlank();
    }
    return roles;
  }
}
