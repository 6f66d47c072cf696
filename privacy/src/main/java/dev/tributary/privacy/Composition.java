package dev.tributary.privacy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

  List<Charge> charges() {
    List<Charge> charges = new ArrayList<>();
    declared.forEach((share, count) -> charges.add(new Charge(share.event(), count)));
    spent.forEach((share, count) -> charges.add(new Charge(share.event(), count)));
    return charges;
  }
}
