package dev.tributary.simulation.report;

import dev.tributary.coordinator.round.ClientAccuracy;
import dev.tributary.nn.metric.Metric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The drawings of a run's page, each as SVG; empty where there is nothing to draw. */
final class RunCharts {
  private final RunRecord run;

  RunCharts(RunRecord run) {
    this.run = run;
  }

  String accuracy() {
    List<Chart.Point> points =
        points(
            round -> round.accuracy().map(value -> 100 * value),
            percent -> Html.format("%.1f %%", percent));
    return learning("Accuracy, per cent", "per cent", "one", points);
  }

  String loss() {
    List<Chart.Point> points = points(RoundLine::loss, value -> Html.format("%.4f", value));
    return learning("Mean loss", "loss", "three", points);
  }

  /** The further metrics, each by itself. */
  String measures() {
    return measureCurves().map(Curve::figure).collect(Collectors.joining());
  }

  private Stream<Curve> measureCurves() {
    return run.measureNames().stream()
        .map(
            name ->
                curve(
                    name,
                    name,
                    name,
                    false,
                    round -> Optional.ofNullable(round.measures().get(name))));
  }

  /** How the model that each round began with does at its clients, where they evaluated it. */
  String clientAccuracy() {
    Curve curve = clients(100);
    return curve.isEmpty() ? "" : curve.figure();
  }

  private Curve clients(double scale) {
    return new Curve(
        "client_accuracy",
        "Accuracy at clients as the round began" + (scale == 1 ? "" : ", per cent"),
        scale == 1 ? "accuracy" : "per cent",
        false,
        List.of(
            clients("mean", scale, ClientAccuracy::mean),
            clients("worst tenth", scale, ClientAccuracy::worstDecile),
            clients("median", scale, accuracy -> accuracy.percentile(50)),
            clients("90th percentile", scale, accuracy -> accuracy.percentile(90))));
  }

  private Curve.Line clients(String name, double scale, Function<ClientAccuracy, Double> value) {
    return new Curve.Line(
        name,
        points(
            round -> round.clientAccuracy().map(value).map(y -> scale * y),
            y -> Html.format("%s %.4g", name, y)));
  }

  /** The clip norm of each round, where it follows the updates' norms. */
  String clipNorm() {
    List<Chart.Point> points =
        points(RoundLine::clipNorm, value -> Html.format("clip norm %.4g", value));
    return learning("Clip norm of the updates", "clip norm", "two", points);
  }

  /** Every name that a curve of a run may have: what an earlier run left in a folder. */
  static List<String> names() {
    return Stream.concat(
            Stream.of("accuracy", "loss", "client_accuracy", "epsilon", "survivors"),
            Arrays.stream(Metric.values()).map(Metric::key))
        .distinct()
        .toList();
  }

  /** The curves of the run, for files of their own; without those that have no points. */
  List<Curve> curves() {
    List<Curve> curves = new ArrayList<>();
    curves.add(curve("accuracy", "Accuracy", "accuracy", false, RoundLine::accuracy));
    curves.add(curve("loss", "Mean loss", "loss", false, RoundLine::loss));
    measureCurves().forEach(curves::add);
    curves.add(clients(1));
    curves.add(curve("epsilon", "Epsilon spent", "epsilon", true, RoundLine::releasedEpsilon));
    curves.add(
        curve(
            "survivors",
            "Clients in the sum",
            "clients",
            true,
            round -> Optional.of((double) round.survivors())));
    return curves.stream().filter(curve -> !curve.isEmpty()).toList();
  }

  private Curve curve(
      String name,
      String title,
      String label,
      boolean fromZero,
      Function<RoundLine, Optional<Double>> value) {
    List<Chart.Point> points = points(value, y -> Html.format("%s %.4g", label, y));
    return new Curve(name, title, label, fromZero, List.of(new Curve.Line(run.name(), points)));
  }

  private String learning(String title, String label, String style, List<Chart.Point> points) {
    return points.isEmpty()
        ? ""
        : Chart.lines(
            title,
            label,
            run.plannedRounds(),
            false,
            List.of(new Chart.Series(title, style, points)),
            Optional.empty());
  }

  /** Epsilon against its budget; the coordinator's apart where it is another. */
  String epsilon(RunRecord.Privacy privacy) {
    Function<Double, String> tip = value -> Html.format("epsilon %.3f", value);
    List<Chart.Point> released = points(RoundLine::releasedEpsilon, tip);
    List<Chart.Point> coordinator = points(RoundLine::coordinatorEpsilon, tip);
    List<Chart.Series> series = new ArrayList<>();
    series.add(new Chart.Series("released models", "one", released));
    if (!coordinator.isEmpty() && !coordinator.equals(released)) {
      series.add(new Chart.Series("coordinator's view", "two", coordinator));
    }
    return Chart.lines(
        "Epsilon spent",
        "epsilon",
        run.plannedRounds(),
        true,
        series,
        Optional.of(
            new Chart.Mark(privacy.budget(), "budget " + HtmlReport.number(privacy.budget()))));
  }

  private List<Chart.Point> points(
      Function<RoundLine, Optional<Double>> value, Function<Double, String> words) {
    List<Chart.Point> points = new ArrayList<>();
    for (RoundLine round : run.rounds()) {
      value
          .apply(round)
          .ifPresent(
              y ->
                  points.add(
                      new Chart.Point(
                          round.number(),
                          y,
                          Html.format("round %d: %s", round.number(), words.apply(y)))));
    }
    return points;
  }

  /** The members of each round: in the sum, lost after it, not in it. */
  String clients() {
    List<Chart.Point> in = new ArrayList<>();
    List<Chart.Point> late = new ArrayList<>();
    List<Chart.Point> out = new ArrayList<>();
    for (RoundLine round : run.rounds()) {
      int notIn = round.lost();
      int lateLoss = Math.min(round.late(), round.survivors());
      String tip =
          Html.format(
              "round %d: %d in the sum, %d of them lost after it, %d not in it",
              round.number(), round.survivors(), lateLoss, notIn);
      in.add(new Chart.Point(round.number(), round.survivors() - lateLoss, tip));
      late.add(new Chart.Point(round.number(), lateLoss, tip));
      out.add(new Chart.Point(round.number(), notIn, tip));
    }
    return Chart.bars(
        "Clients of each round",
        "clients",
        run.plannedRounds(),
        run.cohort(),
        List.of(
            new Chart.Series("in the sum to the end", "one", in),
            new Chart.Series("in the sum, lost after it", "three", late),
            new Chart.Series("not in the sum", "two", out)),
        Optional.of(new Chart.Mark(run.minimum(), "needed: " + run.minimum())));
  }
}
