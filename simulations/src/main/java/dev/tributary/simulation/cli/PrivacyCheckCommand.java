package dev.tributary.simulation.cli;

import dev.tributary.privacy.ReferenceCheck;
import dev.tributary.privacy.ReferenceCheck.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary privacy check}. */
@Command(
    name = "check",
    description =
        "Evaluate a file of reference values: rows that hold by family, and those that do not.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExit status:%n",
    footer = {"  0  every must_match row holds", "  1  one does not"})
public final class PrivacyCheckCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "CSV with the columns of dp-reference.csv.")
  private Path file = Path.of("reference.csv");

  @Option(names = "--must-match", description = "Leave out the rows that are informational.")
  private boolean onlyMustMatch;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Rows of a family, and how many of them hold. */
  private static final class Tally {
    int must;
    int mustHold;
    int informational;
    int informationalHold;

    void add(Outcome outcome) {
      int holds = outcome.holds() ? 1 : 0;
      if (outcome.mustMatch()) {
        must++;
        mustHold += holds;
      } else {
        informational++;
        informationalHold += holds;
      }
    }
  }

  @Override
  public Integer call() {
    List<Outcome> outcomes = outcomes();
    Map<String, Tally> families = new TreeMap<>();
    Tally all = new Tally();
    for (Outcome outcome : outcomes) {
      families.computeIfAbsent(outcome.family(), name -> new Tally()).add(outcome);
      all.add(outcome);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(Terminal.format("%-20s %12s %15s%n", "family", "must match", "informational"));
    families.forEach((name, tally) -> out.print(line(name, tally)));
    out.print(line("all", all));
    for (Outcome outcome : outcomes) {
      if (!outcome.holds()) {
        out.print(missed(outcome));
      }
    }
    out.flush();
    return all.must == all.mustHold ? 0 : 1;
  }

  private List<Outcome> outcomes() {
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      return ReferenceCheck.run(lines, onlyMustMatch);
    } catch (IOException e) {
      throw new CommandException(
          ErrorCode.DATA_MISSING, file + " cannot be read (" + e.getMessage() + ")", e);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ErrorCode.DATA_DAMAGED, file + ": " + e.getMessage(), e);
    }
  }

  private static String line(String name, Tally tally) {
    return Terminal.format(
        "%-20s %6d / %3d %9d / %3d%n",
        name, tally.mustHold, tally.must, tally.informationalHold, tally.informational);
  }

  private static String missed(Outcome outcome) {
    return Terminal.format(
        "%s %s %s %s: %s, expected %s%s%n",
        outcome.caseId(),
        outcome.family(),
        outcome.quantity(),
        outcome.direction(),
        Double.isNaN(outcome.computed()) ? "not computed" : Double.toString(outcome.computed()),
        outcome.expected(),
        outcome.mustMatch() ? "" : " (informational)");
  }
}
