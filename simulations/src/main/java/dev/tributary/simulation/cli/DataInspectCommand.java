package dev.tributary.simulation.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.simulation.Experiment;
import dev.tributary.simulation.data.Federation;
import dev.tributary.simulation.data.PartitionMix;
import dev.tributary.simulation.report.PartitionPicture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary data inspect}. */
@Command(
    name = "inspect",
    description = "Show how a job deals its rows: labels and rows of each client.",
    mixinStandardHelpOptions = true)
public final class DataInspectCommand implements Callable<Integer> {
  @Parameters(paramLabel = "JOB", description = "The job file.")
  private Path file = Path.of("job.yaml");

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Laid over the job file; may be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write partition.html, partition.svg and partition.png there too.")
  private @Nullable Path out;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the counts for programs (docs/run-folder.md).")
  private @Nullable Path json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    Job job = JobFile.read(file, overrides);
    if (job.simulation() == null) {
      throw new CommandException(
          ErrorCode.JOB_MISSING_KEY,
          "job " + job.name() + " has no section simulation, so it deals no data.");
    }
    Federation federation = Experiment.dealt(job);
    PartitionMix mix = PartitionMix.of(federation.clients());
    PartitionPicture picture = new PartitionPicture(mix);
    Terminal terminal = Terminal.of(spec.commandLine().getOut(), System.getenv());
    terminal.print(
        Terminal.format(
            "%s; features %s, %,d rows for evaluation%n%s%s%n%n%s",
            federation.words(),
            Arrays.toString(federation.test().featureShape()),
            federation.test().size(),
            Federation.columns(job.simulation(), Experiment.predictsNumbers(job)),
            picture.words(),
            picture.text()));
    if (out != null) {
      Files.createDirectories(out);
      Files.writeString(
          out.resolve("partition.html"), picture.page(job.name(), federation.words()));
      Files.writeString(out.resolve("partition.svg"), picture.svg());
      Files.write(out.resolve("partition.png"), picture.png());
      terminal.print(Terminal.format("%npicture  %s%n", out.resolve("partition.html")));
    }
    if (json != null) {
      Path folder = json.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Files.writeString(json, json(job, federation, mix).toPrettyString() + "\n");
    }
    return 0;
  }

  private static ObjectNode json(Job job, Federation federation, PartitionMix mix) {
    ObjectNode node = new ObjectMapper().createObjectNode();
    node.put("job", job.name());
    node.put("data", federation.words());
    node.put("clients", mix.population());
    node.put("clientsCounted", mix.clients());
    node.put("rows", mix.rows());
    node.put("testRows", federation.test().size());
    node.put("classes", mix.classes());
    ArrayNode shape = node.putArray("featureShape");
    Arrays.stream(federation.test().featureShape()).forEach(shape::add);
    node.put("meanLabels", mix.meanLabels());
    node.put("skew", mix.skew());
    ArrayNode counts = node.putArray("counts");
    for (int[] own : mix.counts()) {
      ArrayNode line = counts.addArray();
      Arrays.stream(own).forEach(line::add);
    }
    return node;
  }
}
