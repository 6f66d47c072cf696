package dev.tributary.simulation.cli;

import dev.tributary.coordinator.round.ClientAccuracy;
import dev.tributary.simulation.report.RoundLine;
import dev.tributary.simulation.report.RunRecord;
import java.util.List;

/** What a person reads before and after a run. */
public final class Results {
  private Results() {}

  /** What is about to run, how private it will be and against whom. */
  public static String before(RunRecord plan, String faults) {
    Lines lines = new Lines();
    lines.add("data", Terminal.format("%s, %,d clients", plan.data(), plan.population()));
    lines.add(
        "model",
        Terminal.format(
            "%s, %,d parameters, %s engine", plan.model(), plan.parameters(), plan.engine()));
    lines.add(
        "rounds",
        Terminal.format("%d, with %d clients each", plan.plannedRounds(), plan.cohort())
            + plan.privacy()
                .map(
                    p ->
                        p.sampled()
                            ? ", drawn anew each time"
                            : Terminal.format(
                                ", every client %d times at most", p.participations()))
                .orElse(""));
    plan.privacy()
        .ifPresentOrElse(
            p -> {
              lines.add(
                  "privacy",
                  Terminal.format(
                      "epsilon %s, delta %s for a %s, noise made by %s",
                      number(p.budget()),
                      delta(p.delta()),
                      p.unit().equals("user") ? "person's whole data" : "single example",
                      p.madeByClients() ? "the clients" : "the coordinator"));
              lines.add(
                  "",
                  "holds against: whoever sees the model"
                      + (p.sampled() ? ", and learns of no cohort" : ", the other clients")
                      + (p.distributed()
                          ? Terminal.format(" (up to %d colluding)", p.colluders())
                          : "")
                      + (p.boundsCoordinator() ? ", this coordinator" : ""));
              if (p.sampled()) {
                lines.add(
                    "",
                    "against the other clients, who know who was in their rounds: more, see"
                        + " the report");
              }
              if (!p.boundsCoordinator()) {
                lines.add("", "not against the coordinator, which sees " + p.coordinatorSees());
              }
            },
            () -> lines.add("privacy", "none: this job bounds nothing"));
    plan.examples()
        .ifPresent(
            e ->
                lines.add(
                    "examples",
                    Terminal.format(
                        "epsilon %s, delta %s for one example of a client, kept by the client"
                            + " itself against whoever sees its update; a promise of its own, not"
                            + " a part of the above",
                        number(e.epsilon()), delta(e.delta()))));
    lines.add("sum", plan.sum());
    lines.add("faults", faults);
    return lines.toString();
  }

  /** What came out. */
  public static String after(RunRecord run, double seconds, List<String> files) {
    Lines lines = new Lines();
    lines.add(
        "result",
        run.evaluated()
            .flatMap(RoundLine::measured)
            .map(
                measured ->
                    Terminal.format(
                        "%s on %,d rows nobody trained on",
                        measured.replaceFirst("^accuracy ", ""), run.testRows()))
            .orElse(
                run.testRows() == 0
                    ? "nothing was measured: no rows are kept for evaluation"
                    : "nothing was measured"));
    run.evaluated()
        .filter(round -> round.accuracy().isPresent() && !round.measures().isEmpty())
        .ifPresent(round -> lines.add("measures", round.measuresInWords()));
    run.evaluatedByClients()
        .ifPresent(
            round -> {
              ClientAccuracy accuracy = round.clientAccuracy().orElseThrow();
              lines.add(
                  "at clients",
                  Terminal.format(
                      "%.1f %% on average on rows of their own, %.1f %% at the worst tenth, as round"
                          + " %d began",
                      100 * accuracy.mean(), 100 * accuracy.worstDecile(), round.number()));
            });
    run.privacy()
        .ifPresent(
            p ->
                lines.add(
                    "privacy",
                    Terminal.format(
                        "epsilon %.2f spent of %s at delta %s",
                        p.released(), number(p.budget()), delta(p.delta()))));
    run.statistics().ifPresent(learned -> lines.add("statistics", learned.words()));
    lines.add(
        "rounds",
        Terminal.format(
            "%d of %d completed, %d lost, in %.0f s",
            run.completedRounds(), run.plannedRounds(), run.abortedRounds(), seconds));
    lines.add(
        "clients",
        Terminal.format(
                "%,d updates in the sums, %,d lost before theirs", run.survivors(), run.dropouts())
            + (run.late() > 0 ? Terminal.format(", %,d after", run.late()) : ""));
    run.stopped().ifPresent(why -> lines.add("ended", "early: " + why));
    for (int i = 0; i + 1 < files.size(); i += 2) {
      lines.add(files.get(i), files.get(i + 1));
    }
    return lines.toString();
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Terminal.format("%.1f", value) : Double.toString(value);
  }

  private static String delta(double value) {
    return Terminal.format("%.0e", value).replace("e-0", "e-");
  }

  private static final class Lines {
    private final StringBuilder text = new StringBuilder();

    void add(String name, String value) {
      text.append(Terminal.format("  %-11s %s%n", name, value));
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
