package dev.tributary.simulation.report;

import dev.tributary.coordinator.round.ClientAccuracy;
import dev.tributary.simulation.data.PartitionMix;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How clients differ: bars over a quantity, as high as there are clients. */
final class Distributions {
  private static final int WIDTH = 460;
  private static final int HEIGHT = 230;
  private static final int LEFT = Chart.LEFT;
  private static final int RIGHT = Chart.RIGHT;
  private static final int TOP = 14;
  private static final int BOTTOM = HEIGHT - 40;
  private static final int MOST_BARS = 20;

  /** Clients from one value up to the next. */
  private record Bar(double from, double to, double clients, String tip) {}

  private Distributions() {}

  /** Clients by how accurate a round's model was at them: the histogram of the sum itself. */
  static String accuracy(RoundLine round) {
    ClientAccuracy at = round.clientAccuracy().orElseThrow();
    int last = at.counts().size() - 1;
    double half = 50.0 / last;
    List<Bar> bars =
        IntStream.rangeClosed(0, last)
            .mapToObj(
                bin -> {
                  double percent = 100.0 * bin / last;
                  double clients = at.counts().get(bin);
                  return new Bar(
                      Math.max(0, percent - half),
                      Math.min(100, percent + half),
                      clients,
                      tenths(percent) + " %: " + tenths(clients) + " clients");
                })
            .toList();
    String words =
        Html.format(
            "Mean %s, worst tenth %s, %s.",
            Html.percent(at.mean()),
            Html.percent(at.worstDecile()),
            ClientAccuracy.PERCENTILES.stream()
                .map(p -> Html.format("p%d %s", p, Html.percent(at.percentile(p))))
                .collect(Collectors.joining(", ")));
    if (at.noise() > 0) {
      words += Html.format(" The noise on each bar is %.2g clients.", at.noise());
    }
    return figure(
        Html.format("Accuracy at clients as round %d began", round.number()),
        "accuracy, per cent",
        Scale.over(0, 100, LEFT, RIGHT, 5),
        "three",
        bars,
        words);
  }

  /** Clients by their rows. */
  static String sizes(PartitionMix mix) {
    int[] sizes = mix.sizes();
    int low = sizes[0];
    int high = sizes[sizes.length - 1];
    int wide = Math.max(1, (high - low + MOST_BARS) / MOST_BARS);
    int[] counts = new int[(high - low) / wide + 1];
    for (int size : sizes) {
      counts[(size - low) / wide]++;
    }
    double room = Math.max(0, 5 - wide * counts.length) / 2.0; // rows are whole, and so are ticks
    List<Bar> bars =
        IntStream.range(0, counts.length)
            .mapToObj(
                i -> {
                  int from = low + i * wide;
                  String rows =
                      wide == 1
                          ? Html.count(from)
                          : Html.count(from) + " to " + Html.count(from + wide - 1);
                  return new Bar(
                      from - 0.5,
                      from + wide - 0.5,
                      counts[i],
                      Html.format("%s rows: %s clients", rows, Html.count(counts[i])));
                })
            .toList();
    return figure(
        "Clients by their rows",
        "rows of a client",
        Scale.over(low - 0.5 - room, low + wide * counts.length - 0.5 + room, LEFT, RIGHT, 5),
        "one",
        bars,
        "");
  }

  private static String tenths(double value) {
    return HtmlReport.number(Math.rint(10 * value) / 10);
  }

  private static String figure(
      String title, String xLabel, Scale x, String style, List<Bar> bars, String words) {
    double top = bars.stream().mapToDouble(Bar::clients).max().orElse(1);
    Scale y = Scale.over(0, Math.max(1, top), BOTTOM, TOP, 4);
    StringBuilder svg = new StringBuilder();
    svg.append(
        Html.format(
            "<figure><figcaption>%s</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\""
                + " aria-label=\"%s\">",
            Html.escape(title), WIDTH, HEIGHT, Html.escape(title + ". " + words)));
    for (double tick : y.ticks()) {
      svg.append(
          Html.format(
              "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text class=\"tick"
                  + " end\" x=\"%d\" y=\"%.1f\">%s</text>",
              LEFT, RIGHT, y.at(tick), y.at(tick), LEFT - 7, y.at(tick) + 4, y.label(tick)));
    }
    for (double tick : x.ticks()) {
      if (tick == Math.rint(tick)) {
        svg.append(
            Html.format(
                "<text class=\"tick mid\" x=\"%.1f\" y=\"%d\">%.0f</text>",
                x.at(tick), BOTTOM + 18, tick));
      }
    }
    svg.append(
        Html.format(
            "<text class=\"tick mid\" x=\"%d\" y=\"%d\">%s</text>",
            (LEFT + RIGHT) / 2, HEIGHT - 6, Html.escape(xLabel)));
    for (Bar bar : bars) {
      if (bar.clients() > 0) {
        svg.append(
            Html.format(
                "<rect class=\"bar %s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\""
                    + " height=\"%.1f\"><title>%s</title></rect>",
                style,
                x.at(bar.from()) + 0.5,
                y.at(bar.clients()),
                Math.max(0.8, x.at(bar.to()) - x.at(bar.from()) - 1),
                y.at(0) - y.at(bar.clients()),
                Html.escape(bar.tip())));
      }
    }
    svg.append("</svg>");
    if (!words.isEmpty()) {
      svg.append(Html.format("<p class=\"note\">%s</p>", Html.escape(words)));
    }
    return svg.append("</figure>\n").toString();
  }
}
