package dev.tributary.coordinator.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one mapping, read one by one. Each reading names its key, so at the {@linkplain
 * #end() end} a key that nobody asked for is unknown. A wrong value is reported and replaced by one
 * that lets the reading go on.
 */
final class Section {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
  private static final Pattern INTEGER = Pattern.compile("-?\\d+");

  /** Possessive: what comes from elsewhere may be a million digits and an x. */
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?+(\\d++\\.?+\\d*+|\\.\\d++)([eE][-+]?+\\d++)?+");

  private final Node.Mapping mapping;
  private final String path;
  private final Problems problems;
  private final Consumer<String> trace;
  private final Set<String> asked = new TreeSet<>();

  /**
   * @param trace is told the path of every key that is asked for, items of lists as {@code []}
   */
  Section(Node.Mapping mapping, String path, Problems problems, Consumer<String> trace) {
    this.mapping = mapping;
    this.path = path;
    this.problems = problems;
    this.trace = trace;
  }

  boolean has(String key) {
    return mapping.entries().containsKey(key);
  }

  /** The line of a key, or of the section where the key does not stand. */
  Node.Place place(String key) {
    Node node = mapping.entries().get(key);
    return node == null ? mapping.place() : node.place();
  }

  String shown(String key) {
    Node node = mapping.entries().get(key);
    return node == null ? "" : node.shown();
  }

  String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** Reports a problem of a key, with its place and its value as written. */
  void problem(String code, String key, String rule, String wayOut) {
    Node.Place place = place(key);
    problems.add(
        new Problem(code, place.file(), place.line(), path(key), shown(key), rule, wayOut));
  }

  /** A text; without a default the key must stand. */
  String text(String key, @Nullable String absent) {
    Node.Scalar scalar = scalar(key, absent == null);
    if (scalar == null) {
      return absent == null ? "" : absent;
    }
    if (scalar.text().isEmpty()) {
      problem("job-wrong-type", key, "is empty", "Write a name.");
    }
    return scalar.text();
  }

  int integer(String key, @Nullable Integer absent, int least, int most) {
    Rule rule = Rule.between(least, most);
    Node.Scalar scalar = scalar(key, absent == null);
    if (scalar == null) {
      return absent == null ? least : absent;
    }
    if (!scalar.plain() || !INTEGER.matcher(scalar.text()).matches()) {
      problem("job-wrong-type", key, "is not a whole number", "It " + rule.text() + ".");
      return absent == null ? least : absent;
    }
    double value = Double.parseDouble(scalar.text());
    return checked(key, value, rule) ? (int) value : least;
  }

  /** One whole number or a list of up to {@code most}; empty where the key does not stand. */
  int[] integers(String key, boolean required, int least, int greatest, int most) {
    Node node = ask(key, required);
    List<Node> items = items(node);
    int[] values = new int[items.size()];
    for (int i = 0; i < values.length; i++) {
      String text = items.get(i).shown();
      values[i] =
          INTEGER.matcher(text).matches()
              ? (int) Math.max(least - 1.0, Math.min(greatest + 1.0, Double.parseDouble(text)))
              : least - 1;
    }
    if (values.length > most
        || (node != null && values.length == 0)
        || Arrays.stream(values).anyMatch(value -> value < least || value > greatest)) {
      problem(
          "job-wrong-type",
          key,
          "is not one whole number or " + most + " of them, from " + least + " to " + greatest,
          "Write " + key + ": 2 or " + key + ": [2, 2].");
      return new int[] {least};
    }
    return values;
  }

  /** A list of numbers; empty where the key does not stand. */
  List<Double> numbers(String key) {
    List<Double> values = new ArrayList<>();
    for (Node item : items(ask(key, false))) {
      if (!NUMBER.matcher(item.shown()).matches()
          || Double.isInfinite(Double.parseDouble(item.shown()))) {
        problem("job-wrong-type", key, "is not a list of numbers", "Write [1, 0.5, ...].");
        return List.of();
      }
      values.add(Double.parseDouble(item.shown()));
    }
    return values;
  }

  /** One text or a list of them; empty where the key does not stand and need not. */
  List<String> texts(String key, boolean required) {
    List<String> texts = new ArrayList<>();
    for (Node item : items(ask(key, required))) {
      if (!(item instanceof Node.Scalar scalar) || item.shown().isEmpty()) {
        problem(
            "job-wrong-type", key, "is not a text or a list of texts", "Write [first, second].");
        return List.of();
      }
      texts.add(scalar.text());
    }
    return texts;
  }

  private static List<Node> items(@Nullable Node node) {
    return node == null
        ? List.of()
        : node instanceof Node.Sequence sequence ? sequence.items() : List.of(node);
  }

  long seed(String key, long absent) {
    Node.Scalar scalar = scalar(key, false);
    if (scalar == null) {
      return absent;
    }
    if (!scalar.plain() || !Pattern.matches("\\d{1,18}", scalar.text())) {
      problem("job-wrong-type", key, "is not a seed", "Write a whole number of 0 or more.");
      return absent;
    }
    return Long.parseLong(scalar.text());
  }

  double number(String key, @Nullable Double absent, Rule rule) {
    Node.Scalar scalar = scalar(key, absent == null);
    if (scalar == null) {
      return absent == null ? rule.fallback() : absent;
    }
    if (!scalar.plain() || !NUMBER.matcher(scalar.text()).matches()) {
      problem("job-wrong-type", key, "is not a number", "It " + rule.text() + ".");
      return rule.fallback();
    }
    double value = Double.parseDouble(scalar.text());
    return checked(key, value, rule) ? value : rule.fallback();
  }

  boolean flag(String key, boolean absent) {
    return oneOf(key, Map.of("true", true, "false", false), absent);
  }

  Duration duration(String key, Duration absent) {
    Node.Scalar scalar = scalar(key, false);
    if (scalar == null) {
      return absent;
    }
    Matcher matcher = DURATION.matcher(scalar.text());
    if (!matcher.matches()) {
      problem("job-wrong-type", key, "is not a duration", "Write 500ms, 60s, 5m or 2h.");
      return absent;
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      default -> Duration.ofHours(amount);
    };
  }

  /** One of a few words; without a default the key must stand. */
  <T> T oneOf(String key, Map<String, T> values, @Nullable T absent) {
    Node.Scalar scalar = scalar(key, absent == null);
    T fallback = absent == null ? values.values().iterator().next() : absent;
    if (scalar == null) {
      return fallback;
    }
    T value = values.get(scalar.text());
    if (value == null) {
      problem(
          "job-out-of-range",
          key,
          "is none of " + String.join(", ", new TreeSet<>(values.keySet())),
          Suggestion.among(scalar.text(), new TreeSet<>(values.keySet())));
      return fallback;
    }
    return value;
  }

  /** The keys below {@code key}; an empty section where it does not stand. */
  Section section(String key, boolean required) {
    Node node = ask(key, required);
    if (node instanceof Node.Mapping below) {
      return new Section(below, path(key), problems, trace);
    }
    if (node != null) {
      problem(
          "job-wrong-type", key, "is not a list of keys and values", "Write {key: value, ...}.");
    }
    return new Section(new Node.Mapping(place(key), Map.of()), path(key), problems, new Lost());
  }

  /** Where a required section is missing its keys are no further problems. */
  private static final class Lost implements Consumer<String> {
    @Override
    public void accept(String ignored) {}
  }

  List<Node> list(String key, boolean required) {
    Node node = ask(key, required);
    if (node instanceof Node.Sequence sequence) {
      return sequence.items();
    }
    if (node != null) {
      problem("job-wrong-type", key, "is not a list", "Write [first, second, ...].");
    }
    return List.of();
  }

  /** A list of mappings, each with its keys; empty where the key does not stand. */
  List<Section> sections(String key) {
    List<Section> sections = new ArrayList<>();
    for (Node item : list(key, false)) {
      String at = path(key) + "[" + sections.size() + "]";
      if (item instanceof Node.Mapping below) {
        sections.add(new Section(below, at, problems, trace));
      } else {
        report(
            "job-wrong-type",
            item,
            at,
            "is not a list of keys and values",
            "Write {key: value, ...}.");
      }
    }
    return sections;
  }

  /** A list of words out of {@code known}. */
  List<String> words(String key, List<String> known, List<String> absent) {
    if (!has(key)) {
      ask(key, false);
      return absent;
    }
    List<String> words = new ArrayList<>();
    for (Node item : list(key, false)) {
      String word = item instanceof Node.Scalar scalar ? scalar.text() : item.shown();
      if (!known.contains(word)) {
        problem(
            "job-out-of-range",
            key,
            "holds " + word + ", which is none of " + String.join(", ", known),
            Suggestion.among(word, known));
      } else if (!words.contains(word)) {
        words.add(word);
      }
    }
    return words;
  }

  /** A choice: {@code key: name} or {@code key: {name: {...}}}. */
  @Nullable Choice choice(String key, boolean required, String... names) {
    Node node = ask(key, required);
    return node == null
        ? null
        : choice(node, key, path(key), Arrays.asList(names), List.of(), Suggestion::among);
  }

  /**
   * The same.
   *
   * @param refused further names, which no message offers and which the caller refuses
   * @param wayOut what to do about a name that is near none
   */
  @Nullable Choice choice(String key, List<String> names, List<String> refused, String wayOut) {
    Node node = ask(key, true);
    return node == null
        ? null
        : choice(
            node,
            key,
            path(key),
            names,
            refused,
            (name, known) ->
                Suggestion.nearest(name, known)
                    .map(near -> "Did you mean " + near + "?")
                    .orElse(wayOut));
  }

  /** The choice that item {@code index} of the list under {@code key} makes. */
  @Nullable Choice item(String key, Node item, int index, String... names) {
    return choice(
        item,
        key,
        path(key) + "[" + index + "]",
        Arrays.asList(names),
        List.of(),
        Suggestion::among);
  }

  private @Nullable Choice choice(
      Node node,
      String key,
      String at,
      List<String> names,
      List<String> refused,
      BiFunction<String, List<String>, String> wayOut) {
    String name = null;
    Node.Mapping below = new Node.Mapping(node.place(), Map.of());
    if (node instanceof Node.Scalar scalar) {
      name = scalar.text();
    } else if (node instanceof Node.Mapping mapping && mapping.entries().size() == 1) {
      Map.Entry<String, Node> only = mapping.entries().entrySet().iterator().next();
      name = only.getKey();
      if (only.getValue() instanceof Node.Mapping keys) {
        below = keys;
      } else if (!only.getValue().shown().isEmpty()) {
        report(
            "job-wrong-type",
            only.getValue(),
            at + "." + name,
            "is not a list of keys and values",
            "Write {" + name + ": {key: value, ...}}.");
      }
    }
    if (name == null) {
      report(
          "job-wrong-type",
          node,
          at,
          "does not name exactly one of " + String.join(", ", names),
          "Write " + key + ": {" + names.get(0) + ": {...}}.");
      return null;
    }
    if (!names.contains(name) && !refused.contains(name)) {
      report(
          "job-unknown-key",
          node,
          at,
          "is none of " + String.join(", ", names),
          wayOut.apply(name, names));
      return null;
    }
    String inside = at + "." + name;
    trace.accept(pattern(inside));
    return new Choice(name, new Section(below, inside, problems, trace));
  }

  private void report(String code, Node node, String at, String rule, String wayOut) {
    problems.add(
        new Problem(
            code, node.place().file(), node.place().line(), at, node.shown(), rule, wayOut));
  }

  /** One of several shapes, by its name. */
  record Choice(String name, Section section) {}

  /** Refuses the keys that nobody asked for. */
  void end() {
    for (Map.Entry<String, Node> entry : mapping.entries().entrySet()) {
      if (!asked.contains(entry.getKey())) {
        problem(
            "job-unknown-key",
            entry.getKey(),
            "is not known here",
            Suggestion.among(entry.getKey(), asked));
      }
    }
  }

  private boolean checked(String key, double value, Rule rule) {
    if (rule.holds(value)) {
      return true;
    }
    problem("job-out-of-range", key, rule.text(), rule.wayOut(key, value));
    return false;
  }

  private Node.@Nullable Scalar scalar(String key, boolean required) {
    Node node = ask(key, required);
    if (node == null || node instanceof Node.Scalar) {
      return (Node.Scalar) node;
    }
    problem("job-wrong-type", key, "is not a single value", "Write " + key + ": value.");
    return null;
  }

  private @Nullable Node ask(String key, boolean required) {
    asked.add(key);
    trace.accept(pattern(path(key)));
    Node node = mapping.entries().get(key);
    if (node == null && required && !(trace instanceof Lost)) {
      problems.add(
          new Problem(
              "job-missing-key",
              mapping.place().file(),
              mapping.place().line(),
              path(key),
              "",
              "is missing",
              "Add it; docs/job-file.md says what it means."));
    }
    return node;
  }

  private static String pattern(String path) {
    return path.replaceAll("\\[\\d+]", "[]");
  }
}
