package dev.tributary.simulation.report;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The faults of a simulation that came true: every one counted, the first of them one by one, so
 * that thousands make no page of megabytes.
 *
 * @param counts how many, by kind and round
 * @param moments the first {@value #MOST}, in the order of time
 * @param worst all of the round that had the most, in the order of time
 */
public record FaultTimeline(
    SortedMap<String, SortedMap<Integer, Integer>> counts,
    List<Moment> moments,
    List<Moment> worst) {
  /** As many as are told one by one. */
  public static final int MOST = 1000;

  /** For a run in which nothing went wrong on purpose, or nobody wrote it down. */
  public static final FaultTimeline NONE = of(List.of());

  /**
   * One fault.
   *
   * @param seconds since the beginning of the run
   * @param inRound seconds since the round began; absent where it never ended
   * @param client whose it was, from 0; -1 where it was nobody's
   * @param at the message that it happened to; empty where it was none
   * @param kind the word of the job file
   * @param lasts seconds that a delay, a slower training or a second coming takes; else 0
   */
  public record Moment(
      double seconds,
      int round,
      Optional<Double> inRound,
      int client,
      String at,
      String kind,
      double lasts) {}

  /** Of all that came true, in the order of time. */
  public static FaultTimeline of(List<Moment> all) {
    SortedMap<String, SortedMap<Integer, Integer>> counts = new TreeMap<>();
    Map<Integer, Integer> byRound = new TreeMap<>();
    for (Moment moment : all) {
      counts
          .computeIfAbsent(moment.kind(), kind -> new TreeMap<>())
          .merge(moment.round(), 1, Integer::sum);
      byRound.merge(moment.round(), 1, Integer::sum);
    }
    int worst =
        byRound.entrySet().stream()
            .max(
                Map.Entry.<Integer, Integer>comparingByValue()
                    .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
            .map(Map.Entry::getKey)
            .orElse(0);
    return new FaultTimeline(
        counts,
        List.copyOf(all.subList(0, Math.min(MOST, all.size()))),
        all.stream().filter(moment -> moment.round() == worst).toList());
  }

  /** All of a kind. */
  public int count(String kind) {
    return counts.getOrDefault(kind, new TreeMap<>()).values().stream()
        .mapToInt(Integer::intValue)
        .sum();
  }

  /** Those of a kind in a round. */
  int count(String kind, int round) {
    return counts.getOrDefault(kind, new TreeMap<>()).getOrDefault(round, 0);
  }

  /** All of them. */
  public int count() {
    return counts.keySet().stream().mapToInt(this::count).sum();
  }

  /** The first of them as a table. */
  String csv() {
    StringBuilder csv = new StringBuilder("seconds,round,seconds_in_round,client,kind,at,lasts\n");
    for (Moment moment : moments) {
      csv.append(
          Html.format(
              "%.6f,%d,%s,%s,%s,%s,%s\n",
              moment.seconds(),
              moment.round(),
              moment.inRound().map(value -> Html.format("%.6f", value)).orElse(""),
              moment.client() < 0 ? "" : Integer.toString(moment.client()),
              moment.kind(),
              moment.at(),
              HtmlReport.number(moment.lasts())));
    }
    return csv.toString();
  }
}
