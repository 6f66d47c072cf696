package dev.tributary.simulation.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tributary privacy}. */
@Command(
    name = "privacy",
    description =
        "What a run costs, what it may cost and what was spent; budgets and who raises them.",
    mixinStandardHelpOptions = true,
    subcommands = {
      PrivacyPlanCommand.class,
      PrivacyReportCommand.class,
      PrivacyCheckCommand.class,
      OperatorCommands.Key.class,
      OperatorCommands.Raise.class,
      OperatorCommands.Export.class,
      OperatorCommands.Verify.class
    })
public final class PrivacyCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
