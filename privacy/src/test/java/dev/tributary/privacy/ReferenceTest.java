package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tributary.privacy.ReferenceRows.Row;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Closed forms and RDP against dp-reference.csv. */
final class ReferenceTest {
  private static final RdpAccountant RDP = new RdpAccountant();

  static List<Row> ge() {
    return ReferenceRows.family("GE");
  }

  @ParameterizedTest
  @MethodSource("ge")
  void analyticGaussian_epsilon_isThatOfTheReference(Row row) {
    check(row, AnalyticGaussian.epsilon(row.number("noise_multiplier"), row.number("delta")));
  }

  static List<Row> gs() {
    return ReferenceRows.family("GS");
  }

  @ParameterizedTest
  @MethodSource("gs")
  void analyticGaussian_noiseMultiplier_isThatOfTheReference(Row row) {
    check(row, AnalyticGaussian.noiseMultiplier(row.number("epsilon_in"), row.number("delta")));
  }

  static List<Row> gd() {
    return ReferenceRows.family("GD");
  }

  @ParameterizedTest
  @MethodSource("gd")
  void analyticGaussian_delta_isThatOfTheReference(Row row) {
    check(row, AnalyticGaussian.delta(row.number("noise_multiplier"), row.number("epsilon_in")));
  }

  static List<Row> dg() {
    return ReferenceRows.family("DG");
  }

  @ParameterizedTest
  @MethodSource("dg")
  void exactDiscreteGaussian_delta_isThatOfTheReference(Row row) {
    double delta =
        ExactDiscreteGaussian.delta(
            row.number("noise_multiplier"),
            (int) row.parameter("sensitivity"),
            row.number("epsilon_in"));
    check(row, delta);
  }

  static List<Row> de() {
    return ReferenceRows.family("DE");
  }

  @ParameterizedTest
  @MethodSource("de")
  void rdp_ofTheDiscreteGaussian_isThatOfTheReference(Row row) {
    PrivacyEvent event =
        new PrivacyEvent.DiscreteGaussian(
            row.parameter("sensitivity"), row.number("noise_multiplier"));
    Charge charge = new Charge(event, (int) row.number("steps"));
    Guarantee guarantee =
        RDP.epsilon(List.of(charge), row.number("delta"), Unit.USER, Relation.ADD_REMOVE);
    if (row.cell("quantity").equals("epsilon_pld")) {
      assertThat(guarantee.epsilon()).isGreaterThanOrEqualTo(row.number("lower"));
    } else {
      check(row, guarantee.epsilon());
      assertThat(guarantee.order()).isEqualTo(row.number("rdp_order"));
    }
  }

  static List<Row> ta() {
    return ReferenceRows.family("TA");
  }

  @ParameterizedTest
  @MethodSource("ta")
  void tau_isThatOfTheReference(Row row) {
    check(
        row,
        SumOfDiscreteGaussians.tau(
            (int) row.parameter("num_clients"), row.parameter("local_sigma_in_grid_units")));
  }

  static List<Row> rb() {
    return ReferenceRows.family("RB");
  }

  @ParameterizedTest
  @MethodSource("rb")
  void roundedNorm_isThatOfTheReference(Row row) {
    double norm = row.parameter("l2_scaled");
    long dimension = (long) row.parameter("dim");
    double bound =
        row.cell("quantity").equals("rounded_l2_bound")
            ? RoundedNorm.l2Bound(norm, row.parameter("beta"), dimension)
            : RoundedNorm.l1Bound(norm, dimension);
    check(row, bound);
  }

  static List<Row> sc() {
    return ReferenceRows.family("SC");
  }

  @ParameterizedTest
  @MethodSource("sc")
  void heuristicScale_isThatOfTheReference(Row row) {
    double factor =
        HeuristicScale.factor(
            row.parameter("local_stddev"),
            row.parameter("l2_clip"),
            (int) row.parameter("bits"),
            (int) row.parameter("num_clients"),
            (long) row.parameter("dim"),
            row.parameter("k_stddevs"),
            row.parameter("rho"));
    check(row, factor);
  }

  static Stream<Row> ddWithoutSampling() {
    return ReferenceRows.family("DD").stream().filter(row -> row.number("q") == 1);
  }

  @ParameterizedTest
  @MethodSource("ddWithoutSampling")
  void rdp_ofTheDistributedDiscreteGaussian_isThatOfTheReference(Row row) {
    double gamma = row.parameter("gamma");
    long dimension = (long) row.parameter("dim");
    PrivacyEvent event =
        new PrivacyEvent.DistributedDiscreteGaussian(
            RoundedNorm.l2Bound(row.parameter("l2_sens") / gamma, row.parameter("beta"), dimension),
            row.parameter("local_stddev") / gamma,
            (int) row.parameter("num_clients"),
            dimension);
    double[] orders =
        IntStream.concat(IntStream.rangeClosed(2, 128), IntStream.of(256))
            .asDoubleStream()
            .toArray();
    Charge charge = new Charge(event, (int) row.number("steps"));
    Guarantee guarantee =
        new RdpAccountant(orders)
            .epsilon(List.of(charge), row.number("delta"), Unit.USER, Relation.ZERO_OUT);
    check(row, guarantee.epsilon());
    assertThat(guarantee.order()).isEqualTo(row.number("rdp_order"));
  }

  @Test
  void everyFamily_hasTheRowsItShouldHave() {
    assertThat(ge()).hasSize(10);
    assertThat(gs()).hasSize(11);
    assertThat(gd()).hasSize(7);
    assertThat(dg()).hasSize(6);
    assertThat(de()).hasSize(8);
    assertThat(ta()).hasSize(6);
    assertThat(rb()).hasSize(8);
    assertThat(sc()).hasSize(3);
    assertThat(ddWithoutSampling()).hasSize(2);
    assertThat(ReferenceRows.all()).hasSize(390);
  }

  private static void check(Row row, double value) {
    double expected = row.number("value");
    double percent = 100 * Double.parseDouble(row.cell("rel_tol"));
    if (expected == 0) {
      assertThat(value).as(row.id()).isZero();
    } else {
      assertThat(value).as(row.id()).isCloseTo(expected, withinPercentage(percent));
    }
  }
}
