package dev.tributary.simulation.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GuessesTest {
  @Test
  void of_guessesTheLargestMagnitudes_andAbstainsOnTheOthers() {
    double[] scores = {0.1, -3, 2, -0.2, 1};
    boolean[] included = {false, false, true, true, false};
    assertThat(Guesses.of(scores, included, 2)).isEqualTo(new Guesses(5, 2, 2));
    assertThat(Guesses.of(scores, included, 3)).isEqualTo(new Guesses(5, 3, 2));
    assertThat(Guesses.of(scores, included, 5)).isEqualTo(new Guesses(5, 5, 2));
  }

  @Test
  void byMagnitude_isTheStableSort() {
    for (long seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      double[] scores = random.doubles(500, -1, 1).map(x -> Math.rint(x * 64) / 64).toArray();
      int[] expected =
          IntStream.range(0, scores.length)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -Math.abs(scores[i])))
              .mapToInt(Integer::intValue)
              .toArray();
      assertThat(Guesses.byMagnitude(scores)).as("seed %d", seed).isEqualTo(expected);
    }
  }

  /** Nobody's coin decides about whom something is said. */
  @Test
  void of_withOtherCoins_guessesTheSameCanaries() {
    double[] scores = new Random(3).doubles(200, -1, 1).toArray();
    boolean[] none = new boolean[200];
    boolean[] all = new boolean[200];
    Arrays.fill(all, true);
    assertThat(Guesses.of(scores, none, 50).correct() + Guesses.of(scores, all, 50).correct())
        .isEqualTo(50);
  }
}
