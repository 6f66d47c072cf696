package dev.tributary.simulation;

import dev.tributary.coordinator.net.CoordinatorCommand;
import dev.tributary.simulation.bench.BenchCommand;
import dev.tributary.simulation.bench.CoordinatorBenchServer;
import dev.tributary.simulation.cli.AcknowledgeRestoreCommand;
import dev.tributary.simulation.cli.AuditCommand;
import dev.tributary.simulation.cli.AuditLogCommand;
import dev.tributary.simulation.cli.AuthorityCommand;
import dev.tributary.simulation.cli.BackupCommand;
import dev.tributary.simulation.cli.ClientCommand;
import dev.tributary.simulation.cli.CompareCommand;
import dev.tributary.simulation.cli.DataCommand;
import dev.tributary.simulation.cli.DemoCommand;
import dev.tributary.simulation.cli.ExploreCommand;
import dev.tributary.simulation.cli.Failures;
import dev.tributary.simulation.cli.Interruption;
import dev.tributary.simulation.cli.JobCommand;
import dev.tributary.simulation.cli.PredictCommand;
import dev.tributary.simulation.cli.PrivacyCommand;
import dev.tributary.simulation.cli.RestoreCommand;
import dev.tributary.simulation.cli.SecureAggCommand;
import dev.tributary.simulation.cli.SimulateCommand;
import dev.tributary.simulation.cli.TokenCommand;
import dev.tributary.simulation.live.ChildCommand;
import dev.tributary.simulation.live.HostCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root of the command line. */
@Command(
    name = "tributary",
    description = "Federated, privacy-preserving learning: many private streams, one model.",
    mixinStandardHelpOptions = true,
    versionProvider = Tributary.Version.class,
    subcommands = {
      DemoCommand.class,
      SimulateCommand.class,
      ExploreCommand.class,
      CoordinatorCommand.class,
      AuthorityCommand.class,
      ClientCommand.class,
      DataCommand.class,
      CompareCommand.class,
      PredictCommand.class,
      SecureAggCommand.class,
      PrivacyCommand.class,
      AuditCommand.class,
      AuditLogCommand.class,
      TokenCommand.class,
      JobCommand.class,
      BackupCommand.class,
      RestoreCommand.class,
      AcknowledgeRestoreCommand.class,
      BenchCommand.class,
      HostCommand.class,
      CoordinatorBenchServer.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tributary demo",
      "  tributary simulate examples/fashion-private.yaml --set rounds=40",
      "",
      "Exit codes and what to do: docs/errors.md"
    })
public final class Tributary implements Runnable {
  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of a failure.")
  private boolean verbose;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    int status = commandLine().execute(args);
    Interruption.commandEnded();
    System.exit(status);
  }

  /** The command line with its commands and its way to fail. */
  static CommandLine commandLine() {
    Tributary root = new Tributary();
    CommandLine line = new CommandLine(root);
    CommandLine child = new CommandLine(new ChildCommand());
    child.setStopAtPositional(true); // the rest is another command
    line.addSubcommand(child);
    line.setExecutionExceptionHandler(
        (thrown, command, parsed) -> Failures.handle(thrown, command, root.verbose));
    line.setParameterExceptionHandler(Failures::misused);
    line.setExecutionStrategy(Tributary::run);
    return line;
  }

  /** A failure like others is what ends a command that finds no memory, too. */
  private static int run(ParseResult parsed) {
    try {
      return new RunLast().execute(parsed);
    } catch (OutOfMemoryError e) {
      CommandLine line = parsed.commandSpec().commandLine();
      throw new ExecutionException(line, "memory ran out", new IllegalStateException(e));
    }
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** The version as the jar's manifest states it. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Tributary.class.getPackage().getImplementationVersion();
      return new String[] {"tributary " + (version == null ? "(development)" : version)};
    }
  }
}
