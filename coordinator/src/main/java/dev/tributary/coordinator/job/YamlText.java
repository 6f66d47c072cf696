package dev.tributary.coordinator.job;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes {@link Node}s as YAML that {@link YamlTree} reads as the same ones. */
final class YamlText {
  private YamlText() {}

  /** Mappings in blocks, lists of mappings an item a line, everything else in one line. */
  static String of(Node.Mapping root) {
    StringBuilder text = new StringBuilder();
    block(root, "", text);
    return text.toString();
  }

  private static void block(Node.Mapping mapping, String indent, StringBuilder text) {
    for (Map.Entry<String, Node> entry : mapping.entries().entrySet()) {
      text.append(indent).append(scalar(entry.getKey(), true)).append(':');
      if (entry.getValue() instanceof Node.Mapping below && !below.entries().isEmpty()) {
        text.append('\n');
        block(below, indent + "  ", text);
      } else if (entry.getValue() instanceof Node.Sequence list && holdsMappings(list.items())) {
        text.append('\n');
        list.items()
            .forEach(item -> text.append(indent).append("  - ").append(line(item)).append('\n'));
      } else {
        text.append(' ').append(line(entry.getValue())).append('\n');
      }
    }
  }

  private static boolean holdsMappings(List<Node> items) {
    return items.stream().anyMatch(Node.Mapping.class::isInstance);
  }

  private static String line(Node node) {
    if (node instanceof Node.Mapping mapping) {
      return mapping.entries().entrySet().stream()
          .map(entry -> scalar(entry.getKey(), true) + ": " + line(entry.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    if (node instanceof Node.Sequence sequence) {
      return sequence.items().stream()
          .map(YamlText::line)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    Node.Scalar scalar = (Node.Scalar) node;
    return scalar(scalar.text(), scalar.plain());
  }

  private static String scalar(String text, boolean plain) {
    if (plain && text.matches("[A-Za-z0-9.+_/-]+")) {
      return text;
    }
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\x%02x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
