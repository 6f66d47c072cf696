package dev.tributary.coordinator;

import dev.tributary.secagg.SumResult.WrongShare;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whose shares did not fit in the rounds of a job, and who is left out of further rounds for it.
 *
 * <p>A wrong share names its dealer and its holder. Either may be the liar, but one of the two is;
 * so an honest member is in such pairs with liars alone. Whoever has been in pairs with more others
 * than there can be liars is one itself. Nobody is left out for one round, and a liar alone, or all
 * that there can be together, get nobody left out but themselves.
 */
final class WrongShareHistory {

  private static final int FEWEST_ROUNDS = 2;

  private final int mostLiars;
  private final Map<Integer, Set<Integer>> others = new HashMap<>();
  private final Map<Integer, Set<Integer>> rounds = new HashMap<>();

  /**
   * A history without rounds.
   *
   * @param cohort n, the members of a round; ceil(n / 3) - 1 of the population are liars at most,
   *     the bound of the sum itself, but at least one is thought possible
   */
  WrongShareHistory(int cohort) {
    this.mostLiars = Math.max(1, (cohort + 2) / 3 - 1);
  }

  /**
   * Takes note of a round.
   *
   * @param cohort population indices by slot
   * @return members that are left out from now on and were not before
   */
  List<Integer> note(int round, List<Integer> cohort, List<WrongShare> pairs) {
    Set<Integer> named = new HashSet<>();
    for (WrongShare pair : pairs) {
      named.add(cohort.get(pair.dealer()));
      named.add(cohort.get(pair.holder()));
    }
    List<Integer> fresh = new ArrayList<>(named);
    fresh.removeIf(this::leavesOut);
    for (WrongShare pair : pairs) {
      name(round, cohort.get(pair.dealer()), cohort.get(pair.holder()));
      name(round, cohort.get(pair.holder()), cohort.get(pair.dealer()));
    }
    fresh.removeIf(member -> !leavesOut(member));
    fresh.sort(null);
    return fresh;
  }

  private void name(int round, int member, int other) {
    others.computeIfAbsent(member, m -> new HashSet<>()).add(other);
    rounds.computeIfAbsent(member, m -> new HashSet<>()).add(round);
  }

  /** Whether this member is asked for no further round. */
  boolean leavesOut(int member) {
    return others.getOrDefault(member, Set.of()).size() > mostLiars
        && rounds.getOrDefault(member, Set.of()).size() >= FEWEST_ROUNDS;
  }
}
