package dev.tributary.coordinator.job;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads YAML into {@link Node}s. Nothing is interpreted: a scalar keeps its text, so that {@code
 * no} stays a name and {@code 1e-5} a number; aliases, tags and keys written twice are refused.
 */
final class YamlTree {
  static final int MAXIMUM_CHARACTERS = 1 << 20;
  static final int MAXIMUM_DEPTH = 32;

  private final String file;
  private final Problems problems;

  private YamlTree(String file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /** The root mapping, or an empty one after a problem. */
  static Node.Mapping read(String file, String text, Problems problems) {
    return new YamlTree(file, problems).root(text);
  }

  /** One value as it may stand in an override: {@code 4}, {@code [28, 28]}, {@code {iid: ...}}. */
  static @Nullable Node value(String file, String text, Problems problems) {
    YamlTree tree = new YamlTree(file, problems);
    org.yaml.snakeyaml.nodes.Node node = tree.compose(text);
    return node == null ? null : tree.unplaced(tree.convert(node, ""));
  }

  private Node.Mapping root(String text) {
    Node.Place start = new Node.Place(file, 1);
    if (text.length() > MAXIMUM_CHARACTERS) {
      syntax(1, "is longer than " + MAXIMUM_CHARACTERS + " characters", "Is this a job file?");
      return new Node.Mapping(start, Map.of());
    }
    org.yaml.snakeyaml.nodes.Node node = compose(text);
    if (node == null) {
      if (problems.none()) {
        syntax(1, "The file is empty", "docs/job-file.md has a job to start from.");
      }
      return new Node.Mapping(start, Map.of());
    }
    if (convert(node, "") instanceof Node.Mapping mapping) {
      return mapping;
    }
    syntax(line(node.getStartMark()), "A job is a list of keys and values", EXAMPLE);
    return new Node.Mapping(start, Map.of());
  }

  private static final String EXAMPLE = "Begin with: apiVersion: tributary/v1";

  private org.yaml.snakeyaml.nodes.@Nullable Node compose(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MAXIMUM_CHARACTERS);
    options.setMaxAliasesForCollections(0);
    options.setNestingDepthLimit(MAXIMUM_DEPTH);
    try {
      return new Yaml(new SafeConstructor(options)).compose(new StringReader(text));
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      String what = e.getProblem() == null ? "is not YAML" : "is not YAML: " + e.getProblem();
      syntax(mark == null ? 1 : line(mark), "The text " + what, "Check indentation and brackets.");
    } catch (YAMLException e) {
      syntax(1, "The text is not YAML: " + e.getMessage(), "Check indentation and brackets.");
    }
    return null;
  }

  private Node convert(org.yaml.snakeyaml.nodes.Node node, String path) {
    Node.Place place = new Node.Place(file, line(node.getStartMark()));
    if (node.getAnchor() != null) {
      problems.add(
          new Problem(
              "job-syntax",
              file,
              place.line(),
              path,
              "&" + node.getAnchor(),
              "is an anchor, and job files have none",
              "Write the value out where it is used."));
      return new Node.Scalar(place, "", true);
    }
    if (node instanceof MappingNode mapping) {
      return mapping(mapping, place, path);
    }
    if (node instanceof SequenceNode sequence) {
      List<Node> items = new ArrayList<>();
      for (org.yaml.snakeyaml.nodes.Node item : sequence.getValue()) {
        items.add(convert(item, path + "[" + items.size() + "]"));
      }
      return new Node.Sequence(place, items);
    }
    ScalarNode scalar = (ScalarNode) node;
    return new Node.Scalar(place, scalar.getValue(), scalar.getScalarStyle() == ScalarStyle.PLAIN);
  }

  private Node.Mapping mapping(MappingNode mapping, Node.Place place, String path) {
    Map<String, Node> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      int line = line(tuple.getKeyNode().getStartMark());
      if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
        syntax(line, "A key is a word", "Write key: value.");
        continue;
      }
      String key = path.isEmpty() ? name.getValue() : path + "." + name.getValue();
      Node value = at(convert(tuple.getValueNode(), key), line);
      if (entries.putIfAbsent(name.getValue(), value) != null) {
        problems.add(
            new Problem(
                "job-syntax",
                file,
                line,
                key,
                value.shown(),
                "stands here a second time",
                "Keep one of the two."));
      }
    }
    return new Node.Mapping(place, entries);
  }

  /** The value with the line of its key, which is where a reader looks for it. */
  private Node at(Node node, int line) {
    return replaced(node, new Node.Place(file, line));
  }

  private Node unplaced(Node node) {
    return replaced(node, new Node.Place(file, 0));
  }

  private static Node replaced(Node node, Node.Place place) {
    if (node instanceof Node.Scalar scalar) {
      return new Node.Scalar(place, scalar.text(), scalar.plain());
    }
    if (node instanceof Node.Sequence sequence) {
      return new Node.Sequence(place, sequence.items());
    }
    return new Node.Mapping(place, ((Node.Mapping) node).entries());
  }

  private void syntax(int line, String rule, String wayOut) {
    problems.add(new Problem("job-syntax", file, line, "", "", rule, wayOut));
  }

  private static int line(Mark mark) {
    return mark.getLine() + 1;
  }
}
