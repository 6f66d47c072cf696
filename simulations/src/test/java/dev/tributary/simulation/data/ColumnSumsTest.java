package dev.tributary.simulation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.coordinator.job.Job;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.data.Normalisation;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one client says of its columns, and what the sums say of all. */
class ColumnSumsTest {
  private static final ColumnSums SUMS =
      ColumnSums.of(
          List.of("a", "b", "c"),
          new boolean[] {true, false, true},
          List.of(new Job.Range("a", 0, 10), new Job.Range("", -4, 4)),
          4);

  private static Dataset rows(float... features) {
    return Dataset.regression(new int[] {3}, features, new float[features.length / 3]);
  }

  @Test
  void of_countsSumsAndSquares_ofValuesClippedToTheirRange() {
    float gap = Float.NaN;
    assertThat(SUMS.length()).isEqualTo(6);
    // a: 5 is 0, 30 is clipped to 1; c: -2 is -1/2, and one is missing
    assertThat(SUMS.of(rows(5, 9, -2, 30, 9, gap)))
        .containsExactly(0.5f, 0.25f, 0.25f, 0.25f, -0.125f, 0.0625f);
  }

  @Test
  void of_moreRowsThanCount_areWeighedDown_andNoRowsSayNothing() {
    float[] many = new float[3 * 8];
    java.util.Arrays.fill(many, 10f);
    assertThat(SUMS.of(rows(many))).containsExactly(1, 1, 1, 1, 1, 1);
    assertThat(SUMS.of(rows())).containsOnly(0).hasSize(6);
  }

  @Test
  void normalisation_whatTheSumsCannotTellFromNothing_isNothing() {
    float[] sums = {0.5f, 0.25f, 0.25f, 0.5f, 0.25f, 0.125f + 0.5e-3f};
    Normalisation exact = SUMS.normalisation(sums, 0);
    assertThat(exact.mean()).containsExactly(7.5f, 0, 2);
    assertThat(exact.deviation()[0]).isCloseTo(2.5f, within(1e-6f));
    assertThat(exact.deviation()[2]).isCloseTo((float) (4 * Math.sqrt(1e-3)), within(1e-5f));
    Normalisation coarse = SUMS.normalisation(sums, 1e-4);
    assertThat(coarse.deviation()[0]).isEqualTo(exact.deviation()[0]);
    assertThat(coarse.deviation()[2]).as("a variance of 1e-3, known to 1.2e-3").isZero();
    assertThat(SUMS.normalisation(new float[6], 1e-4).mean()).containsOnly(0);
  }
}
