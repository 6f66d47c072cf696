package dev.tributary.simulation.cli;

import dev.tributary.privacy.Charge;
import dev.tributary.privacy.Guarantee;
import dev.tributary.privacy.LedgerHistory;
import dev.tributary.privacy.ObserverRows;
import dev.tributary.simulation.report.EpsilonPng;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary privacy report}. */
@Command(
    name = "report",
    description =
        "What was spent on any one unit, by who is looking, computed anew from the ledger; and what"
            + " would be with other numbers.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  tributary privacy report build/runs/fashion-private",
      "  tributary privacy report data --population phones --rounds 200 --noise 4"
    })
public final class PrivacyReportCommand implements Runnable {
  private static final int CURVE = 10;

  @Parameters(
      paramLabel = "RUN|STORE|LEDGER",
      description =
          "Folder of a run or of a coordinator's store, a client's ledger file, or an export.")
  private Path source = Path.of("data");

  @Option(names = "--population", description = "Whose; the only one of a store by default.")
  private @Nullable String population;

  @Option(names = "--rounds", description = "What if there were so many rounds?")
  private @Nullable Integer rounds;

  @Option(names = "--noise", description = "What if every event had this noise multiplier?")
  private @Nullable Double noise;

  @Option(names = "--delta", description = "What if delta were this?")
  private @Nullable Double delta;

  @Option(
      names = "--png",
      description = "Where the curve goes; epsilon.png in the folder of a run.")
  private @Nullable Path png;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    LedgerDocument document = LedgerDocument.find(source, population);
    try {
      print(document);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    Path file = png == null ? besideTheRun() : png;
    if (file != null && !document.history().curve().isEmpty()) {
      write(file, document.history());
    }
  }

  private @Nullable Path besideTheRun() {
    return Files.isRegularFile(source.resolve(LedgerDocument.FILE))
        ? source.resolve("epsilon.png")
        : null;
  }

  private void write(Path file, LedgerHistory history) {
    try {
      Files.write(file, EpsilonPng.of(history.curve(), history.budget().epsilon()));
    } catch (IOException e) {
      throw new CommandException(
          ErrorCode.OUTPUT_NOT_WRITABLE,
          "%s cannot be written (%s). Choose another file with --png."
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
    say("%ncurve      %s", file);
  }

  private void print(LedgerDocument document) {
    LedgerHistory history = document.history();
    ObserverRows changed = history.rows(rounds(), noise(), deltaOr(history));
    boolean whatIf = rounds != null || noise != null || delta != null;
    say(
        "population \"%s\", unit %s, neighbours by %s, delta %.3g",
        history.budget().population(),
        word(history.budget().unit().name()),
        word(history.budget().relation().name()),
        history.budget().delta());
    say(
        "ledger     %d entries, every one as it was written; %d released, %d given up, %d open",
        history.entries().size(), history.curve().size(), history.cancelled(), history.open());
    history
        .raises()
        .forEach(raise -> say("raised     to %s, signed: %s", raise.epsilon(), raise.reason()));
    for (Charge charge : history.charges()) {
      String event = charge.event().canonical();
      say(
          "event      %s, noise multiplier %.5g, any one unit in %d of them",
          event.substring(0, event.indexOf('(')),
          LedgerHistory.noiseMultiplier(charge.event()),
          charge.count());
    }
    say("%n%-16s %14s%s", "who looks", "epsilon", whatIf ? "        what if" : "");
    table(document, history.rows(), whatIf ? changed : null);
    say("%-16s %14s", "budget", number(history.budget().epsilon()));
    curve(history);
  }

  private void table(LedgerDocument document, ObserverRows is, @Nullable ObserverRows what) {
    row("outsider", number(is.outsider()), what == null ? "" : number(what.outsider()));
    row(
        "cohort member",
        number(is.cohortMember()),
        what == null ? "" : number(what.cohortMember()));
    row("coordinator", coordinator(document, is), what == null ? "" : coordinator(document, what));
    if (is.coordinator().isEmpty() || document.coordinatorSees().isPresent()) {
      say("  none: it sees %s", document.coordinatorSees().orElse("sums before their noise"));
    }
  }

  private static String coordinator(LedgerDocument document, ObserverRows rows) {
    return document.coordinatorSees().isPresent()
        ? "none"
        : rows.coordinator().map(PrivacyReportCommand::number).orElse("none");
  }

  private void row(String who, String epsilon, String what) {
    say("%-16s %14s%s", who, epsilon, what.isEmpty() ? "" : Terminal.format(" %14s", what));
  }

  private void curve(LedgerHistory history) {
    List<LedgerHistory.Point> points = history.curve();
    if (points.isEmpty()) {
      return;
    }
    say("%n%8s %8s %14s", "release", "round", "epsilon");
    for (int at : shown(points.size())) {
      LedgerHistory.Point point = points.get(at - 1);
      say("%8d %8d %14.6g", point.number(), point.round(), point.released());
    }
  }

  private static List<Integer> shown(int size) {
    List<Integer> shown = new ArrayList<>();
    int lines = Math.min(CURVE, size);
    for (int i = 0; i < lines; i++) {
      shown.add(1 + (int) Math.round((size - 1.0) * i / Math.max(1, lines - 1)));
    }
    return shown;
  }

  private OptionalInt rounds() {
    return rounds == null ? OptionalInt.empty() : OptionalInt.of(rounds);
  }

  private OptionalDouble noise() {
    return noise == null ? OptionalDouble.empty() : OptionalDouble.of(noise);
  }

  private double deltaOr(LedgerHistory history) {
    return delta == null ? history.budget().delta() : delta;
  }

  private static String number(Guarantee guarantee) {
    return number(guarantee.epsilon());
  }

  private static String number(double epsilon) {
    return Double.isInfinite(epsilon) ? "no bound" : Terminal.format("%.6g", epsilon);
  }

  private static String word(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private void say(String format, Object... values) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(Terminal.format(format, values));
    out.flush();
  }
}
