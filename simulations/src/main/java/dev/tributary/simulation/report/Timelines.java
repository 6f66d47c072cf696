package dev.tributary.simulation.report;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/** What happened when: the phases of a round, and what went wrong in which round. */
final class Timelines {
  private static final int WIDTH = 460;
  private static final int LEFT = 120;
  private static final int RIGHT = WIDTH - 14;
  private static final int ROW = 22;
  private static final int TOP = 8;

  private final RunRecord run;
  private final StringBuilder svg = new StringBuilder();

  Timelines(RunRecord run) {
    this.run = run;
  }

  /** The mean of all rounds, phase after phase; empty without rounds. */
  String phases() {
    Map<String, Double> sums = run.secondsByPhase();
    double total = sums.values().stream().mapToDouble(Double::doubleValue).sum();
    if (total <= 0) {
      return "";
    }
    int rounds = Math.max(1, run.rounds().size());
    Scale x = Scale.over(0, total / rounds, LEFT, RIGHT, 5);
    int bottom = TOP + ROW * sums.size();
    open("A round, phase by phase", "seconds from the start of a round, on average", bottom + 38);
    for (double tick : x.ticks()) {
      add(
          "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/><text class=\"tick mid\""
              + " x=\"%.1f\" y=\"%d\">%s</text>",
          x.at(tick), x.at(tick), TOP, bottom, x.at(tick), bottom + 16, x.label(tick));
    }
    double from = 0;
    int line = 0;
    for (Map.Entry<String, Double> phase : sums.entrySet()) {
      double to = from + phase.getValue() / rounds;
      int y = TOP + ROW * line++;
      add(
          "<text class=\"tick end\" x=\"%d\" y=\"%d\">%s</text><rect class=\"bar one\" x=\"%.1f\" y=\"%d\""
              + " width=\"%.1f\" height=\"%d\"><title>%s: from %.2f s to %.2f s</title></rect>",
          LEFT - 8,
          y + 15,
          Html.escape(phase.getKey()),
          x.at(from),
          y + 4,
          Math.max(1, x.at(to) - x.at(from)),
          ROW - 8,
          Html.escape(phase.getKey()),
          from,
          to);
      from = to;
    }
    add(
        "<text class=\"tick mid\" x=\"%d\" y=\"%d\">seconds</text>",
        (LEFT + RIGHT) / 2, bottom + 32);
    return svg.append("</svg></figure>\n").toString();
  }

  /** A strip for each reason, a cell for each round, the darker the more; empty without faults. */
  String faults() {
    Map<String, ToIntFunction<RoundLine>> rows = new LinkedHashMap<>();
    for (String reason : new TreeMap<>(run.dropoutsByReason()).keySet()) {
      rows.put(reason, round -> round.dropouts().getOrDefault(reason, 0));
    }
    if (run.late() > 0) {
      rows.put("left after input", RoundLine::late);
    }
    if (run.abortedRounds() > 0) {
      rows.put("round lost", round -> round.completed() ? 0 : round.cohort());
    }
    if (rows.isEmpty()) {
      return "";
    }
    Scale x = Scale.over(0, Math.max(1, run.plannedRounds()), LEFT, RIGHT, 5);
    int bottom = TOP + ROW * rows.size();
    open("What went wrong, by round", "clients lost, by reason and round", bottom + 38);
    double wide = x.at(1) - x.at(0);
    int y = TOP - ROW;
    for (Map.Entry<String, ToIntFunction<RoundLine>> row : rows.entrySet()) {
      String name = row.getKey();
      y += ROW;
      add(
          "<text class=\"tick end\" x=\"%d\" y=\"%d\">%s</text><line class=\"grid\" x1=\"%d\" x2=\"%d\""
              + " y1=\"%d\" y2=\"%d\"/>",
          LEFT - 8, y + 15, Html.escape(name), LEFT, RIGHT, y + ROW, y + ROW);
      for (RoundLine round : run.rounds()) {
        int count = row.getValue().applyAsInt(round);
        if (count > 0) {
          add(
              "<rect class=\"bar two\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\""
                  + " fill-opacity=\"%.2f\"><title>round %d, %s: %d of %d clients</title></rect>",
              x.at(round.number() - 1),
              y + 3,
              Math.max(0.8, 0.9 * wide),
              ROW - 6,
              Math.min(1, 0.25 + 0.75 * count / Math.max(1.0, round.cohort() / 10.0)),
              round.number(),
              Html.escape(name),
              count,
              round.cohort());
        }
      }
    }
    for (double tick : x.ticks()) {
      add(
          "<text class=\"tick mid\" x=\"%.1f\" y=\"%d\">%s</text>",
          x.at(tick), bottom + 16, x.label(tick));
    }
    add("<text class=\"tick mid\" x=\"%d\" y=\"%d\">round</text>", (LEFT + RIGHT) / 2, bottom + 32);
    return svg.append("</svg></figure>\n").toString();
  }

  private void open(String title, String words, int height) {
    svg.setLength(0);
    add(
        "<figure><figcaption>%s</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\""
            + " aria-label=\"%s\">",
        Html.escape(title), WIDTH, height, Html.escape(title + ": " + words));
  }

  private void add(String pattern, Object... values) {
    svg.append(Html.format(pattern, values));
  }
}
