package dev.tributary.coordinator.job;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A value of a YAML document together with the place where it stands. */
sealed interface Node {

  /** Where a node stands; line 0 is a place without lines, such as an override. */
  record Place(String file, int line) {}

  Place place();

  /** The node as one short line of text, for messages. */
  String shown();

  /** A scalar as written; {@code plain} is false where it stands in quotes, and so is a text. */
  record Scalar(Place place, String text, boolean plain) implements Node {
    @Override
    public String shown() {
      return plain ? text : '"' + text + '"';
    }
  }

  /** Keys in the order of the file. */
  record Mapping(Place place, Map<String, Node> entries) implements Node {
    public Mapping {
      entries = new LinkedHashMap<>(entries);
    }

    @Override
    public String shown() {
      return entries.keySet().stream().collect(Collectors.joining(", ", "{", "}"));
    }
  }

  /** Items in the order of the file. */
  record Sequence(Place place, List<Node> items) implements Node {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String shown() {
      return items.stream().map(Node::shown).collect(Collectors.joining(", ", "[", "]"));
    }
  }
}
