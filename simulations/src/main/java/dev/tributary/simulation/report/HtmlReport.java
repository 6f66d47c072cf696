package dev.tributary.simulation.report;

import dev.tributary.simulation.data.PartitionMix;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * The page of a run: one file without script, request or external resource. Its content security
 * policy lets a browser refuse what should not be there.
 */
public final class HtmlReport {
  private static final int MOST_MOMENTS = 50;

  private final RunRecord run;
  private final RunCharts charts;
  private final StringBuilder page = new StringBuilder();

  private HtmlReport(RunRecord run) {
    this.run = run;
    this.charts = new RunCharts(run);
  }

  /** The whole page, of which nothing is known about how rows are shared. */
  public static String of(RunRecord run) {
    return of(run, Optional.empty());
  }

  /** The whole page. */
  public static String of(RunRecord run, Optional<PartitionMix> partition) {
    HtmlReport report = new HtmlReport(run);
    report.head();
    report.tiles();
    report.learning();
    report.privacy();
    report.participants();
    report.faults();
    partition.ifPresent(report::partition);
    report.cost();
    report.rounds();
    report.notCovered();
    report.job();
    report.foot();
    return report.page.toString();
  }

  private void head() {
    add(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
        <link rel="icon" href="data:,">
        <title>%s - Tributary</title>
        <style>
        %s</style>
        </head>
        <body>
        <main>
        <p class="brand">Tributary: many private streams, one model</p>
        <h1>%s</h1>
        """,
        Html.escape(run.name()), css(), Html.escape(run.name()));
    add(
        "<p class=\"sub\">%s clients, %d of them a round, train %s (%s parameters) on %s.</p>\n",
        Html.count(run.population()),
        run.cohort(),
        Html.escape(run.model()),
        Html.count(run.parameters()),
        Html.escape(run.data()));
    run.stopped()
        .ifPresent(
            why ->
                add(
                    "<p><strong>The run ended after %d of %d rounds: %s.</strong></p>\n",
                    run.rounds().size(), run.plannedRounds(), Html.escape(why)));
  }

  private void tiles() {
    page.append("<div class=\"tiles\">\n");
    Optional<String> lead =
        run.evaluated().flatMap(RoundLine::measured).map(words -> words.split(", ", 2)[0]);
    tile(
        "tile lead",
        lead.map(words -> words.substring(words.indexOf(' ') + 1)).orElse("-"),
        Html.format(
            "%s on %s rows nobody trained on",
            lead.map(words -> words.substring(0, words.indexOf(' '))).orElse("nothing measured"),
            Html.count(run.testRows())));
    run.privacy()
        .ifPresentOrElse(
            privacy ->
                tile(
                    "tile",
                    Html.format("%.2f", privacy.released()),
                    Html.format(
                        "epsilon spent of %s, delta %s",
                        number(privacy.budget()), delta(privacy.delta()))),
            () -> tile("tile", "none", "privacy: this job has no guarantee"));
    tile(
        "tile",
        Html.format("%d / %d", run.completedRounds(), run.plannedRounds()),
        Html.format("rounds completed, %d lost", run.abortedRounds()));
    tile(
        "tile",
        Html.count(run.survivors()),
        Html.format(
            "updates in the sums, %s clients lost before theirs", Html.count(run.dropouts())));
    tile(
        "tile",
        Html.seconds(seconds()),
        run.live() ? "in all rounds" : "virtual time in all rounds");
    page.append("</div>\n");
  }

  private void tile(String style, String value, String words) {
    add(
        "<div class=\"%s\"><b>%s</b><span>%s</span></div>\n",
        style, Html.escape(value), Html.escape(words));
  }

  private void learning() {
    String drawings =
        charts.accuracy()
            + charts.loss()
            + charts.measures()
            + charts.clientAccuracy()
            + run.evaluatedByClients().map(Distributions::accuracy).orElse("")
            + charts.clipNorm();
    if (!drawings.isEmpty()) {
      add("<h2>How it learned</h2>\n<div class=\"pair\">\n%s</div>\n", drawings);
    }
  }

  private void privacy() {
    page.append("<h2>How private it is, and against whom</h2>\n");
    if (run.privacy().isEmpty()) {
      page.append(
          "<p>Not at all: this job has no privacy mechanism. What the model says about anyone is"
              + " bounded by nothing.</p>\n");
      return;
    }
    RunRecord.Privacy privacy = run.privacy().get();
    page.append("<div class=\"pair\">\n").append(charts.epsilon(privacy));
    add(
        """
        <div class="card"><table>
        <caption>Epsilon at delta %s, by who is looking</caption>
        <tbody>
        """,
        delta(privacy.delta()));
    String pooled =
        privacy.distributed() ? Html.format(", up to %d colluding", privacy.colluders()) : "";
    row("Whoever sees the models", epsilon(privacy.rows().outsider()));
    row("Other members of a round" + pooled, epsilon(privacy.rows().cohort()));
    row(
        "The coordinator",
        privacy.boundsCoordinator()
            ? epsilon(privacy.rows().coordinator())
            : "none: it sees " + privacy.coordinatorSees());
    row("Budget", number(privacy.budget()));
    row("Unit", privacy.unit() + ", neighbours by " + privacy.relation());
    row(
        "Noise",
        Html.format(
            "%s, multiplier %.3f, clip norm %s%s",
            privacy.mechanism(),
            privacy.noiseMultiplier(),
            number(privacy.clipNorm()),
            charts.clipNorm().isEmpty() ? "" : " at first, then as drawn above"));
    row(
        privacy.sampled() ? "Sampling" : "Schedule",
        privacy.sampled()
            ? Html.format(
                "every round asks %d of %s clients, each choice equally likely; amplification is"
                    + " claimed against whoever sees the models and no more",
                run.cohort(), Html.count(run.population()))
            : privacy.participations() > 0
                ? Html.format(
                    "every client at most %d times, at least %d rounds apart; no amplification is"
                        + " claimed",
                    privacy.participations(), privacy.separation())
                : "every round may ask everybody");
    row("Sum", run.sum());
    page.append("</tbody></table></div>\n</div>\n");
  }

  private void participants() {
    page.append("<h2>Who took part</h2>\n");
    run.statistics()
        .ifPresent(
            learned ->
                add(
                    "<p class=\"note\">Before the first round clients learned what they standardise"
                        + " with: %s. The round released nothing but that sum.</p>\n",
                    Html.escape(learned.words())));
    page.append("<div class=\"pair\">\n").append(charts.clients());
    page.append(
        "<div class=\"card\"><table>\n<caption>Clients lost, all rounds</caption>\n<tbody>\n");
    if (run.dropoutsByReason().isEmpty()) {
      row("nobody", "0");
    }
    run.dropoutsByReason().forEach((reason, count) -> row(reason, Html.count(count)));
    if (run.late() > 0) {
      row("left after the input was in: still counted", Html.count(run.late()));
    }
    page.append("</tbody></table></div>\n").append(new Timelines(run).losses());
    page.append("</div>\n");
  }

  private void faults() {
    FaultTimeline faults = run.faults();
    if (faults.count() == 0) {
      return;
    }
    int most = Math.min(MOST_MOMENTS, faults.moments().size());
    add(
        "<h2>What was made to go wrong</h2>\n<p class=\"note\">%s faults of the simulation came"
            + " true: %s. A client that falls silent is counted once for its round. %s</p>\n",
        Html.count(faults.count()),
        faults.counts().keySet().stream()
            .map(kind -> Html.format("%s %s", Html.count(faults.count(kind)), kind))
            .collect(Collectors.joining(", ")),
        faults.count() <= most
            ? "Each of them is in faults.csv too."
            : Html.format(
                "The table has the first %d of them, faults.csv the first %s, and rounds.csv the"
                    + " number of each kind in every round.",
                most, Html.count(faults.moments().size())));
    Timelines timelines = new Timelines(run);
    page.append("<div class=\"pair\">\n").append(timelines.faults()).append(timelines.worst());
    page.append(
        """
        </div>
        <div class="card rounds" tabindex="0" role="region" aria-label="Faults"><table>
        <thead><tr><th>round</th><th class="n">second of it</th><th class="n">client</th><th>fault</th><th>at</th><th class="n">lasts, s</th></tr></thead>
        <tbody>
        """);
    for (FaultTimeline.Moment moment : faults.moments().subList(0, most)) {
      add(
          "<tr><td>%d</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td>%s</td><td>%s</td><td"
              + " class=\"n\">%s</td></tr>\n",
          moment.round(),
          moment.inRound().map(value -> Html.format("%.2f", value)).orElse(""),
          moment.client() < 0 ? "" : Integer.toString(moment.client()),
          Html.escape(moment.kind()),
          Html.escape(moment.at()),
          moment.lasts() == 0 ? "" : number(moment.lasts()));
    }
    page.append("</tbody></table></div>\n");
  }

  private void partition(PartitionMix mix) {
    PartitionPicture picture = new PartitionPicture(mix);
    add(
        "<h2>Who holds what</h2>\n<p class=\"note\">%s</p>\n<div class=\"pair\">\n%s</div>\n",
        Html.escape(picture.words()), picture.figure() + Distributions.sizes(mix));
  }

  private void cost() {
    add(
        "<h2>What it cost</h2>\n<p class=\"note\">Seconds are %s. Bytes are those of all clients of"
            + " a round together, on average.</p>\n",
        run.live()
            ? "wall-clock time of this run, over loopback HTTPS"
            : "virtual: the protocol's own time in a simulated network, the same on every machine");
    Map<String, Double> seconds = run.secondsByPhase();
    page.append(
        """
        <div class="pair">
        <div class="card scroll"><table>
        <thead><tr><th>phase</th><th class="n">seconds a round</th><th class="n">clients send</th><th class="n">coordinator sends</th></tr></thead>
        <tbody>
        """);
    int rounds = Math.max(1, run.rounds().size());
    seconds.forEach(
        (name, total) ->
            add(
                "<tr><td>%s</td><td class=\"n\">%.2f</td><td class=\"n\">%s</td><td"
                    + " class=\"n\">%s</td></tr>\n",
                Html.escape(name),
                total / rounds,
                Html.bytes(bytes(name, true) / rounds),
                Html.bytes(bytes(name, false) / rounds)));
    page.append("</tbody></table></div>\n").append(new Timelines(run).phases());
    page.append("</div>\n");
  }

  private double bytes(String phaseName, boolean up) {
    return run.rounds().stream()
        .flatMap(round -> round.phases().stream())
        .filter(phase -> phase.name().equals(phaseName))
        .mapToDouble(phase -> up ? phase.bytesUp() : phase.bytesDown())
        .sum();
  }

  private void rounds() {
    boolean classes = run.accuracy().isPresent();
    List<String> measures = run.measureNames();
    StringJoiner head = new StringJoiner("</th><th class=\"n\">", "<th>", "</th>");
    List.of("round", "in", "lost", "epsilon").forEach(head::add);
    if (classes) {
      head.add("accuracy");
    }
    head.add("loss");
    measures.forEach(head::add);
    head.add("seconds").add("outcome");
    add(
        """
        <h2>Round by round</h2>
        <div class="card rounds" tabindex="0" role="region" aria-label="Rounds"><table>
        <thead><tr>%s</tr></thead>
        <tbody>
        """,
        head);
    for (RoundLine round : run.rounds()) {
      StringJoiner line = new StringJoiner("</td><td class=\"n\">", "<tr><td>", "</td></tr>\n");
      line.add(Integer.toString(round.number()))
          .add(Integer.toString(round.survivors()))
          .add(Integer.toString(round.lost()))
          .add(round.releasedEpsilon().map(value -> Html.format("%.3f", value)).orElse(""));
      if (classes) {
        line.add(round.accuracy().map(Html::percent).orElse(""));
      }
      line.add(round.loss().map(Html::figure).orElse(""));
      measures.forEach(
          name ->
              line.add(
                  Optional.ofNullable(round.measures().get(name)).map(Html::figure).orElse("")));
      line.add(Html.format("%.2f", round.seconds())).add(Html.escape(round.outcome()));
      page.append(line);
    }
    page.append("</tbody></table></div>\n");
  }

  private void notCovered() {
    page.append("<h2>What is not covered</h2>\n<ul>\n");
    NotCovered.lines(run).forEach(line -> add("<li>%s</li>\n", Html.escape(line)));
    page.append("</ul>\n");
  }

  private void job() {
    add(
        "<h2>The job</h2>\n<p class=\"note\">Seed %d, %s engine. The model's SHA-256 is"
            + " <code>%s</code>.</p>\n<div class=\"card\"><pre>%s</pre></div>\n",
        run.seed(),
        Html.escape(run.engine()),
        Html.escape(run.modelSha256()),
        Html.escape(run.jobText().strip()));
  }

  private void foot() {
    page.append(
        "<footer>Written by Tributary. The figures of this page stand in rounds.csv beside it, the"
            + " curves in the folders curves and tensorboard.</footer>\n</main>\n</body>\n</html>\n");
  }

  private void row(String name, String value) {
    add("<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", Html.escape(name), Html.escape(value));
  }

  private double seconds() {
    return run.rounds().stream().mapToDouble(RoundLine::seconds).sum();
  }

  private static String epsilon(OptionalDouble value) {
    return value.isPresent() ? Html.format("%.2f", value.getAsDouble()) : "nothing was released";
  }

  /** A number without needless zeros. */
  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e9
        ? Html.format("%.0f", value)
        : Double.toString(value);
  }

  /** A delta as powers of ten are written in jobs. */
  static String delta(double value) {
    return Html.format("%.0e", value).replace("e-0", "e-");
  }

  static String css() {
    try (InputStream in =
        Objects.requireNonNull(HtmlReport.class.getResourceAsStream("report.css"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(String pattern, Object... values) {
    page.append(Html.format(pattern, values));
  }
}
