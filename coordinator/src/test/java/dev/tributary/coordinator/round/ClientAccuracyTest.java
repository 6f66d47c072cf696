package dev.tributary.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ClientAccuracyTest {
  private static ClientAccuracy of(double[] accuracies, int bins) {
    List<Double> counts = new ArrayList<>(Collections.nCopies(bins, 0.0));
    for (double accuracy : accuracies) {
      int bin = (int) Math.round(accuracy * (bins - 1));
      counts.set(bin, counts.get(bin) + 1);
    }
    return new ClientAccuracy(counts, 0);
  }

  /** Against the clients' own numbers: each is known to half a bin, and so is what follows. */
  @Test
  void everyFigure_isThatOfTheClientsToHalfABin() {
    SplittableRandom random = new SplittableRandom(2);
    for (int run = 0; run < 200; run++) {
      double[] own = random.doubles(1 + random.nextInt(300)).map(x -> x * x).sorted().toArray();
      int bins = 2 + random.nextInt(50);
      ClientAccuracy accuracy = of(own, bins);
      double half = 0.5 / (bins - 1) + 1e-9;
      assertThat(accuracy.clients()).isEqualTo(own.length);
      assertThat(accuracy.mean()).isCloseTo(Arrays.stream(own).average().orElse(-1), within(half));
      for (int percent : ClientAccuracy.PERCENTILES) {
        int at = (int) Math.ceil(own.length * percent / 100.0) - 1;
        assertThat(accuracy.percentile(percent)).isCloseTo(own[Math.max(0, at)], within(half));
      }
      assertThat(accuracy.worstDecile()).isCloseTo(worst(own), within(half));
    }
  }

  /** Mean of the lowest tenth, the last of it in part. */
  private static double worst(double[] sorted) {
    double wanted = sorted.length / 10.0;
    double sum = 0;
    for (int i = 0; i < wanted; i++) {
      sum += sorted[i] * Math.min(1, wanted - i);
    }
    return sum / wanted;
  }

  @Test
  void figures_ofCountsThatAreNotWhole() {
    ClientAccuracy accuracy = new ClientAccuracy(List.of(0.5, 0.0, 9.5), 3.0);
    assertThat(accuracy.mean()).isCloseTo(0.95, within(1e-12));
    assertThat(accuracy.worstDecile()).isCloseTo(0.5, within(1e-12));
    assertThat(accuracy.percentile(1)).isZero();
    assertThat(accuracy.percentile(10)).isOne();
  }

  @Test
  void histogramOfNobody_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ClientAccuracy(List.of(0.0, 0.5), 0))
        .withMessageContaining("a client");
  }
}
