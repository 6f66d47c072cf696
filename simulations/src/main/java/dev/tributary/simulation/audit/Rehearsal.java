package dev.tributary.simulation.audit;

import dev.tributary.privacy.OneRunAudit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * An audit played through before it is run, with scores from a normal distribution: coin - 1/2 plus
 * noise. It finds the number of guesses that catches too little noise most often, and says how
 * often that is. Nothing of the real run goes into it.
 */
final class Rehearsal {
  /** Plays that choose the number of guesses, and as many others that measure the power. */
  static final int PLAYS = 200;

  private static final int LEAST_GUESSES = 10;
  private static final double GROWTH = 1.3;

  private final int canaries;
  private final double noise;
  private final double claim;
  private final double delta;
  private final double significance;
  private final Random random;
  private final int[] sizes;
  private final int[] needed;

  /**
   * What to do and what to expect of it.
   *
   * @param guesses how many to make
   * @param needed of them, the least number right that refutes the claim; more than {@code guesses}
   *     if none does
   * @param caught plays out of {@link #PLAYS} in which the claim was refuted
   */
  record Plan(int guesses, int needed, int caught) {
    double power() {
      return (double) caught / PLAYS;
    }
  }

  /**
   * A rehearsal.
   *
   * @param noise standard deviation of a score whose coin counts 1
   * @param claim epsilon to refute; infinite if nothing is claimed
   * @param significance 1 - confidence
   */
  Rehearsal(
      int canaries, double noise, double claim, double delta, double significance, long seed) {
    this.canaries = canaries;
    this.noise = noise;
    this.claim = claim;
    this.delta = delta;
    this.significance = significance;
    this.random = new Random(seed);
    this.sizes = sizes(canaries);
    this.needed = new int[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      needed[i] = needed(sizes[i]);
    }
  }

  private static int[] sizes(int canaries) {
    List<Integer> sizes = new ArrayList<>();
    for (double size = Math.min(LEAST_GUESSES, canaries); size < canaries; size *= GROWTH) {
      sizes.add((int) size);
    }
    sizes.add(canaries);
    return sizes.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The least number of correct guesses whose p-value under the claim is small enough. */
  private int needed(int guesses) {
    if (Double.isInfinite(claim)) {
      return guesses + 1;
    }
    int low = 0;
    int high = guesses + 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (OneRunAudit.pValue(canaries, guesses, middle, claim, delta) <= significance) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Chooses the number of guesses, then measures it by plays of its own. */
  Plan plan() {
    int[] caught = new int[sizes.length];
    double[] correct = new double[sizes.length];
    for (int play = 0; play < PLAYS; play++) {
      play(caught, correct);
    }
    int best = 0;
    double bestBound = -1;
    for (int i = 0; i < sizes.length; i++) {
      double bound =
          OneRunAudit.epsilonLowerBound(
              canaries, sizes[i], (int) (correct[i] / PLAYS), delta, significance);
      if (caught[i] > caught[best] || (caught[i] == caught[best] && bound > bestBound)) {
        best = i;
        bestBound = bound;
      }
    }
    int[] again = new int[sizes.length];
    for (int play = 0; play < PLAYS; play++) {
      play(again, correct);
    }
    return new Plan(sizes[best], needed[best], again[best]);
  }

  private void play(int[] caught, double[] correct) {
    double[] scores = new double[canaries];
    boolean[] included = new boolean[canaries];
    for (int i = 0; i < canaries; i++) {
      included[i] = random.nextBoolean();
      scores[i] = (included[i] ? 0.5 : -0.5) + noise * random.nextGaussian();
    }
    int[] order = Guesses.byMagnitude(scores);
    int right = 0;
    int next = 0;
    for (int i = 0; i < canaries; i++) {
      right += scores[order[i]] > 0 == included[order[i]] ? 1 : 0;
      if (i + 1 == sizes[next]) {
        correct[next] += right;
        caught[next] += right >= needed[next] ? 1 : 0;
        next++;
      }
    }
  }
}
