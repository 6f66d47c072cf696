package dev.tributary.privacy.correlated;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The most that a schedule lets one client put into the nodes of a binary tree: the largest sum
 * over complete nodes of the squared number of its participations under the node. Exact.
 *
 * <p>The search goes through the nodes from left to right. Under a node it matters only from which
 * round on the client may come, so that a partial pattern is a number of participations, its value,
 * and the round from which the next may follow; of two with equal numbers, one that is worth no
 * more and ends no earlier is dropped. A node no longer than the separation holds at most one
 * participation, and then the earliest is the best. Nodes of one size are alike, so that each is
 * gone through once for every round in it from which the client may come.
 */
final class TreeSensitivity {
  /** Partial patterns that are looked at, at most. */
  private static final int MOST_WORK = 20_000_000;

  /**
   * @param count participations so far
   * @param next earliest round of the next
   */
  private record Pattern(int count, long value, int next) {}

  /** A node over rounds [0, size) that may be entered at {@code earliest}: all others are alike. */
  private record Node(int size, int earliest) {
    Node {
      earliest = Math.max(earliest, 0);
    }
  }

  private final Schedule schedule;
  private final Map<Node, List<Pattern>> known = new HashMap<>();
  private int work;

  private TreeSensitivity(Schedule schedule) {
    this.schedule = schedule;
  }

  /**
   * @throws IntractableScheduleException if the schedule has too many patterns to go through
   */
  static long squared(Schedule schedule) {
    return new TreeSensitivity(schedule).most();
  }

  private long most() {
    List<Pattern> patterns = List.of(new Pattern(0, 0, 0));
    int from = 0;
    for (int size = Integer.highestOneBit(schedule.rounds()); size > 0; size >>= 1) {
      if ((schedule.rounds() & size) != 0) {
        List<Pattern> longer = new ArrayList<>();
        for (Pattern left : patterns) {
          for (Pattern right : under(new Node(size, left.next() - from))) {
            add(longer, left, right, from, 0);
          }
        }
        patterns = best(longer);
        from += size;
      }
    }
    return patterns.stream().mapToLong(Pattern::value).max().orElseThrow();
  }

  private List<Pattern> under(Node node) {
    if (node.earliest() >= node.size()
        || node.size() <= schedule.separation()
        || schedule.participations() == 1) {
      return atMostOne(node);
    }
    List<Pattern> found = known.get(node);
    if (found == null) {
      found = split(node);
      known.put(node, found);
    }
    return found;
  }

  private List<Pattern> atMostOne(Node node) {
    Pattern none = new Pattern(0, 0, node.earliest());
    if (node.earliest() >= node.size()) {
      return List.of(none);
    }
    int levels = Integer.SIZE - Integer.numberOfLeadingZeros(node.size());
    return List.of(none, new Pattern(1, levels, node.earliest() + schedule.separation()));
  }

  private List<Pattern> split(Node node) {
    int half = node.size() / 2;
    List<Pattern> patterns = new ArrayList<>();
    for (Pattern left : under(new Node(half, node.earliest()))) {
      for (Pattern right : under(new Node(half, left.next() - half))) {
        long count = (long) left.count() + right.count();
        add(patterns, left, right, half, count * count);
      }
    }
    return best(patterns);
  }

  /**
   * @param from round of the left one's node at which that of the right one begins
   * @param node what a node over both is worth
   */
  private void add(List<Pattern> to, Pattern left, Pattern right, int from, long node) {
    if (++work > MOST_WORK) {
      throw new IntractableScheduleException(
          "too many patterns in "
              + schedule
              + " to find the sensitivity of a tree. Raise the separation or use a Toeplitz strategy");
    }
    int count = left.count() + right.count();
    if (count <= schedule.participations()) {
      to.add(new Pattern(count, left.value() + right.value() + node, from + right.next()));
    }
  }

  /** Those that no other one beats. */
  private static List<Pattern> best(List<Pattern> patterns) {
    patterns.sort(
        Comparator.comparingInt(Pattern::count)
            .thenComparingInt(Pattern::next)
            .thenComparing(Comparator.comparingLong(Pattern::value).reversed()));
    List<Pattern> kept = new ArrayList<>();
    for (Pattern pattern : patterns) {
      Pattern last = kept.isEmpty() ? null : kept.get(kept.size() - 1);
      if (last == null || last.count() != pattern.count() || last.value() < pattern.value()) {
        kept.add(pattern);
      }
    }
    return kept;
  }
}
