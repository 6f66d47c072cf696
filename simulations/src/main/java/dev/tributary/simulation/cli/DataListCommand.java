package dev.tributary.simulation.cli;

import dev.tributary.simulation.data.FetchedData;
import dev.tributary.simulation.data.ShippedData;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tributary data list}. */
@Command(
    name = "list",
    description = "List the data sets that ship or can be fetched: rows, clients, licence.",
    mixinStandardHelpOptions = true)
public final class DataListCommand implements Runnable {
  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Folder of fetched data. Default: what TRIBUTARY_DATA names, or ~/.cache/tributary.")
  private Path cache = FetchedData.cache();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    for (ShippedData.Entry entry : ShippedData.load().entries()) {
      String own = entry.client().map(column -> ", by column " + column).orElse("");
      line(out, entry.name(), entry.title());
      line(out, "", Terminal.format("%,d rows, ships with Tributary%s", entry.rows(), own));
      line(out, "", entry.licence());
      line(out, "", entry.source());
      out.println();
    }
    FetchedData fetched = FetchedData.in(cache);
    for (FetchedData.Entry entry : fetched.entries()) {
      line(out, entry.name(), entry.title());
      line(
          out,
          "",
          fetched.isHere(entry)
              ? "is in " + cache
              : Terminal.format(
                  "tributary data fetch %s brings it, %.0f MB", entry.name(), entry.bytes() / 1e6));
      line(out, "", entry.licence());
      line(out, "", entry.source());
      out.println();
    }
    out.flush();
  }

  private static void line(PrintWriter out, String name, String words) {
    out.println(Terminal.format("%-18s %s", name, words));
  }
}
