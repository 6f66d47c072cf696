package dev.tributary.simulation.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tributary data}. */
@Command(
    name = "data",
    description = "Data sets: what there is, fetching what does not ship, and how a job deals it.",
    mixinStandardHelpOptions = true,
    subcommands = {DataListCommand.class, DataFetchCommand.class, DataInspectCommand.class})
public final class DataCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
