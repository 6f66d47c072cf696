package dev.tributary.simulation.cli;

import dev.tributary.simulation.report.RunRecord;
import java.util.List;
import java.util.Locale;

/** What a person reads before and after a run. */
public final class Results {
  private Results() {}

  /** What is about to run, how private it will be and against whom. */
  public static String before(RunRecord plan, String faults) {
    Lines lines = new Lines();
    lines.add(
        "data",
        "%s, %,d clients".formatted(plan.data(), plan.population()));
    lines.add(
        "model", "%s, %,d parameters, %s engine".formatted(plan.model(), plan.parameters(), plan.engine()));
    lines.add(
        "rounds", "%d, with %d clients each".formatted(plan.plannedRounds(), plan.cohort())
            + plan.privacy()
                .map(p -> ", every client %d times at most".formatted(p.participations()))
                .orElse(""));
    plan.privacy()
        .ifPresentOrElse(
            p -> {
              lines.add(
                  "privacy",
                  "epsilon %s, delta %s for a %s, noise made by %s"
                      .formatted(
                          number(p.budget()),
                          delta(p.delta()),
                          p.unit().equals("user") ? "person's whole data" : "single example",
                          p.mechanism().startsWith("distributed") ? "the clients" : "the coordinator"));
              lines.add(
                  "",
                  p.mechanism().startsWith("distributed")
                      ? "holds against: whoever sees the model, the other clients, this coordinator"
                      : "holds against: whoever sees the model, the other clients");
            },
            () -> lines.add("privacy", "none: this job bounds nothing"));
    lines.add("sum", plan.sum());
    lines.add("faults", faults);
    return lines.toString();
  }

  /** What came out. */
  public static String after(RunRecord run, double seconds, List<String> files) {
    Lines lines = new Lines();
    lines.add(
        "result",
        run.accuracy()
            .map(
                accuracy ->
                    "%.1f %% on %,d rows nobody trained on".formatted(100 * accuracy, run.testRows()))
            .orElse("no accuracy was measured"));
    run.privacy()
        .ifPresent(
            p ->
                lines.add(
                    "privacy",
                    "epsilon %.2f spent of %s at delta %s"
                        .formatted(p.released(), number(p.budget()), delta(p.delta()))));
    lines.add(
        "rounds",
        "%d of %d completed, %d lost, in %.0f s"
            .formatted(run.completedRounds(), run.plannedRounds(), run.abortedRounds(), seconds));
    lines.add(
        "clients",
        "%,d updates in the sums, %,d lost before theirs".formatted(run.survivors(), run.dropouts())
            + (run.late() > 0 ? ", %,d after".formatted(run.late()) : ""));
    run.stopped().ifPresent(why -> lines.add("ended", "early: " + why));
    for (int i = 0; i + 1 < files.size(); i += 2) {
      lines.add(files.get(i), files.get(i + 1));
    }
    return lines.toString();
  }

  private static String number(double value) {
    return value == Math.rint(value) ? "%.1f".formatted(value) : Double.toString(value);
  }

  private static String delta(double value) {
    return String.format(Locale.ROOT, "%.0e", value).replace("e-0", "e-");
  }

  private static final class Lines {
    private final StringBuilder text = new StringBuilder();

    void add(String name, String value) {
      text.append("  %-11s %s%n".formatted(name, value));
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
