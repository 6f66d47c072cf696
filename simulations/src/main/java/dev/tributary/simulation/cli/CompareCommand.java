package dev.tributary.simulation.cli;

import dev.tributary.simulation.report.Comparison;
import dev.tributary.simulation.report.RunTable;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary compare}. */
@Command(
    name = "compare",
    description = "Lay runs beside each other: a table here, and one page with their curves.",
    mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {
  @Parameters(
      arity = "2..*",
      paramLabel = "RUN",
      description = "Folders of runs, such as build/runs/fashion-private.")
  private List<Path> runs = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The page. Default: build/runs/comparison.html.")
  private Path out = Path.of("build", "runs", "comparison.html");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    if (runs.size() > Comparison.MOST) {
      throw new CommandException(
          ErrorCode.USAGE, "at most %d runs can be told apart".formatted(Comparison.MOST));
    }
    List<RunTable> tables = new ArrayList<>();
    for (Path run : runs) {
      tables.add(read(run));
    }
    Comparison comparison = new Comparison(toldApart(tables));
    @Nullable Path folder = out.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(out, comparison.page());
    Terminal.of(spec.commandLine().getOut(), System.getenv())
        .print(Terminal.format("%s%npage  %s%n", comparison.text(), out));
    return 0;
  }

  /** Runs whose folders have one name go by their paths. */
  private List<RunTable> toldApart(List<RunTable> tables) {
    Map<String, Long> names =
        tables.stream().collect(Collectors.groupingBy(RunTable::name, Collectors.counting()));
    List<RunTable> apart = new ArrayList<>();
    for (int i = 0; i < tables.size(); i++) {
      RunTable table = tables.get(i);
      apart.add(
          names.getOrDefault(table.name(), 0L) > 1 ? table.named(runs.get(i).toString()) : table);
    }
    return apart;
  }

  private static RunTable read(Path run) throws IOException {
    try {
      return RunTable.read(run);
    } catch (NoSuchFileException e) {
      throw new CommandException(
          ErrorCode.DATA_MISSING,
          run + " has no rounds.csv: name the folder of a run, as simulate prints it.",
          e);
    } catch (CharacterCodingException e) {
      throw new CommandException(ErrorCode.DATA_DAMAGED, run + " is no table of rounds", e);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ErrorCode.DATA_DAMAGED, String.valueOf(e.getMessage()), e);
    }
  }
}
