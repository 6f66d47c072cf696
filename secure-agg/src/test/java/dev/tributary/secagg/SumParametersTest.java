package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SumParametersTest {

  private static SumParameters derive(Mode mode, int n, double gamma, double delta, int honest) {
    return SumParameters.derive(Sa1.ID, mode, n, gamma, delta, 2, honest, 20, 100);
  }

  /** Section 1: t = floor(2n/3) + 1, q = floor((n + ceil(n/3) - 1) / 2) + 1, loss n - max(t, q). */
  @ParameterizedTest
  @CsvSource({
    "30, 21, 20, 9",
    "99, 67, 66, 32",
    "100, 67, 67, 33",
    "1000, 667, 667, 333",
    "1024, 683, 683, 341",
    "10, 7, 7, 3",
    "3, 3, 2, 0"
  })
  void derive_malicious_equalsTheTable(int n, int threshold, int quorum, int loss) {
    SumParameters p = derive(Mode.MALICIOUS, n, 0, 0, 0);
    assertThat(p.threshold()).isEqualTo(threshold);
    assertThat(p.quorum()).isEqualTo(quorum);
    assertThat(p.toleratedLoss()).isEqualTo(loss);
  }

  @Test
  void derive_malicious_everySize_quorumsMeetInAnHonestMember() {
    for (int n = 3; n <= 1024; n++) {
      SumParameters p = derive(Mode.MALICIOUS, n, 0, 0, 0);
      int corrupt = (n + 2) / 3 - 1;
      assertThat(2 * p.quorum() - n).as("n %d", n).isGreaterThan(corrupt);
      // Corrupt members that give shares of both kinds do not reach t twice.
      assertThat(2 * p.threshold() - n).as("n %d", n).isGreaterThan(corrupt);
      assertThat(p.toleratedLoss()).as("n %d", n).isLessThan((n + 2) / 3);
    }
  }

  @Test
  void derive_curious_majority() {
    SumParameters p = derive(Mode.CURIOUS, 100, 0.05, 0.2, 0);
    assertThat(p.threshold()).isEqualTo(51);
    assertThat(p.toleratedLoss()).isEqualTo(49);
    assertThat(derive(Mode.CURIOUS, 256, 0, 0, 0).graph()).isEqualTo(Topology.Graph.COMPLETE);
  }

  @Test
  void floor_isTheLargestOfItsParts() {
    assertThat(derive(Mode.MALICIOUS, 100, 0.01, 0.15, 84).floor()).isEqualTo(85);
    assertThat(derive(Mode.MALICIOUS, 100, 0.01, 0.33, 60).floor()).isEqualTo(67);
    assertThat(derive(Mode.MALICIOUS, 100, 0.01, 0.15, 84).colluders()).isEqualTo(1);
    assertThat(SumParameters.derive(Sa1.ID, Mode.MALICIOUS, 100, 0, 0.3, 90, 0, 20, 1).floor())
        .isEqualTo(90);
    // n (1 - delta) by the decimals as they are written: 0.07 is not 0.07000000000000001.
    assertThat(derive(Mode.CURIOUS, 100, 0, 0.07, 0).floor()).isEqualTo(93);
    assertThat(derive(Mode.CURIOUS, 100, 0, 0.29, 0).floor()).isEqualTo(71);
  }

  /** Sevenths are no decimals: what counts is how many clients a fraction lets go. */
  @Test
  void derive_fractionsOfAnOddCohort_countWholeClients() {
    SumParameters p = derive(Mode.MALICIOUS, 7, 0.14285714285714288, 0.28571428571428575, 4);
    assertThat(p.colluders()).isEqualTo(1);
    assertThat(p.floor()).isEqualTo(5);
    assertThatThrownBy(() -> derive(Mode.MALICIOUS, 7, 0.143, 0.286, 5))
        .hasMessageContaining("minimumHonest must be <=")
        .hasMessageContaining("= 4. Provided: 5");
  }

  @Test
  void derive_dropoutAboveTheLoss_refusedWithAWayOut() {
    assertThat(derive(Mode.MALICIOUS, 100, 0, 0.33, 0).toleratedLoss()).isEqualTo(33);
    assertThatThrownBy(() -> derive(Mode.MALICIOUS, 100, 0, 0.34, 0))
        .isInstanceOf(SumParametersException.class)
        .hasMessageContaining("33/100")
        .hasMessageContaining("0.34")
        .hasMessageContaining("tolerate fewer dropouts");
  }

  @ParameterizedTest
  @CsvSource({
    "2, 0, 0, 2, 0, 20, 100, clients must be >= 3",
    "1000001, 0, 0, 2, 0, 20, 100, clients must be <= 1000000",
    "5000, 0.3, 0.5, 2, 0, 20, 100, no graph of at most 1024 neighbours",
    "100, 0.34, 0, 2, 0, 20, 100, corruptFraction must leave at most 33",
    "100, -0.1, 0, 2, 0, 20, 100, corruptFraction and dropoutFraction",
    "100, NaN, 0, 2, 0, 20, 100, corruptFraction and dropoutFraction",
    "100, 0, 0, 1, 0, 20, 100, minimumSum must be 2",
    "100, 0, 0, 101, 0, 20, 100, minimumSum must be 2",
    "100, 0.05, 0.15, 2, 81, 20, 100, minimumHonest must be <=",
    "100, 0, 0, 2, -1, 20, 100, minimumHonest must be >= 0",
    "300, 0, 0, 2, 0, 8, 100, a ring of 8 bits",
    "100, 0, 0, 2, 0, 33, 100, ringBits must be 8 to 32",
    "100, 0, 0, 2, 0, 7, 100, ringBits must be 8 to 32",
    "100, 0, 0, 2, 0, 20, 0, length must be 1",
    "100, 0, 0, 2, 0, 20, 2000000000, length must be 1"
  })
  void derive_badInput_refusedByName(
      int n, double gamma, double delta, int sum, int honest, int bits, int length, String rule) {
    assertThatThrownBy(
            () ->
                SumParameters.derive(
                    Sa1.ID, Mode.MALICIOUS, n, gamma, delta, sum, honest, bits, length))
        .isInstanceOf(SumParametersException.class)
        .hasMessageContaining(rule)
        .satisfies(
            e ->
                assertThat(((SumParametersException) e).violations())
                    .allSatisfy(violation -> assertThat(violation.wayOut()).isNotBlank()));
  }

  /** Row 21: values of both signs whose plain sum could leave the ring are refused. */
  @Test
  void row21_overflow_atItsBound() {
    for (int bits = 8; bits <= 32; bits++) {
      SumParameters p = SumParameters.derive(Sa1.ID, Mode.MALICIOUS, 10, 0, 0, 2, 0, bits, 1);
      long most = ((1L << (bits - 1)) - 1) / 10;
      assertThat(new Sa1().check(p, most)).as("bits %d", bits).isEmpty();
      assertThat(new Sa1().check(p, most + 1)).as("bits %d", bits).hasSize(1);
    }
    SumParameters p = SumParameters.derive(Sa1.ID, Mode.MALICIOUS, 10, 0, 0, 2, 0, 16, 1);
    assertThat(p.overflow(5_000).toString()).contains("use ringBits >= 17");
    assertThat(p.overflow(Long.MAX_VALUE).toString()).contains("no ring of 32 bits");
    assertThatThrownBy(() -> p.overflow(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  /** Row 8 of the attacks: a threshold or quorum of the coordinator's choice is refused. */
  @Test
  void row8_weakThresholdOrQuorum_refused() {
    SumParameters p = derive(Mode.MALICIOUS, 30, 0, 0.1, 0);
    for (int threshold : new int[] {0, 1, 20, 22}) {
      SumParameters weak =
          new SumParameters(
              p.suite(), p.mode(), 30, 0, 0.1, 0, threshold, p.quorum(), 0, 2, 0, 20, 100);
      assertThatThrownBy(weak::check).hasMessageContaining("threshold must be 21");
      assertThat(new Sa1().check(weak)).isNotEmpty();
    }
    SumParameters weak =
        new SumParameters(p.suite(), p.mode(), 30, 0, 0.1, 0, p.threshold(), 1, 0, 2, 0, 20, 100);
    assertThatThrownBy(weak::check).hasMessageContaining("quorum must be 20");
  }

  @Test
  void steps_sharesAddUpAndCapsCover() {
    SumParameters p = derive(Mode.MALICIOUS, 100, 0, 0.1, 0);
    List<Step> steps = new Sa1().steps(p);
    assertThat(steps)
        .extracting(Step::name)
        .containsExactly("advertise", "share", "input", "sign", "unmask");
    assertThat(steps.stream().mapToDouble(Step::share).sum()).isEqualTo(1.0);
    assertThat(steps.get(2).byteCap()).isGreaterThan(250);
  }
}
