package dev.tributary.simulation.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * What goes wrong in a run, drawn from its seed alone. The same script is played again by the same
 * seed; how it meets the threads of a run is the machine's.
 *
 * @param coordinatorClock how far its clock is off
 * @param clientClocks the same of each client, those that come later behind the others
 * @param joins milliseconds after the start at which further clients come; none in half of all
 *     scripts
 * @param privateSum whether clients add noise, and what is spent is finite
 */
record Script(
    long seed,
    List<Step> steps,
    Duration coordinatorClock,
    List<Duration> clientClocks,
    List<Integer> joins,
    boolean privateSum) {
  /** What may go wrong. */
  enum Kind {
    KILL,
    STOP,
    CLIENT_DIES,
    SLOW_DISK,
    FULL_DISK,
    CUT,
    HALF_CLOSE,
    DELAY,
    THROTTLE,
    SPLIT,
    SILENCE,
    CORRUPT,
    DOUBLE,
    REORDER
  }

  /**
   * One thing that goes wrong.
   *
   * @param at milliseconds after the start
   * @param amount what the kind makes of it: steps to live, a client, a delay, a number
   * @param lasts milliseconds
   */
  record Step(int at, Kind kind, int amount, int lasts) {}

  private static final int CALM_AFTER = 2_500;
  private static final int LONGEST = 900;

  static Script of(long seed, int clients) {
    SplittableRandom random = new SplittableRandom(new SplittableRandom(seed).nextLong());
    List<Step> steps = new ArrayList<>();
    for (int i = random.nextInt(4, 10); i > 0; i--) {
      Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
      int amount =
          switch (kind) {
            case KILL -> random.nextInt(12);
            case CLIENT_DIES, CUT, HALF_CLOSE -> random.nextInt(clients);
            case SLOW_DISK -> random.nextInt(1, 15);
            case DELAY -> random.nextInt(5, 80);
            case THROTTLE -> random.nextInt(20_000, 400_000);
            case SPLIT -> random.nextInt(1, 9);
            default -> random.nextInt(100);
          };
      steps.add(new Step(random.nextInt(CALM_AFTER), kind, amount, random.nextInt(50, LONGEST)));
    }
    steps.sort(Comparator.comparingInt(Step::at));
    List<Duration> clocks = new ArrayList<>();
    for (int client = 0; client < clients; client++) {
      clocks.add(skew(random, 4));
    }
    Duration coordinatorClock = skew(random, 3);
    boolean privateSum = random.nextInt(3) == 0;
    List<Integer> joins = new ArrayList<>();
    if (random.nextBoolean()) {
      for (int i = random.nextInt(1, ChaosJob.LATER + 1); i > 0; i--) {
        joins.add(random.nextInt(CALM_AFTER));
        clocks.add(skew(random, 4));
      }
    }
    return new Script(
        seed,
        List.copyOf(steps),
        coordinatorClock,
        List.copyOf(clocks),
        List.copyOf(joins),
        privateSum);
  }

  private static Duration skew(SplittableRandom random, int oneIn) {
    return random.nextInt(oneIn) > 0
        ? Duration.ZERO
        : Duration.ofMinutes(random.nextInt(-12 * 60, 12 * 60));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "seed %d (replay with -Dchaos.seeds=%d..%d): coordinator's clock %s, clients' %s, %s, joining at %s ms%n%s",
        seed,
        seed,
        seed + 1,
        coordinatorClock,
        clientClocks,
        privateSum ? "with noise" : "without noise",
        joins,
        steps.stream()
            .map(
                step ->
                    String.format(
                        Locale.ROOT,
                        "  %5d ms %s %d for %d ms",
                        step.at(),
                        step.kind(),
                        step.amount(),
                        step.lasts()))
            .collect(Collectors.joining("\n")));
  }
}
