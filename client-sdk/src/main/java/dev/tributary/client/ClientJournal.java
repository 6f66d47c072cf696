package dev.tributary.client;

import dev.tributary.privacy.Charge;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.wire.Entry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a client must never forget: in which rounds it took part, what that cost, and which survivor
 * sets it signed. A record is durable when its method returns. Used by one thread at a time.
 */
public interface ClientJournal {
  /** Contributions to this coordinator over all its jobs, first to last. */
  List<Participation> participations(String coordinator);

  /**
   * What contributions to this coordinator, over all its jobs, tell about one example of the
   * client's data; empty if none hid single examples.
   */
  List<Charge> exampleCharges(String coordinator);

  /**
   * Records a contribution, before anything of it leaves.
   *
   * @throws IllegalStateException if this round, or a later one of the task, is recorded already
   */
  void contributed(Participation participation);

  /**
   * Records the survivor set that this client signs in a session, before the signature leaves.
   *
   * @param session the session id, lower-case hex
   * @param digest of the survivor set, lower-case hex
   * @throws IllegalStateException if another set was signed in this session
   */
  void signedSurvivors(String session, String digest);

  /** Carries out a {@code Persist} of {@link dev.tributary.client.round.ClientRound}. */
  default void persist(Entry entry) {
    switch (entry.kind()) {
      case CONTRIBUTED -> contributed(Participation.parse(entry.payload()));
      case SURVIVORS_SIGNED -> {
        SignedSurvivors signed = SignedSurvivors.parse(entry.payload());
        signedSurvivors(signed.session(), signed.digest());
      }
      default -> throw new IllegalArgumentException("no record of a client: " + entry.kind());
    }
  }

  /**
   * Why the next contribution must not be made, if so: repeated or stale, or past the policy's
   * budget.
   */
  default Optional<Refusal> mayContribute(Participation next, Policy policy) {
    List<Participation> past = participations(next.coordinator());
    int last =
        past.stream()
            .filter(each -> each.task().equals(next.task()))
            .mapToInt(Participation::round)
            .max()
            .orElse(-1);
    if (next.round() <= last) {
      return Optional.of(
          new Refusal(
              "already-contributed",
              "This client contributed to round "
                  + last
                  + " of the task; it takes part in a round once,"
                  + " and in none before it."));
    }
    Map<List<Object>, Integer> counts = new LinkedHashMap<>();
    for (Participation each : past) {
      counts.merge(List.of(each.task(), each.event()), 1, Integer::sum);
    }
    counts.merge(List.of(next.task(), next.event()), 1, Integer::sum);
    List<Charge> charges = new ArrayList<>();
    counts.forEach((key, count) -> charges.add(Charge.of((PrivacyEvent) key.get(1), count)));
    return policy.checkSpending(charges).or(() -> mayShowExamples(next, policy));
  }

  private Optional<Refusal> mayShowExamples(Participation next, Policy policy) {
    if (next.examples() == null) {
      return Optional.empty();
    }
    List<Charge> charges = new ArrayList<>(exampleCharges(next.coordinator()));
    charges.add(next.examples());
    return policy.checkExampleSpending(charges);
  }

  /** A journal in memory, for simulations: as strict as a file, gone with the process. */
  static ClientJournal inMemory() {
    return new MemoryClientJournal();
  }
}
