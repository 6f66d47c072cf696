package dev.tributary.coordinator.job;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lays {@code a.b=c} over a document; a value is YAML, and keys on the way are made. */
final class Overrides {
  private static final String FILE = "--set";

  private Overrides() {}

  static Node.Mapping apply(Node.Mapping root, List<String> overrides, Problems problems) {
    Node.Mapping result = root;
    for (String override : overrides) {
      int equals = override.indexOf('=');
      if (equals <= 0 || override.substring(0, equals).contains("..")) {
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
      Node value = YamlTree.value(FILE, override.substring(equals + 1), problems);
      if (value != null) {
        String[] path = override.substring(0, equals).strip().split("\\.", -1);
        result = with(result, path, 0, value);
      }
    }
    return result;
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
