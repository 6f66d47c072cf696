package dev.tributary.simulation.audit;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * What an auditor said about canaries.
 *
 * @param canaries m, all of them
 * @param made r, those it said something about; it abstained on the others
 * @param correct v, those it was right about
 */
public record Guesses(int canaries, int made, int correct) {
  public Guesses {
    if (correct < 0 || correct > made || made > canaries) {
      throw new IllegalArgumentException(
          "0 <= correct <= made <= canaries, was " + correct + ", " + made + ", " + canaries);
    }
  }

  /**
   * Guesses "in" for scores above 0 and "out" for the others, for the {@code made} largest
   * magnitudes. The number is fixed beforehand and the choice looks at scores alone, so that the
   * guesses are a function of what was released.
   *
   * @param included how the coins fell
   */
  static Guesses of(double[] scores, boolean[] included, int made) {
    int[] order = byMagnitude(scores);
    int correct = 0;
    for (int i = 0; i < made; i++) {
      correct += scores[order[i]] > 0 == included[order[i]] ? 1 : 0;
    }
    return new Guesses(scores.length, made, correct);
  }

  /** Indices by falling magnitude. */
  static int[] byMagnitude(double[] scores) {
    long[] keys = new long[scores.length];
    if (scores.length < 1 << 21) {
      // Ordered by the top 42 bits of the magnitude, then by index: no boxing.
      for (int i = 0; i < scores.length; i++) {
        long bits = Double.doubleToLongBits(Math.abs(scores[i])) >>> 21;
        keys[i] = (~bits & (1L << 42) - 1) << 21 | i;
      }
      Arrays.sort(keys);
      return Arrays.stream(keys).mapToInt(key -> (int) (key & (1 << 21) - 1)).toArray();
    }
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -Math.abs(scores[i])))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
