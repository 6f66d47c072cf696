package dev.tributary.simulation.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** How a command fails: one clear line, an exit status, and a stack trace only when asked for. */
public final class Failures {
  private Failures() {}

  /** For an exception that a command threw. */
  public static int handle(Exception thrown, CommandLine line, ParseResult parsed) {
    ErrorCatalogue.Failure failure = ErrorCatalogue.describe(thrown);
    PrintWriter err = line.getErr();
    String message = failure.message();
    err.println("tributary: " + message);
    String anchor = "docs/errors.md#" + failure.code().word();
    if (!message.contains(anchor)) {
      err.println("  See " + anchor);
    }
    if (parsed.originalArgs().contains("--verbose")) {
      thrown.printStackTrace(err);
    }
    err.flush();
    return failure.code().exitStatus();
  }

  /** For a command line that cannot be understood. */
  public static int misused(ParameterException thrown, String[] args) {
    CommandLine line = thrown.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("tributary: " + thrown.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(thrown, err);
    err.printf("  Try '%s --help'.%n", line.getCommandSpec().qualifiedName());
    err.flush();
    return ErrorCode.USAGE.exitStatus();
  }
}
