package dev.tributary.simulation.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** How a command fails: one clear line, an exit status, and a stack trace only when asked for. */
public final class Failures {
  private Failures() {}

  /**
   * For an exception that a command threw.
   *
   * @param verbose whether to print the stack trace
   */
  public static int handle(Exception thrown, CommandLine line, boolean verbose) {
    ErrorCatalogue.Failure failure = ErrorCatalogue.describe(thrown);
    PrintWriter err = line.getErr();
    String message = failure.message();
    err.println("tributary: " + message);
    String anchor = "docs/errors.md#" + failure.code().word();
    if (!message.contains(anchor)) {
      err.println("  See " + anchor);
    }
    if (verbose) {
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
