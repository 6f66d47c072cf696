package dev.tributary.simulation.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * One drawing over the rounds: lines, or bars stacked on each other. It is inline SVG that takes
 * the width it is given; colours come from the page's CSS classes.
 */
final class Chart {
  /** A point; x is a round. */
  record Point(double x, double y, String tip) {}

  /** A line or a layer of bars with its CSS class and its name in the legend. */
  record Series(String name, String style, List<Point> points) {}

  /** A horizontal line with a label. */
  record Mark(double y, String label) {}

  private static final int WIDTH = 460;
  private static final int HEIGHT = 250;

  /** Room for the labels of ticks, on a phone too. */
  static final int LEFT = 64;

  static final int RIGHT = WIDTH - 28;
  private static final int TOP = 16;
  private static final int BOTTOM = HEIGHT - 40;

  /** A page of longer runs would grow too large. */
  private static final int MOST_STRIPS = 400;

  /** A page of longer runs would grow with them. */
  private static final int MOST_POINTS = 2000;

  private final String title;
  private final String yLabel;
  private final List<Series> series;
  private final Optional<Mark> mark;
  private final Scale x;
  private final Scale y;
  private final StringBuilder svg = new StringBuilder();

  private Chart(
      String title, String yLabel, List<Series> series, Optional<Mark> mark, Scale x, Scale y) {
    this.title = title;
    this.yLabel = yLabel;
    this.series = series;
    this.mark = mark;
    this.x = x;
    this.y = y;
  }

  /** Lines from round 0 to {@code rounds}. */
  static String lines(
      String title,
      String yLabel,
      int rounds,
      boolean fromZero,
      List<Series> series,
      Optional<Mark> mark) {
    double low = fromZero ? 0 : Double.POSITIVE_INFINITY;
    double high = mark.map(Mark::y).orElse(Double.NEGATIVE_INFINITY);
    for (Series one : series) {
      for (Point point : one.points()) {
        low = Math.min(low, point.y());
        high = Math.max(high, point.y());
      }
    }
    Chart chart =
        new Chart(
            title,
            yLabel,
            series,
            mark,
            Scale.rounds(rounds, LEFT, RIGHT, 5),
            Scale.over(low, high, BOTTOM, TOP, 5));
    chart.open();
    series.forEach(chart::line);
    chart.readOut();
    return chart.close();
  }

  /** Bars, one for each round, the first series at the bottom. */
  static String bars(
      String title,
      String yLabel,
      int rounds,
      double top,
      List<Series> series,
      Optional<Mark> mark) {
    Chart chart =
        new Chart(
            title,
            yLabel,
            series,
            mark,
            Scale.rounds(rounds, LEFT, RIGHT, 5),
            Scale.over(0, top, BOTTOM, TOP, 5));
    chart.open();
    chart.stack();
    return chart.close();
  }

  private void open() {
    add("<figure><figcaption>%s</figcaption>", Html.escape(title));
    add(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
        WIDTH, HEIGHT, Html.escape(title + ", " + yLabel + " by round"));
    for (double tick : y.ticks()) {
      add(
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
          LEFT, RIGHT, y.at(tick), y.at(tick));
      add(
          "<text class=\"tick end\" x=\"%d\" y=\"%.1f\">%s</text>",
          LEFT - 7, y.at(tick) + 4, y.label(tick));
    }
    for (double tick : x.ticks()) {
      add(
          "<text class=\"tick mid\" x=\"%.1f\" y=\"%d\">%s</text>",
          x.at(tick), BOTTOM + 18, x.label(tick));
    }
    add("<text class=\"tick mid\" x=\"%d\" y=\"%d\">round</text>", (LEFT + RIGHT) / 2, HEIGHT - 6);
  }

  private void line(Series one) {
    StringJoiner path = new StringJoiner(" L", "M", "");
    List<Point> points = shown(one.points());
    for (Point point : points) {
      path.add(Html.format("%.1f %.1f", x.at(point.x()), y.at(point.y())));
    }
    if (points.size() > 1) {
      add("<path class=\"line %s\" d=\"%s\"/>", one.style(), path);
    }
    double radius = points.size() > 40 ? 1.6 : 3;
    for (Point point : points) {
      add(
          "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>%s</title></circle>",
          one.style(), x.at(point.x()), y.at(point.y()), radius, Html.escape(point.tip()));
    }
  }

