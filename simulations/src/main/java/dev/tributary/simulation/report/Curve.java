package dev.tributary.simulation.report;

import static dev.tributary.simulation.report.Plot.BOTTOM;
import static dev.tributary.simulation.report.Plot.HEIGHT;
import static dev.tributary.simulation.report.Plot.INK;
import static dev.tributary.simulation.report.Plot.LEFT;
import static dev.tributary.simulation.report.Plot.RIGHT;
import static dev.tributary.simulation.report.Plot.TOP;

import java.util.List;

/**
 * Numbers over the rounds of one or more runs, drawn as SVG for a page, as SVG of its own and as
 * PNG.
 *
 * @param name what is drawn, also the name of its files: small letters and underscores
 * @param yLabel unit or quantity of the y axis
 * @param fromZero whether the y axis begins at 0
 */
record Curve(String name, String title, String yLabel, boolean fromZero, List<Line> lines) {
  /** Class names of the page's CSS, and the same colours for PNG. */
  static final List<String> STYLES = List.of("one", "two", "three", "four", "five", "six");

  private static final int[] COLOURS = {0x1f6feb, 0xd9730d, 0x12805c, 0x8250df, 0xbf3989, 0x57606a};

  /** One run's numbers. */
  record Line(String name, List<Chart.Point> points) {}

  Curve {
    lines = List.copyOf(lines);
  }

  boolean isEmpty() {
    return lines.stream().allMatch(line -> line.points().isEmpty());
  }

  private int rounds() {
    return (int)
        lines.stream()
            .flatMap(line -> line.points().stream())
            .mapToDouble(Chart.Point::x)
            .max()
            .orElse(1);
  }

  /** A figure for a page. */
  String figure() {
    List<Chart.Series> series = new java.util.ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      series.add(new Chart.Series(line.name(), STYLES.get(i % STYLES.size()), line.points()));
    }
    return Chart.lines(title, yLabel, rounds(), fromZero, series, java.util.Optional.empty());
  }

  /** A file of its own, with its colours. */
  String svg() {
    StringBuilder style = new StringBuilder();
    for (int i = 0; i < STYLES.size(); i++) {
      style.append(
          Html.format(
              ".line.%1$s{stroke:#%2$06x}.dot.%1$s{fill:#%2$06x}", STYLES.get(i), COLOURS[i]));
    }
    String figure = figure();
    String drawing =
        figure.substring(figure.indexOf("<svg "), figure.indexOf("</svg>") + "</svg>".length());
    return drawing.replaceFirst(
        "<svg ([^>]*)>",
        "<svg $1 xmlns=\"http://www.w3.org/2000/svg\" width=\"920\" height=\"500\""
            + " font-family=\"sans-serif\"><style>"
            + ".line{fill:none;stroke-width:2}.grid{stroke:#e8ecf1}.tick{fill:#56616f;font-size:12px}"
            + ".end{text-anchor:end}.mid{text-anchor:middle}"
            + ".hover rect{fill:none;pointer-events:all}.hover line,.hover text{display:none}"
            + style
            + "</style><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
  }

  /** The same as PNG; names stand above the drawing, in small letters. */
  byte[] png() {
    double low = fromZero ? 0 : Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Line line : lines) {
      for (Chart.Point point : line.points()) {
        low = Math.min(low, point.y());
        high = Math.max(high, point.y());
      }
    }
    Scale x = Scale.rounds(rounds(), LEFT, RIGHT, 8);
    Scale y = Scale.over(low, high, BOTTOM, TOP, 6);
    Png png = Plot.of(x, y);
    png.text(yLabel, 14, 14, INK);
    png.text("round", (LEFT + RIGHT) / 2 - 30, HEIGHT - 28, INK);
    int at = LEFT + 120;
    for (int i = 0; i < lines.size(); i++) {
      int colour = COLOURS[i % COLOURS.length];
      String name = lines.get(i).name().toLowerCase(java.util.Locale.ROOT);
      if (lines.size() > 1 && at + Png.width(name) < RIGHT) {
        png.text(name, at, 14, colour);
        at += Png.width(name) + 24;
      }
      List<Chart.Point> points = lines.get(i).points();
      for (int k = 1; k < points.size(); k++) {
        Chart.Point from = points.get(k - 1);
        Chart.Point to = points.get(k);
        png.line(x.at(from.x()), y.at(from.y()), x.at(to.x()), y.at(to.y()), colour);
      }
    }
    return png.bytes();
  }
}
