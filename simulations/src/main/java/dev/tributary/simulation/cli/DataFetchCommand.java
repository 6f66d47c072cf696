package dev.tributary.simulation.cli;

import dev.tributary.simulation.data.FetchedData;
import dev.tributary.simulation.data.ShippedData;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary data fetch}. */
@Command(
    name = "fetch",
    description = {
      "Bring a data set that does not ship into the cache folder, where jobs find it by name.",
      "Archive and files are pinned by SHA-256; an interrupted download goes on where it was."
    },
    mixinStandardHelpOptions = true)
public final class DataFetchCommand implements Callable<Integer> {
  private static final long STEP = 4_000_000;

  @Parameters(paramLabel = "NAME", description = "One of those that tributary data list shows.")
  private String name = "";

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Folder of fetched data. Default: what TRIBUTARY_DATA names, or ~/.cache/tributary.")
  private Path cache = FetchedData.cache();

  @Option(
      names = "--mirror",
      paramLabel = "URL",
      description = "Registry or Debian mirror to fetch from; the digests stay the same.")
  private @Nullable String mirror;

  @Spec private CommandSpec spec = CommandSpec.create();

  private long shown;

  @Override
  public Integer call() {
    FetchedData fetched = FetchedData.in(cache);
    FetchedData.Entry entry =
        fetched
            .find(name)
            .orElseThrow(
                () ->
                    new CommandException(
                        ErrorCode.DATA_UNKNOWN,
                        "%s There are: %s."
                            .formatted(
                                ShippedData.load().entries().stream()
                                        .anyMatch(each -> each.name().equals(name))
                                    ? name
                                        + " ships with Tributary: a job names it, and nothing is to be fetched."
                                    : "no data set to fetch is called '" + name + "'.",
                                String.join(
                                    ", ",
                                    fetched.entries().stream()
                                        .map(FetchedData.Entry::name)
                                        .toList()))));
    Terminal terminal = Terminal.of(spec.commandLine().getOut(), System.getenv());
    fetched.fetch(
        entry,
        mirror,
        bytes -> {
          if (bytes - shown >= STEP || bytes == entry.bytes()) {
            shown = bytes;
            terminal.print(Terminal.format("%.0f of %.0f MB%n", bytes / 1e6, entry.bytes() / 1e6));
          }
        });
    terminal.print(
        Terminal.format(
            "%s is in %s; a job names it: simulation.data.source: %s%nLicence: %s%n",
            entry.name(), cache.resolve(entry.name()), entry.name(), entry.licence()));
    return 0;
  }
}
