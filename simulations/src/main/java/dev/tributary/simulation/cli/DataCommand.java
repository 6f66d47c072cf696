package dev.tributary.simulation.cli;

import dev.tributary.simulation.data.ShippedData;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tributary data}. */
@Command(
    name = "data",
    description = "The data sets that ship with Tributary.",
    mixinStandardHelpOptions = true)
public final class DataCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    list();
  }

  /** {@code tributary data list}. */
  @Command(
      name = "list",
      description = "List them: name, rows, what a client can be, licence.",
      mixinStandardHelpOptions = true)
  void list() {
    PrintWriter out = spec.commandLine().getOut();
    for (ShippedData.Entry entry : ShippedData.load().entries()) {
      out.printf("%-18s %s%n", entry.name(), entry.title());
      out.printf(
          "%-18s %,d rows, %s; clients: %s%n",
          "",
          entry.rows(),
          entry.format(),
          entry.client().map(column -> "by column " + column + ", or").orElse("")
              + " iid, dirichlet, shards");
      out.printf("%-18s %s%n%-18s %s%n%n", "", entry.licence(), "", entry.source());
    }
    out.flush();
  }
}
