package dev.tributary.coordinator.job;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lays {@code a.b=c} over a document; a value is YAML, and keys on the way are made. */
final class Overrides {
  private static final String FILE = "--set";

  /** Words between single points; no key of a document lies deeper than it may be nested. */
  private static final Pattern KEY =
      Pattern.compile("[^.=]++(\\.[^.=]++){0," + (YamlTree.MAXIMUM_DEPTH - 1) + "}+");

  private Overrides() {}

  static Node.Mapping apply(Node.Mapping root, List<String> overrides, Problems problems) {
    Node.Mapping result = root;
    for (String override : overrides) {
      int equals = override.indexOf('=');
      String key = override.substring(0, Math.max(0, equals)).strip();
      if (!KEY.matcher(key).matches()) {
        problems.add(
            new Problem(
                "job-syntax",
                FILE,
                0,
                "",
                override,
                "is not an override",
                "Write --set key=value, such as --set rounds=40 or --set privacy.epsilon=2."));
        continue;
      }
      String written = override.substring(equals + 1);
      if (isEmpty(written)) {
        problems.add(
            new Problem(
                "job-syntax",
                FILE,
                0,
                key,
                "",
                "is given no value",
                "Write --set " + key + "=value, or leave it out to keep what the file says."));
        continue;
      }
      Node value = YamlTree.value(FILE, written, problems);
      if (value != null) {
        result = with(result, key.split("\\.", -1), 0, value);
      }
    }
    return result;
  }

  /** Nothing at all, or a comment alone. */
  private static boolean isEmpty(String written) {
    return written.isBlank() || written.strip().startsWith("#");
  }

  private static Node.Mapping with(
      Node.@Nullable Mapping mapping, String[] path, int depth, Node value) {
    Map<String, Node> entries = new LinkedHashMap<>(mapping == null ? Map.of() : mapping.entries());
    if (depth == path.length - 1) {
      entries.put(path[depth], value);
    } else {
      Node below = entries.get(path[depth]);
      Node.Mapping next = below instanceof Node.Mapping m ? m : null;
      entries.put(path[depth], with(next, path, depth + 1, value));
    }
    Node.Place place = mapping == null ? value.place() : mapping.place();
    return new Node.Mapping(place, entries);
  }
}
