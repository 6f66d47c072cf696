package dev.tributary.coordinator.job;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads where simulated rows come from. */
final class DataReader {
  private static final List<String> KINDS =
      List.of("source", "idx", "csv", "arff", "jsonl", "leaf", "cifar", "npz", "text", "synthetic");
  private static final double HOLD_OUT = 0.2;
  private static final Map<String, Job.Standardise> STANDARDISE =
      Map.of(
          "true", Job.Standardise.POOLED,
          "false", Job.Standardise.NONE,
          "pooled", Job.Standardise.POOLED,
          "perClient", Job.Standardise.PER_CLIENT,
          "federated", Job.Standardise.FEDERATED);

  private static final int MAXIMUM_EXAMPLES = 1_000;
  private static final Rule VALUE = Rule.between(-1e9, 1e9);

  private final Section data;
  private final Path base;

  DataReader(Section data, Path base) {
    this.data = data;
    this.base = base;
  }

  Job.Data read() {
    List<String> given = KINDS.stream().filter(data::has).toList();
    String source = data.text("source", "fashion-mnist-12k");
    // Every key is asked for, so that none of them is unknown.
    Map<String, Section> sections = new java.util.HashMap<>();
    for (String kind : KINDS.subList(1, KINDS.size())) {
      sections.put(kind, data.section(kind, false));
    }
    if (given.size() != 1) {
      data.problem(
          "job-wrong-type",
          data.has("source") ? "source" : "",
          "names " + given.size() + " sources of data",
          "Give exactly one of " + String.join(", ", KINDS) + ".");
    }
    String kind = given.isEmpty() ? "source" : given.get(given.size() - 1);
    Section s = sections.get(kind);
    if (s == null) {
      return new Job.Data.Source(source);
    }
    Job.Data read =
        switch (kind) {
          case "idx" -> idx(s);
          case "leaf" -> leaf(s);
          case "cifar" ->
              new Job.Data.Cifar(
                  paths(s, "train", true),
                  paths(s, "test", false),
                  s.oneOf("classes", Map.of("10", 10, "100", 100), 10),
                  holdOut(s));
          case "npz" -> npz(s);
          case "text" -> text(s);
          case "synthetic" -> synthetic(s);
          default -> table(kind, s);
        };
    s.end();
    return read;
  }

  private Job.Data idx(Section s) {
    Path testImages = path(s, "testImages", false);
    Path testLabels = path(s, "testLabels", false);
    if ((testImages == null) != (testLabels == null)) {
      s.problem(
          "job-missing-key",
          testImages == null ? "testImages" : "testLabels",
          "is missing",
          "Test images and test labels come together.");
    }
    return new Job.Data.Idx(
        required(s, "images"), required(s, "labels"), testImages, testLabels, holdOut(s));
  }

  private Job.Data table(String format, Section s) {
    Job.Standardise standardise = s.oneOf("standardise", STANDARDISE, Job.Standardise.POOLED);
    return new Job.Data.Table(
        format,
        required(s, "file"),
        s.text("label", null),
        s.text("client", ""),
        s.texts("drop", false),
        s.texts("numeric", false),
        s.texts("categorical", false),
        s.texts("missing", false),
        standardise,
        ranges(s, standardise == Job.Standardise.FEDERATED),
        s.integer("maximumExamples", MAXIMUM_EXAMPLES, 1, 1 << 24),
        path(s, "test", false),
        holdOut(s));
  }

  /** A sum says nothing of where its values lie: whoever asks for it does, once for each column. */
  private static List<Job.Range> ranges(Section s, boolean federated) {
    List<Job.Range> ranges = new ArrayList<>();
    for (Section item : s.sections("ranges")) {
      Job.Range range =
          new Job.Range(
              item.text("column", ""),
              item.number("from", null, VALUE),
              item.number("to", null, VALUE));
      item.end();
      if (item.has("from") && item.has("to") && range.from() >= range.to()) {
        item.problem(
            "job-out-of-range", "to", "is not above from", "Write from: 0 and to: 100, say.");
      }
      if (ranges.stream().anyMatch(other -> other.column().equals(range.column()))) {
        item.problem(
            "job-out-of-range",
            "column",
            "has a range already",
            "Write one range for each column, and one without a column for all others.");
      }
      ranges.add(range);
    }
    if (federated && ranges.isEmpty()) {
      s.problem(
          "job-missing-key",
          "ranges",
          "is missing, and statistics are federated",
          "Say where the values of numeric columns lie: ranges: [{from: 0, to: 100}].");
    }
    if (!federated && (s.has("ranges") || s.has("maximumExamples"))) {
      s.problem(
          "job-out-of-range",
          s.has("ranges") ? "ranges" : "maximumExamples",
          "is for federated statistics alone",
          "Write standardise: federated, or leave it out.");
    }
    return ranges;
  }

  private Job.Data leaf(Section s) {
    List<Integer> shape = Arrays.stream(s.integers("shape", false, 1, 1 << 24, 4)).boxed().toList();
    return new Job.Data.Leaf(paths(s, "train", true), paths(s, "test", false), shape, holdOut(s));
  }

  private Job.Data npz(Section s) {
    String testFeatures = s.text("testFeatures", "");
    String testLabels = s.text("testLabels", "");
    if (testFeatures.isEmpty() != testLabels.isEmpty()) {
      s.problem(
          "job-missing-key",
          testFeatures.isEmpty() ? "testFeatures" : "testLabels",
          "is missing",
          "Arrays of test features and test labels come together.");
    }
    return new Job.Data.Npz(
        required(s, "file"),
        s.text("features", "x"),
        s.text("labels", "y"),
        s.text("client", ""),
        testFeatures,
        testLabels,
        holdOut(s));
  }

  private Job.Data text(Section s) {
    int length = s.integer("length", 80, 1, 65_536);
    return new Job.Data.Text(
        required(s, "file"), length, s.integer("stride", length, 1, 65_536), holdOut(s));
  }

  private static Job.Data synthetic(Section s) {
    Rule spread = Rule.between(0, 100);
    return new Job.Data.Synthetic(
        s.integer("clients", 30, 2, 10_000),
        s.number("alpha", 1.0, spread),
        s.number("beta", 1.0, spread),
        s.flag("iid", false),
        holdOut(s));
  }

  private static double holdOut(Section s) {
    return s.number("holdOut", HOLD_OUT, Rule.inside(0, 1));
  }

  private Path required(Section s, String key) {
    Path path = path(s, key, true);
    return path == null ? base : path;
  }

  private @Nullable Path path(Section s, String key, boolean required) {
    String text = s.text(key, required ? null : "");
    return text.isEmpty() ? null : path(s, key, text);
  }

  private List<Path> paths(Section s, String key, boolean required) {
    return s.texts(key, required).stream().map(text -> path(s, key, text)).toList();
  }

  private Path path(Section s, String key, String text) {
    try {
      return base.resolve(text);
    } catch (InvalidPathException e) {
      s.problem("job-wrong-type", key, "is not a path: " + e.getReason(), "Write a file's path.");
      return base;
    }
  }
}
