package dev.tributary.privacy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Charges per task and event, kept up to date as rounds come and go. Rounds compose as the highest
 * number of participations that any of them declared: that is how often any one unit was in them.
 * Spendings add up. A question costs as much as there are different events, however many rounds
 * there were.
 */
final class Composition {
  private record Share(String task, PrivacyEvent event) {}

  /** How many rounds declared each number of participations. */
  private final Map<Share, TreeMap<Integer, Integer>> declared = new HashMap<>();

  private final Map<Share, Integer> spent = new HashMap<>();

  void declare(String task, PrivacyEvent event, int participations) {
    declared
        .computeIfAbsent(new Share(task, event), share -> new TreeMap<>())
        .merge(participations, 1, Integer::sum);
  }

  /** Takes back one declaration. */
  void retract(String task, PrivacyEvent event, int participations) {
    Share share = new Share(task, event);
    TreeMap<Integer, Integer> rounds = declared.get(share);
    if (rounds == null || !rounds.containsKey(participations)) {
      throw new IllegalStateException("nothing like it was declared for " + task);
    }
    rounds.computeIfPresent(participations, (key, count) -> count == 1 ? null : count - 1);
    if (rounds.isEmpty()) {
      declared.remove(share);
    }
  }

  void spend(String task, PrivacyEvent event) {
    spent.merge(new Share(task, event), 1, Math::addExact);
  }

  /** Takes back one spending. */
  void unspend(String task, PrivacyEvent event) {
    spent.computeIfPresent(new Share(task, event), (key, count) -> count == 1 ? null : count - 1);
  }

  /**
   * One charge for each event, in the order of their canonical texts, whatever the order of the
   * rounds.
   */
  List<Charge> charges() {
    return charges("", false);
  }

  /** Those of one task. */
  List<Charge> charges(String task) {
    return charges(task, true);
  }

  private List<Charge> charges(String task, boolean alone) {
    SortedMap<String, Charge> charges = new TreeMap<>();
    declared.forEach(
        (share, rounds) -> {
          if (!alone || share.task().equals(task)) {
            add(charges, share.event(), share.event().charged(rounds.lastKey()));
          }
        });
    spent.forEach(
        (share, count) -> {
          if (!alone || share.task().equals(task)) {
            add(charges, share.event(), share.event().charged(count));
          }
        });
    return List.copyOf(charges.values());
  }

  private static void add(SortedMap<String, Charge> charges, PrivacyEvent event, int count) {
    charges.merge(
        event.canonical(),
        new Charge(event, count),
        (a, b) -> new Charge(event, Math.addExact(a.count(), b.count())));
  }
}
