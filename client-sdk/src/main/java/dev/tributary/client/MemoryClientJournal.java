package dev.tributary.client;

import dev.tributary.privacy.Charge;
import dev.tributary.privacy.PrivacyEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The journal of a simulated client: what a file would record and refuse, without the hash chain
 * that guards a file, since a simulation keeps a hundred thousand of them.
 */
final class MemoryClientJournal implements ClientJournal {
  private final List<Participation> contributions = new ArrayList<>(1);
  private final Map<String, String> signed = new HashMap<>();

  /** Steps of one job, which stand apart from equal ones of another. */
  private record Steps(String task, PrivacyEvent event) {}

  @Override
  public List<Participation> participations(String coordinator) {
    return contributions.stream().filter(each -> each.coordinator().equals(coordinator)).toList();
  }

  @Override
  public List<Charge> exampleCharges(String coordinator) {
    Map<Steps, Integer> steps = new LinkedHashMap<>();
    for (Participation each : participations(coordinator)) {
      Charge charge = each.examples();
      if (charge != null) {
        steps.merge(new Steps(each.task(), charge.event()), charge.count(), Math::addExact);
      }
    }
    List<Charge> charges = new ArrayList<>();
    steps.forEach((share, count) -> charges.add(new Charge(share.event(), count)));
    return charges;
  }

  @Override
  public void contributed(Participation participation) {
    boolean stale =
        participations(participation.coordinator()).stream()
            .anyMatch(
                each ->
                    each.task().equals(participation.task())
                        && each.round() >= participation.round());
    if (stale) {
      throw new IllegalStateException(
          "round %d of %s, or a later one, is recorded already"
              .formatted(participation.round(), participation.task()));
    }
    contributions.add(participation);
  }

  @Override
  public void signedSurvivors(String session, String digest) {
    String before = signed.putIfAbsent(session, digest);
    if (before != null && !before.equals(digest)) {
      throw new IllegalStateException("another survivor set was signed in session " + session);
    }
  }
}
