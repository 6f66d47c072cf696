package dev.tributary.coordinator;

import dev.tributary.privacy.CohortSampling;
import dev.tributary.wire.Seed;
import java.util.ArrayList;
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
 */
public final class ScheduledCohort implements CohortSelector {
  private final int size;
  private final int spares;
  private final CohortSampling.Schedule schedule;
  private final int[] counts;
  private final int[] lastRound;
  private int participations;

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
    this.counts = new int[population];
    this.lastRound = new int[population];
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
    List<Integer> chosen = new ArrayList<>(drawn);
    for (int count = minimum(); chosen.size() < drawn && count < schedule.most(); count++) {
      List<Integer> candidates = eligible(round, count);
      int wanted = Math.min(drawn - chosen.size(), candidates.size());
      draw(candidates, wanted, random);
      chosen.addAll(candidates.subList(0, wanted));
    }
    if (chosen.size() < drawn) {
      throw new IllegalStateException(
          String.format(
              "only %d of %d clients can be in round %d: the others were in %d rounds already, or"
                  + " in one of the last %d",
              chosen.size(), drawn, round, schedule.most(), schedule.separation() - 1));
    }
    draw(chosen.subList(0, size), size, random);
    return List.copyOf(chosen);
  }

  @Override
  public void take(int round, List<Integer> drawn) {
    for (int member : drawn) {
      counts[member]++;
      lastRound[member] = round;
      participations = Math.max(participations, counts[member]);
    }
  }

  @Override
  public int earliest(int member) {
    if (counts[member] >= schedule.most()) {
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
    for (int count : counts) {
      minimum = Math.min(minimum, count);
    }
    return minimum;
  }

  private List<Integer> eligible(int round, int count) {
    List<Integer> members = new ArrayList<>();
    for (int member = 0; member < counts.length; member++) {
      boolean rested = lastRound[member] == 0 || round - lastRound[member] >= schedule.separation();
      if (counts[member] == count && rested) {
        members.add(member);
      }
    }
    return members;
  }

  /** Moves a uniformly random choice of that many items, in random order, to the front. */
  private static void draw(List<Integer> items, int wanted, SplittableRandom random) {
    for (int i = 0; i < wanted; i++) {
      int j = i + random.nextInt(items.size() - i);
      Integer item = items.get(i);
      items.set(i, items.get(j));
      items.set(j, item);
    }
  }
}
