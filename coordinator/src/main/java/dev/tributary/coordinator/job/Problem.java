package dev.tributary.coordinator.job;

/**
 * One thing that is wrong with a job file.
 *
 * @param code the entry of docs/errors.md, such as {@code budget-too-small}
 * @param file the file's name, or {@code --set} for an override
 * @param line the line, counted from 1; 0 where there is none
 * @param key the dotted path of the key, such as {@code privacy.epsilon}; empty for the whole file
 * @param value the value as written; empty where none stands
 * @param rule what the value breaks, as the end of a sentence that begins with the value
 * @param wayOut what to write instead, as a sentence
 */
public record Problem(
    String code, String file, int line, String key, String value, String rule, String wayOut) {
  /** A message is read: what somebody wrote by the page is not said again. */
  private static final int MOST_CHARACTERS = 200;

  /** The problem as an operator reads it: place, key, value and rule, then the way out. */
  public String message() {
    StringBuilder text = new StringBuilder(file);
    if (line > 0) {
      text.append(':').append(line);
    }
    text.append(": ");
    if (!key.isEmpty()) {
      text.append(shortened(key)).append(": ");
    }
    if (!value.isEmpty()) {
      text.append(shortened(value)).append(' ');
    }
    text.append(rule).append(".\n  ").append(wayOut);
    return text.append("\n  See docs/errors.md#").append(code).toString();
  }

  private static String shortened(String written) {
    return written.length() <= MOST_CHARACTERS
        ? written
        : written.substring(0, MOST_CHARACTERS) + "...";
  }
}
