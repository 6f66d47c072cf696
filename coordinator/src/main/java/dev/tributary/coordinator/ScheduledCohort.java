package dev.tributary.coordinator;

import dev.tributary.privacy.CohortSampling;
import dev.tributary.wire.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The schedule without sampling: every client is in at most k rounds, any two of them at least s
 * rounds apart, in a fresh random order each pass. No amplification is claimed for it, so its
 * randomness need not be secret.
 *
 * <p>Each round draws, at random, eligible members with the fewest participations: n for its cohort
 * and then m spares, in the order of their turn, so that no spare has been in fewer rounds than a
 * member. Who takes the place of somebody who is not there is the next spare that is. The turn of
 * all up to the last spare that was needed is over with the round, whether they were there or not;
 * the others keep theirs.
 *
 * <p>With N members, M = n + m and N >= M s this never gets stuck, and the counts of any two
 * members never differ by more than one. Why: a round takes a beginning of what it draws, at most
 * M, so the last s - 1 rounds hold at most M (s - 1) members and at least M are eligible. Let c be
 * the lowest count. If a member with it is not eligible, it was taken to c in one of the last s - 1
 * rounds, when nobody had more than c yet; so whoever has more was taken in those rounds too, and
 * all that were not taken in them, at least N - M (s - 1) >= M members, have c and are eligible:
 * the round draws none but those. Otherwise all that have c are eligible, and are drawn before any
 * other. Either way nobody is taken to c + 2 while somebody has c. So T rounds, of at most T M
 * turns, need k = ceil(T M / N) participations at most.
 *
 * <p>Members may join between any two rounds. One that does counts as having been in as many rounds
 * as anybody was, and in the round just before: it is drawn from the next pass on, in at most k
 * less that many rounds, and no sooner than s rounds after any place that the same client had
 * before. It adds turns and takes none. A member is settled once everybody has the count that it
 * came with, and s rounds after it came. Above, whoever came since the lowest count was reached is
 * not settled, so those that have c, are eligible and were not taken in the last s - 1 rounds are
 * at least as many as the settled members less M (s - 1).
 *
 * <p>Members may leave between any two rounds, if at least M s others are settled, and the others
 * have as many turns left, k less its count each, as the rounds to come have places, M each. The
 * first keeps the argument, the second its end: while somebody has k, those that have k - 1 are as
 * many as the turns that are left, so at least M.
 */
public final class ScheduledCohort implements CohortSelector {
  private final int size;
  private final int spares;
  private final CohortSampling.Schedule schedule;
  private int members;
  private int[] counts;
  private int[] lastRound;

  /** By member: the rounds that it came with, and the round after which it came. */
  private int[] turns;

  private int[] after;
  private final BitSet left = new BitSet();

  /** Scratch of a draw, kept so that a round of millions of members leaves no garbage. */
  private int[] eligible = {};

  private int participations;
  private int lastTaken;

  /** A schedule without spares, before its first round. */
  public ScheduledCohort(int population, int size, CohortSampling.Schedule schedule) {
    this(population, size, 0, schedule);
  }

  /**
   * A schedule before its first round.
   *
   * @param population N
   * @param size n
   * @param spares m
   * @param schedule k and s
   */
  public ScheduledCohort(int population, int size, int spares, CohortSampling.Schedule schedule) {
    this.size = size;
    this.spares = spares;
    this.schedule = schedule;
    this.members = population;
    this.counts = new int[population];
    this.lastRound = new int[population];
    this.turns = new int[population];
    this.after = new int[population];
  }

  /** The last round that was taken, after which a new member comes. */
  int lastTaken() {
    return lastTaken;
  }

  /**
   * Adds a member behind the others.
   *
   * @param came rounds that it counts as having been in: {@link #participations()} for a new one
   * @param since the last round before it came
   */
  void join(int came, int since) {
    if (members == counts.length) {
      int room = members + (members >> 1) + 1;
      counts = Arrays.copyOf(counts, room);
      lastRound = Arrays.copyOf(lastRound, room);
      turns = Arrays.copyOf(turns, room);
      after = Arrays.copyOf(after, room);
    }
    counts[members] = came;
    turns[members] = came;
    lastRound[members] = since;
    after[members] = since;
    members++;
  }

  /**
   * Whether one that joins now could be in any round: the members before it leave it a place, and
   * its count and the separation a turn.
   *
   * @param rounds T
   */
  boolean hasTurnFor(int rounds) {
    long before = 0;
    for (int member = 0; member < members; member++) {
      before += left.get(member) ? 0 : participations - counts[member];
    }
    return participations < schedule.most()
        && (long) (rounds - lastTaken) * (size + spares) > before
        && (lastTaken == 0 ? 1 : lastTaken + schedule.separation()) <= rounds;
  }

