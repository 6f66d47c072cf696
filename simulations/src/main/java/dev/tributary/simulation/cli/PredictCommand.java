package dev.tributary.simulation.cli;

import dev.tributary.nn.Model;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Predictions;
import dev.tributary.nn.data.Csv;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.data.Idx;
import dev.tributary.nn.engine.Engines;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary predict}. */
@Command(
    name = "predict",
    description =
        "Ask a saved model about the rows of a file. Prints CSV: row, label, output; best first with --top.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  tributary predict model.safetensors --csv patients.csv --drop diagnosis --standardise",
      "  tributary predict model.safetensors --idx images.gz --top 3 --labels shirt,coat,boot",
      "  tributary predict model.safetensors --csv patients.csv --threshold 0.8 --sort"
    })
public final class PredictCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "A model file, as runs write it.")
  private Path model = Path.of("model.safetensors");

  @ArgGroup(multiplicity = "1")
  private Rows rows = new Rows();

  /** Where the rows come from. */
  private static final class Rows {
    @Option(names = "--csv", paramLabel = "FILE", description = "A table with a header line.")
    private @Nullable Path csv;

    @Option(names = "--idx", paramLabel = "FILE", description = "Pictures in IDX form.")
    private @Nullable Path idx;
  }

  @Option(
      names = "--drop",
      paramLabel = "COLUMN",
      split = ",",
      description = "Columns of the table that are no features, such as the label.")
  private List<String> drop = new ArrayList<>();

  @Option(
      names = "--standardise",
      description = "Mean 0 and deviation 1 for each numeric column, over the rows of this file.")
  private boolean standardise;

  @Option(
      names = "--labels",
      paramLabel = "NAME",
      split = ",",
      description = "What to call the classes, in order; else their numbers.")
  private List<String> labels = new ArrayList<>();

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "Print the K best classes of each row, a line each.")
  private int top = 1;

  @Option(
      names = "--threshold",
      paramLabel = "P",
      description =
          "Print only classes whose output is at least P. A model with one output answers 1 from P up (default 0.5).")
  private @Nullable Float threshold;

  @Option(names = "--first", paramLabel = "N", description = "Look at the first N rows only.")
  private int first = Integer.MAX_VALUE;

  @Option(names = "--sort", description = "Print lines by falling output, not by row.")
  private boolean sort;

  @Option(
      names = "--probabilities",
      description = "Print all outputs of each row, one line a row, and nothing else.")
  private boolean probabilities;

  @Option(names = "--engine", description = "auto, java or nd4j. Default: the best for the model.")
  private String engine = "auto";

  @Spec private CommandSpec spec = CommandSpec.create();

  private record Line(int row, String label, float output) {}

  @Override
  public Integer call() {
    if (top < 1) {
      throw new ParameterException(spec.commandLine(), "--top must be at least 1, is " + top);
    }
    if (first < 1) {
      throw new ParameterException(spec.commandLine(), "--first must be at least 1, is " + first);
    }
    ModelFile file = ModelFile.read(model);
    ModelSpec description = file.spec();
    if (!labels.isEmpty() && labels.size() != Math.max(2, description.classes())) {
      throw new ParameterException(
          spec.commandLine(),
          Terminal.format(
              "--labels: the model tells %d classes apart, %d names came",
              Math.max(2, description.classes()), labels.size()));
    }
    Dataset all = read();
    int count = Math.min(first, all.size());
    Dataset data = all.subset(IntStream.range(0, count).toArray());
    if (data.featureLength() != description.inputs()) {
      throw new CommandException(
          ErrorCode.DATA_DOES_NOT_FIT,
          Terminal.format(
              "the model takes examples of %d numbers, shape %s; the rows have %d. Leave columns out with --drop.",
              description.inputs(),
              Arrays.toString(description.inputShape()),
              data.featureLength()));
    }
    Predictions predictions =
        Model.of(file, engine.equals("auto") ? Engines.best(description) : Engines.byName(engine))
            .predict(numbers(data));
    PrintWriter out = spec.commandLine().getOut();
    if (probabilities) {
      table(predictions, out);
    } else {
      lines(predictions, out);
    }
    out.flush();
    return 0;
  }

  private Dataset read() {
    if (rows.idx != null) {
      return Idx.read(rows.idx);
    }
    Csv csv = Csv.read(rows.csv == null ? Path.of("") : rows.csv);
    csv = csv.drop(drop.toArray(new String[0]));
    return (standardise ? csv.standardise() : csv).features();
  }

  /** A table's row has as many numbers as a picture may need; only the shape is another. */
  private static float[] numbers(Dataset data) {
    float[] features = new float[Math.multiplyExact(data.size(), data.featureLength())];
    for (int row = 0; row < data.size(); row++) {
      data.features(row, features, row * data.featureLength());
    }
    return features;
  }

  private void table(Predictions predictions, PrintWriter out) {
    out.print("row");
    for (int j = 0; j < predictions.width(); j++) {
      out.print("," + (predictions.width() == 1 ? "output" : name(j)));
    }
    out.println();
    for (int row = 0; row < predictions.rows(); row++) {
      out.print(row);
      for (int j = 0; j < predictions.width(); j++) {
        out.print("," + predictions.output(row, j));
      }
      out.println();
    }
  }

  private void lines(Predictions predictions, PrintWriter out) {
    List<Line> lines = new ArrayList<>();
    for (int row = 0; row < predictions.rows(); row++) {
      if (predictions.width() == 1) {
        float cut = threshold == null ? 0.5f : threshold;
        lines.add(new Line(row, name(predictions.label(row, cut)), predictions.output(row, 0)));
        continue;
      }
      int[] best = predictions.ranked(row, top);
      int current = row;
      IntStream.of(best)
          .filter(c -> threshold == null || predictions.output(current, c) >= threshold)
          .forEach(c -> lines.add(new Line(current, name(c), predictions.output(current, c))));
    }
    if (sort) {
      lines.sort(Comparator.comparing(Line::output).reversed());
    }
    out.println("row,label,output");
    lines.forEach(line -> out.println(line.row + "," + line.label + "," + line.output));
  }

  private String name(int label) {
    return labels.isEmpty() ? Integer.toString(label) : labels.get(label);
  }
}
