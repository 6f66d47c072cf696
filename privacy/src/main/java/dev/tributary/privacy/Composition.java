package dev.tributary.privacy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Charges per task and event. Rounds compose as the highest number of participations that any of
 * them declared: that is how often any one unit was in them. Spendings add up.
 */
final class Composition {
  private record Share(String task, PrivacyEvent event) {}

  private final Map<Share, Integer> declared = new LinkedHashMap<>();
  private final Map<Share, Integer> spent = new LinkedHashMap<>();

  void declare(String task, PrivacyEvent event, int participations) {
    declared.merge(new Share(task, event), participations, Math::max);
  }

  void spend(String task, PrivacyEvent event) {
    spent.merge(new Share(task, event), 1, Math::addExact);
  }

  /**
   * One charge for each event, in the order of their canonical texts, whatever the order of the
   * rounds.
   */
  List<Charge> charges() {
    SortedMap<String, Charge> charges = new TreeMap<>();
    declared.forEach((share, count) -> add(charges, share.event(), count));
    spent.forEach((share, count) -> add(charges, share.event(), count));
    return List.copyOf(charges.values());
  }

  private static void add(SortedMap<String, Charge> charges, PrivacyEvent event, int count) {
    charges.merge(
        event.canonical(),
        new Charge(event, count),
        (a, b) -> new Charge(event, Math.addExact(a.count(), b.count())));
  }
}
