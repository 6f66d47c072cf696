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
 * <p>Each round takes, at random, eligible members with the fewest participations. With N members,
 * cohorts of n and N >= n s this never gets stuck, and the counts of any two members never differ
 * by more than one. Why: the last s - 1 rounds hold at most n (s - 1) members, so at least n are
 * eligible. A pass takes every member once, so it lasts at least floor(N / n) >= s rounds, and
 * whoever a pass has yet to take was last taken in the pass before: only in its first s - 1 rounds
 * may some of those be ineligible, and then at least N - n (s - 1) >= n others are there. A pass
 * therefore ends before the next goes on, and T rounds need k = ceil(T n / N) participations.
 */
public final class ScheduledCohort implements CohortSelector {
  private final int size;
  private final CohortSampling.Schedule schedule;
  private final int[] counts;
  private final int[] lastRound;
  private int participations;

  /**
   * A schedule before its first round.
   *
   * @param population N
   * @param size n
   * @param schedule k and s
   */
  public ScheduledCohort(int population, int size, CohortSampling.Schedule schedule) {
    this.size = size;
    this.schedule = schedule;
    this.counts = new int[population];
    this.lastRound = new int[population];
  }

  /** Why no schedule of that many rounds exists, with a way out; empty if there is one. */
  public static Optional<Refusal> refusal(
      int population, int size, int rounds, int participations, int separation) {
    long needed = (long) size * Math.min(rounds, separation);
    if (population < needed) {
      return Optional.of(
          new Refusal(
              "separation",
              String.format(
                  "asks for %d different clients within %d rounds, and there are %d",
                  needed, Math.min(rounds, separation), population),
              String.format(
                  "Write separation: %d, or let %d clients take part.",
                  population / size, needed)));
    }
    long places = (long) rounds * size;
    if (places > (long) population * participations) {
      return Optional.of(
          new Refusal(
              "participations",
              String.format(
                  "lets %d clients fill %d places, and %d rounds of %d clients have %d",
                  population, (long) population * participations, rounds, size, places),
              String.format(
                  "Write participations: %d, or rounds: %d.",
                  (places + population - 1) / population,
                  (long) population * participations / size)));
    }
    return Optional.empty();
  }

  /** What makes a schedule impossible: the key of the schedule at fault, the rule, a way out. */
  public record Refusal(String key, String rule, String wayOut) {}

  @Override
  public List<Integer> select(int round, Seed seed) {
    SplittableRandom random = new SplittableRandom(seed.toLong());
    List<Integer> chosen = new ArrayList<>(size);
    for (int count = minimum(); chosen.size() < size && count < schedule.most(); count++) {
      List<Integer> candidates = eligible(round, count);
      int wanted = Math.min(size - chosen.size(), candidates.size());
      draw(candidates, wanted, random);
      chosen.addAll(candidates.subList(0, wanted));
    }
    if (chosen.size() < size) {
      throw new IllegalStateException(
          String.format(
              "only %d of %d clients can be in round %d: the others were in %d rounds already, or"
                  + " in one of the last %d",
              chosen.size(), size, round, schedule.most(), schedule.separation() - 1));
    }
    draw(chosen, size, random);
    restore(round, chosen);
    return List.copyOf(chosen);
  }

  @Override
  public void restore(int round, List<Integer> cohort) {
    for (int member : cohort) {
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