  /**
   * Which of these members can leave now, together, so that the rest fills the rounds to come.
   *
   * @param rounds T
   */
  List<Integer> leavers(int rounds, Iterable<Integer> candidates) {
    int lowest = minimum();
    int settled = 0;
    long turnsLeft = 0;
    for (int member = 0; member < members; member++) {
      if (draws(member)) {
        settled += settled(member, lowest) ? 1 : 0;
        turnsLeft += schedule.most() - counts[member];
      }
    }
    long drawn = (long) size + spares;
    List<Integer> leavers = new ArrayList<>();
    for (int member : candidates) {
      int others = settled - (settled(member, lowest) ? 1 : 0);
      long theirs = turnsLeft - (schedule.most() - counts[member]);
      if (draws(member)
          && others >= drawn * Math.min(rounds, schedule.separation())
          && theirs >= drawn * (rounds - lastTaken)) {
        leavers.add(member);
        settled = others;
        turnsLeft = theirs;
      }
    }
    return leavers;
  }

  private boolean settled(int member, int lowest) {
    return turns[member] <= lowest
        && (after[member] == 0 || lastTaken + 1 - after[member] >= schedule.separation());
  }

  /** Whether a member has not left. */
  boolean draws(int member) {
    return !left.get(member);
  }

  /** From now on a member is not drawn. */
  void leave(int member) {
    left.set(member);
  }

  /** Why no schedule of that many rounds exists, with a way out; empty if there is one. */
  public static Optional<Refusal> refusal(
      int population, int size, int spares, int rounds, int participations, int separation) {
    int drawn = size + spares;
    long needed = (long) drawn * Math.min(rounds, separation);
    if (population < needed) {
      return Optional.of(
          new Refusal(
              "separation",
              String.format(
                  "asks for %d different clients within %d rounds, and there are %d",
                  needed, Math.min(rounds, separation), population),
              String.format(
                  "Write separation: %d, or let %d clients take part.",
                  Math.max(1, population / drawn), needed)));
    }
    long places = (long) rounds * drawn;
    if (places > (long) population * participations) {
      return Optional.of(
          new Refusal(
              "participations",
              String.format(
                  "lets %d clients fill %d places, and %d rounds of %d clients%s have %d",
                  population,
                  (long) population * participations,
                  rounds,
                  size,
                  spares == 0 ? "" : String.format(" and %d spares", spares),
                  places),
              String.format(
                  "Write participations: %d, or rounds: %d.",
                  (places + population - 1) / population,
                  (long) population * participations / drawn)));
    }
    return Optional.empty();
  }

  /** What makes a schedule impossible: the key of the schedule at fault, the rule, a way out. */
  public record Refusal(String key, String rule, String wayOut) {}

  @Override
  public List<Integer> select(int round, Seed seed) {
    SplittableRandom random = new SplittableRandom(seed.toLong());
    int drawn = size + spares;
    int[] chosen = new int[drawn];
    int found = 0;
    for (int count = minimum(); found < drawn && count < schedule.most(); count++) {
      int candidates = eligible(round, count);
      int wanted = Math.min(drawn - found, candidates);
      draw(eligible, candidates, wanted, random);
      System.arraycopy(eligible, 0, chosen, found, wanted);
      found += wanted;
    }
    if (found < drawn) {
      throw new IllegalStateException(
          String.format(
              "only %d of %d clients can be in round %d: the others were in %d rounds already, or"
                  + " in one of the last %d",
              found, drawn, round, schedule.most(), schedule.separation() - 1));
    }
    draw(chosen, size, size, random);
    return Arrays.stream(chosen).boxed().toList();
  }

  @Override
  public void take(int round, List<Integer> drawn) {
    for (int member : drawn) {
      counts[member]++;
      lastRound[member] = round;
      participations = Math.max(participations, counts[member]);
    }
    lastTaken = round;
  }

  @Override
  public int earliest(int member) {
    if (left.get(member) || counts[member] >= schedule.most()) {
      return Integer.MAX_VALUE;
    }
    return lastRound[member] == 0 ? 1 : lastRound[member] + schedule.separation();
  }

  @Override
  public CohortSampling sampling() {
    return schedule;
  }

  @Override
  public int participations() {
    return participations;
  }

  private int minimum() {
    int minimum = Integer.MAX_VALUE;
    for (int member = 0; member < members; member++) {
      minimum = draws(member) ? Math.min(minimum, counts[member]) : minimum;
    }
    return minimum;
  }

  /** Writes the members that may be drawn now into {@link #eligible}; gives their number. */
  private int eligible(int round, int count) {
    if (eligible.length < members) {
      eligible = new int[counts.length];
    }
    int found = 0;
    for (int member = 0; member < members; member++) {
      boolean rested = lastRound[member] == 0 || round - lastRound[member] >= schedule.separation();
      if (counts[member] == count && rested && draws(member)) {
        eligible[found++] = member;
      }
    }
    return found;
  }

  /** Moves a uniformly random choice of that many items, in random order, to the front. */
  private static void draw(int[] items, int length, int wanted, SplittableRandom random) {
    for (int i = 0; i < wanted; i++) {
      int j = i + random.nextInt(length - i);
      int item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
  }
}