  /**
   * Of very many points those that make the drawing: the first, the lowest, the highest and the
   * last at each place of the page.
   */
  private List<Point> shown(List<Point> points) {
    if (points.size() <= MOST_POINTS) {
      return points;
    }
    Map<Long, List<Point>> places = new TreeMap<>();
    for (Point point : points) {
      places.computeIfAbsent(Math.round(x.at(point.x())), place -> new ArrayList<>()).add(point);
    }
    List<Point> shown = new ArrayList<>();
    for (List<Point> place : places.values()) {
      Set<Point> kept = new HashSet<>();
      kept.add(place.get(0));
      kept.add(Collections.min(place, Comparator.comparingDouble(Point::y)));
      kept.add(Collections.max(place, Comparator.comparingDouble(Point::y)));
      kept.add(place.get(place.size() - 1));
      place.stream().filter(kept::remove).forEach(shown::add);
    }
    return shown;
  }

  /**
   * A strip for each round with numbers, which shows a line and the numbers while a pointer is over
   * it: by CSS, since the page has no script.
   */
  private void readOut() {
    TreeMap<Double, List<String>> tips = new TreeMap<>();
    for (Series one : series) {
      for (Point point : one.points()) {
        tips.computeIfAbsent(point.x(), round -> new ArrayList<>()).add(point.tip());
      }
    }
    if (tips.size() > MOST_STRIPS) {
      return; // the tips of the dots remain
    }
    List<Double> rounds = List.copyOf(tips.keySet());
    for (int i = 0; i < rounds.size(); i++) {
      double at = x.at(rounds.get(i));
      double from = i == 0 ? LEFT : (x.at(rounds.get(i - 1)) + at) / 2;
      double to = i == rounds.size() - 1 ? RIGHT : (at + x.at(rounds.get(i + 1))) / 2;
      add(
          "<g class=\"hover\"><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/><line x1=\"%.1f\""
              + " x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
          from, TOP, Math.max(0, to - from), BOTTOM - TOP, at, at, TOP, BOTTOM);
      int line = TOP + 12;
      for (String tip : tips.getOrDefault(rounds.get(i), List.of())) {
        boolean left = at < (LEFT + RIGHT) / 2.0;
        add(
            "<text class=\"%s\" x=\"%.1f\" y=\"%d\">%s</text>",
            left ? "tip" : "tip end", left ? at + 6 : at - 6, line, Html.escape(tip));
        line += 15;
      }
      svg.append("</g>");
    }
  }

  private void stack() {
    int rounds = series.isEmpty() ? 0 : series.get(0).points().size();
    int together = rounds <= MOST_POINTS ? 1 : (rounds + MOST_STRIPS - 1) / MOST_STRIPS;
    double width = Math.max(0.8, 0.78 * together * (x.at(1) - x.at(0)));
    for (int i = 0; i < rounds; i += together) {
      double base = 0;
      for (Series one : series) {
        List<Point> bar = one.points().subList(i, Math.min(rounds, i + together));
        Point point = together == 1 ? bar.get(0) : mean(one.name(), bar);
        double upper = y.at(base + point.y());
        add(
            "<rect class=\"bar %s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"><title>%s</title></rect>",
            one.style(),
            x.at(point.x() - 0.5) - width / 2,
            upper,
            width,
            Math.max(0, y.at(base) - upper),
            Html.escape(point.tip()));
        base += point.y();
      }
    }
  }

  private static Point mean(String name, List<Point> bar) {
    double first = bar.get(0).x();
    double last = bar.get(bar.size() - 1).x();
    double mean = bar.stream().mapToDouble(Point::y).average().orElseThrow();
    return new Point(
        (first + last) / 2,
        mean,
        Html.format("rounds %.0f to %.0f: on average %.1f %s", first, last, mean, name));
  }

  private String close() {
    mark.ifPresent(
        line -> {
          double at = y.at(line.y());
          add(
              "<line class=\"mark\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
              LEFT, RIGHT, at, at);
          boolean roomAbove = at - TOP > 14;
          add(
              "<text class=\"mark-label\" x=\"%d\" y=\"%.1f\">%s</text>",
              LEFT + 6, roomAbove ? at - 6 : at + 15, Html.escape(line.label()));
        });
    svg.append("</svg>");
    if (series.size() > 1) {
      svg.append("<p class=\"legend\">");
      for (Series one : series) {
        add("<span><i class=\"%s\"></i>%s</span>", one.style(), Html.escape(one.name()));
      }
      svg.append("</p>");
    }
    return svg.append("</figure>\n").toString();
  }

  private void add(String pattern, Object... values) {
    svg.append(Html.format(pattern, values));
  }
}
