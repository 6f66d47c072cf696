package dev.tributary.simulation.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/** What happened when: the phases of a round, and what went wrong in which round. */
final class Timelines {
  private static final int WIDTH = 460;
  private static final int LEFT = 120;
  private static final int RIGHT = WIDTH - 24; // half a number of rounds has room beyond
  private static final int ROW = 22;
  private static final int TOP = 8;
  private static final int MARK = 6;

  /** A page of longer runs would grow too large. */
  private static final int MOST_CELLS = 400;

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
    grid(x, bottom);
    double from = 0;
    int line = 0;
    for (Map.Entry<String, Double> phase : sums.entrySet()) {
      double to = from + phase.getValue() / rounds;
      phase(phase.getKey(), TOP + ROW * line++, x, from, to);
      from = to;
    }
    axis("seconds", bottom);
    return svg.append("</svg></figure>\n").toString();
  }

  /** What became of clients, by reason; empty where all were in every sum. */
  String losses() {
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
    return strips("Clients lost, by round", "clients lost, by reason and round", rows);
  }

  /** The faults of a simulation by kind; empty without any. */
  String faults() {
    Map<String, ToIntFunction<RoundLine>> rows = new LinkedHashMap<>();
    for (String kind : run.faults().counts().keySet()) {
      rows.put(kind, round -> run.faults().count(kind, round.number()));
    }
    return strips("Faults, by round", "faults that came true, by kind and round", rows);
  }

  /** A strip for each row, a cell for each round, or for some of many; the darker the more. */
  private String strips(String title, String words, Map<String, ToIntFunction<RoundLine>> rows) {
    if (rows.isEmpty()) {
      return "";
    }
    Scale x = Scale.rounds(run.plannedRounds(), LEFT, RIGHT, 5);
    int bottom = TOP + ROW * rows.size();
    open(title, words, bottom + 38);
    int together = (run.plannedRounds() + MOST_CELLS - 1) / MOST_CELLS;
    double wide = together * (x.at(1) - x.at(0));
    int y = TOP - ROW;
    for (Map.Entry<String, ToIntFunction<RoundLine>> row : rows.entrySet()) {
      String name = row.getKey();
      y += ROW;
      add(
          "<text class=\"tick end\" x=\"%d\" y=\"%d\">%s</text><line class=\"grid\" x1=\"%d\" x2=\"%d\""
              + " y1=\"%d\" y2=\"%d\"/>",
          LEFT - 8, y + 15, Html.escape(name), LEFT, RIGHT, y + ROW, y + ROW);
      Map<Integer, Integer> cells = new TreeMap<>();
      for (RoundLine round : run.rounds()) {
        int count = row.getValue().applyAsInt(round);
        if (count > 0) {
          cells.merge((round.number() - 1) / together, count, Integer::sum);
        }
      }
      for (Map.Entry<Integer, Integer> cell : cells.entrySet()) {
        int from = cell.getKey() * together;
        String rounds =
            together == 1
                ? Html.format("round %d", from + 1)
                : Html.format("rounds %d to %d", from + 1, from + together);
        add(
            "<rect class=\"bar two\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\""
                + " fill-opacity=\"%.2f\"><title>%s, %s: %d</title></rect>",
            x.at(from),
            y + 3,
            Math.max(0.8, 0.9 * wide),
            ROW - 6,
            Math.min(
                1, 0.25 + 0.75 * cell.getValue() / Math.max(1.0, together * run.cohort() / 10.0)),
            rounds,
            Html.escape(name),
            cell.getValue());
      }
    }
    ticks(x, bottom);
    axis("round", bottom);
    return svg.append("</svg></figure>\n").toString();
  }

  /** The round in which most went wrong: its phases, and under them each fault at its second. */
  String worst() {
    List<FaultTimeline.Moment> moments =
        run.faults().worst().stream().filter(moment -> moment.inRound().isPresent()).toList();
    if (moments.isEmpty()) {
      return "";
    }
    int number = moments.get(0).round();
    RoundLine round =
        run.rounds().stream().filter(each -> each.number() == number).findFirst().orElseThrow();
    SortedMap<String, SortedMap<Integer, List<FaultTimeline.Moment>>> kinds = new TreeMap<>();
    double end = round.seconds();
    for (FaultTimeline.Moment moment : moments) {
      end = Math.max(end, moment.inRound().orElseThrow());
    }
    Scale x = Scale.over(0, Math.max(1e-3, end), LEFT, RIGHT, 5);
    for (FaultTimeline.Moment moment : moments) {
      int at = (int) Math.round(x.at(moment.inRound().orElseThrow()) / MARK);
      kinds
          .computeIfAbsent(moment.kind(), kind -> new TreeMap<>())
          .computeIfAbsent(at, cell -> new ArrayList<>())
          .add(moment);
    }
    int bottom = TOP + ROW * (round.phases().size() + kinds.size());
    open(
        Html.format("Round %d, second by second", number),
        "phases and faults of the round in which most went wrong",
        bottom + 38);
    grid(x, bottom);
    double from = 0;
    int y = TOP - ROW;
    for (RoundLine.Phase phase : round.phases()) {
      y += ROW;
      phase(phase.name(), y, x, from, from + phase.seconds());
      from += phase.seconds();
    }
    for (Map.Entry<String, SortedMap<Integer, List<FaultTimeline.Moment>>> kind :
        kinds.entrySet()) {
      y += ROW;
      add(
          "<text class=\"tick end\" x=\"%d\" y=\"%d\">%s</text>",
          LEFT - 8, y + 15, Html.escape(kind.getKey()));
      for (Map.Entry<Integer, List<FaultTimeline.Moment>> cell : kind.getValue().entrySet()) {
        add(
            "<circle class=\"dot two\" cx=\"%d\" cy=\"%d\" r=\"%.1f\"><title>%s</title></circle>",
            cell.getKey() * MARK,
            y + ROW / 2,
            Math.min(0.5 * ROW, 3.5 + Math.log10(cell.getValue().size()) * 2),
            Html.escape(words(kind.getKey(), cell.getValue())));
      }
    }
    axis("seconds since the round began", bottom);
    return svg.append("</svg></figure>\n").toString();
  }

  private static String words(String kind, List<FaultTimeline.Moment> moments) {
    FaultTimeline.Moment first = moments.get(0);
    double second = first.inRound().orElseThrow();
    if (moments.size() > 1) {
      return Html.format("%s: %d, from %.2f s", kind, moments.size(), second);
    }
    return Html.format("%s: %s%.2f s", kind, who(first), second);
  }

  private static String who(FaultTimeline.Moment moment) {
    return (moment.client() < 0 ? "" : Html.format("client %d, ", moment.client()))
        + (moment.at().isEmpty() ? "" : "at " + moment.at() + ", ");
  }

  private void phase(String name, int y, Scale x, double from, double to) {
    add(
        "<text class=\"tick end\" x=\"%d\" y=\"%d\">%s</text><rect class=\"bar one\" x=\"%.1f\" y=\"%d\""
            + " width=\"%.1f\" height=\"%d\"><title>%s: from %.2f s to %.2f s</title></rect>",
        LEFT - 8,
        y + 15,
        Html.escape(name),
        x.at(from),
        y + 4,
        Math.max(1, x.at(to) - x.at(from)),
        ROW - 8,
        Html.escape(name),
        from,
        to);
  }

  private void grid(Scale x, int bottom) {
    for (double tick : x.ticks()) {
      add(
          "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
          x.at(tick), x.at(tick), TOP, bottom);
    }
    ticks(x, bottom);
  }

  private void ticks(Scale x, int bottom) {
    for (double tick : x.ticks()) {
      add(
          "<text class=\"tick mid\" x=\"%.1f\" y=\"%d\">%s</text>",
          x.at(tick), bottom + 16, x.label(tick));
    }
  }

  private void axis(String words, int bottom) {
    add(
        "<text class=\"tick mid\" x=\"%d\" y=\"%d\">%s</text>",
        (LEFT + RIGHT) / 2, bottom + 32, words);
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
