package dev.tributary.simulation.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tributary privacy}. */
@Command(
    name = "privacy",
    description = "Accountants: what a run costs, what it may cost, and whether they are right.",
    mixinStandardHelpOptions = true,
    subcommands = {PrivacyPlanCommand.class, PrivacyCheckCommand.class})
public final class PrivacyCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
