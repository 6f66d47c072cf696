package dev.tributary.coordinator;

import dev.tributary.privacy.CohortSampling;
import dev.tributary.wire.Seed;
import java.util.List;

/**
 * Decides who is in a round, and with it what the accountant composes: {@link #sampling()} makes
 * the event and {@link #participations()} belongs to the choice, so the two cannot disagree. A
 * round counts as soon as it is taken, whatever becomes of it.
 */
public interface CohortSelector {

  /**
   * Who is drawn for the next round, in the order of their turn: the cohort by slot, then its
   * spares, if it has any; population indices, each once. None of it counts before {@link #take}.
   *
   * @param round counted from 1, each one higher than the one before
   * @param seed all the randomness of the choice, where that need not be secret
   */
  List<Integer> select(int round, Seed seed);

  /**
   * Takes note of a round that will take place, or did before a restart; in the order of the
   * rounds.
   *
   * @param drawn whose turn is over with it: the first of those that were selected
   */
  void take(int round, List<Integer> drawn);

  /**
   * The first round that a member can be in after those that were selected, for a member to be
   * told; {@link Integer#MAX_VALUE} where it can be in none. 1 where nobody is to know before the
   * round.
   */
  default int earliest(int member) {
    return 1;
  }

  /** How cohorts are drawn: what the accountant is told of a round's event comes from here. */
  CohortSampling sampling();

  /** Highest number of rounds that any client of the population has been in. */
  int participations();
}
