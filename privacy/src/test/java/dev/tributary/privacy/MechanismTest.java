package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every mechanism, whoever makes the noise. */
final class MechanismTest {
  private static final int HONEST = 20;
  private static final int COHORT = 25;

  static List<Mechanism> clientMade() {
    return List.of(
        new Mechanism.DistributedDiscreteGaussian(3, HONEST),
        new Mechanism.DistributedSkellam(3, HONEST),
        new Mechanism.LocalGaussian(3),
        new Mechanism.LocalLaplace(0.5));
  }

  static Stream<Mechanism> noisy() {
    return Stream.concat(clientMade().stream(), Stream.of(new Mechanism.CentralGaussian(3)));
  }

  private static PipelineSpec spec(Mechanism mechanism) {
    return new PipelineSpec(
        List.of(new Segment("update", 64)), 1, 0x1p-6, 32, COHORT, mechanism, Specs.SEED);
  }

  @Test
  void type_isTheTrustModel() {
    assertThat(new Mechanism.CentralGaussian(1)).isInstanceOf(Mechanism.Central.class);
    assertThat(new Mechanism.DistributedSkellam(1, 2)).isInstanceOf(Mechanism.Distributed.class);
    assertThat(new Mechanism.LocalLaplace(1)).isInstanceOf(Mechanism.Local.class);
    assertThat(noisy().map(Mechanism::id).distinct()).hasSize(5);
  }

  @ParameterizedTest
  @MethodSource("clientMade")
  void clientMade_underAddRemove_isRefusedByMechanismAndAccountant(Mechanism mechanism) {
    assertThatExceptionOfType(RelationException.class)
        .isThrownBy(() -> mechanism.check(Relation.ADD_REMOVE));
    List<Charge> charges = List.of(new Charge(spec(mechanism).event(), 1));
    assertThatExceptionOfType(RelationException.class)
        .isThrownBy(
            () -> new RdpAccountant().epsilon(charges, 1e-5, Unit.USER, Relation.ADD_REMOVE));
    assertThatCode(() -> mechanism.check(Relation.ZERO_OUT)).doesNotThrowAnyException();
    assertThatCode(() -> mechanism.check(Relation.REPLACE_ONE)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("noisy")
  void event_readsBack_andCostsMoreUnderReplaceOne(Mechanism mechanism) {
    PrivacyEvent event = spec(mechanism).event();
    assertThat(PrivacyEvent.parse(event.canonical())).isEqualTo(event);
    List<Charge> charges = List.of(new Charge(event, 1));
    RdpAccountant rdp = new RdpAccountant();
    double zero = rdp.epsilon(charges, 1e-5, Unit.USER, Relation.ZERO_OUT).epsilon();
    double replace = rdp.epsilon(charges, 1e-5, Unit.USER, Relation.REPLACE_ONE).epsilon();
    assertThat(zero).isFinite().isPositive();
    assertThat(replace).isGreaterThan(zero);
  }

  @DisplayName("P4: a width that is none is refused by the constructor")
  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void noiseMultiplierThatIsNone_isRefused(double bad) {
    List<Function<Double, Mechanism>> makers =
        List.of(
            Mechanism.CentralGaussian::new,
            Mechanism.LocalGaussian::new,
            Mechanism.LocalLaplace::new,
            z -> new Mechanism.DistributedSkellam(z, 2),
            z -> new Mechanism.DistributedDiscreteGaussian(z, 2));
    for (Function<Double, Mechanism> maker : makers) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> maker.apply(bad))
          .withMessageStartingWith("noiseMultiplier must be > 0");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new Mechanism.DistributedSkellam(1, 0));
  }

  /**
   * An update of zero, 64 coordinates, 400 sums: the mean square lies 6 standard errors off with
   * probability 2e-9 (normal approximation; kurtosis at most 6).
   */
  @DisplayName(
      "P21: n_min shares together have the variance that is charged, a local one all of it")
  @ParameterizedTest
  @MethodSource("clientMade")
  @Tag("statistical")
  void shares_haveTheVarianceThatIsCharged(Mechanism mechanism) {
    PipelineSpec spec = spec(mechanism);
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    int shares = mechanism instanceof Mechanism.Distributed ? HONEST : 1;
    int sums = 400;
    double squares = 0;
    for (int i = 0; i < sums; i++) {
      int[] sum = new int[pipeline.encodedLength()];
      for (int j = 0; j < shares; j++) {
        NoiseSource noise = Seeds.noise(1000L * i + j);
        Specs.addInto(sum, pipeline.encode(new float[64], noise).ring());
      }
      for (int value : sum) {
        squares += (double) value * value;
      }
    }
    double b = mechanism.noiseMultiplier() * Math.min(8 * spec.integerNormBound(), 1e18);
    double expected =
        mechanism instanceof Mechanism.LocalLaplace
            ? 1 / (Math.cosh(1 / b) - 1)
            : Math.pow(mechanism.noiseMultiplier() * 64, 2);
    double count = sums * 64.0;
    assertThat(squares / count / expected).isCloseTo(1, within(6 * Math.sqrt(5 / count)));
  }

  /** A round trip: what is decoded is the sum, but for rounding and noise of known width. */
  @ParameterizedTest
  @MethodSource("clientMade")
  @Tag("statistical")
  void decode_ofASum_isTheSumOfTheUpdates(Mechanism mechanism) {
    PipelineSpec spec = spec(mechanism);
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    float[] update = new float[64];
    update[3] = 0.8f;
    int[] sum = new int[pipeline.encodedLength()];
    for (int i = 0; i < COHORT; i++) {
      Specs.addInto(sum, pipeline.encode(update, Seeds.noise(i)).ring());
    }
    float[] decoded = Specs.decode(pipeline, sum, Seeds.noise(99));
    RingFit fit = RingFit.of(spec);
    for (int i = 0; i < decoded.length; i++) {
      double error = Math.abs(decoded[i] - COHORT * update[i]);
      assertThat(error).as("%s at %s", mechanism, i).isLessThan(fit.tail() * 0x1p-6 + COHORT);
    }
  }

  @Test
  void checkRelease_countsSharesWhereSharesCount() {
    PipelineSpec skellam = spec(new Mechanism.DistributedSkellam(3, HONEST));
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> skellam.checkRelease(HONEST - 1))
        .withMessageContaining("needs 20");
    assertThatCode(() -> spec(new Mechanism.LocalGaussian(3)).checkRelease(1))
        .doesNotThrowAnyException();
  }

  @Test
  void noiseTooWideOrTooNarrowToDraw_isRefusedWithAWayOut() {
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> spec(new Mechanism.DistributedSkellam(4000, 1)).check())
        .withMessageContaining("Skellam share")
        .withMessageEndingWith("Raise gridStep");
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> spec(new Mechanism.DistributedSkellam(1e-4, 1)).check())
        .withMessageEndingWith("Lower gridStep");
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> spec(new Mechanism.LocalLaplace(1e7)).check())
        .withMessageContaining("Laplace noise");
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> spec(new Mechanism.DistributedSkellam(3, COHORT + 1)).check())
        .withMessageContaining("at most 25");
  }

  @ParameterizedTest
  @MethodSource("noisy")
  void calibrator_findsTheLeastNoiseOfEach(Mechanism mechanism) {
    Calibrator.Request request =
        new Calibrator.Request(
            4, 1e-5, 8, 100, 0.3, HONEST, COHORT, OptionalInt.empty(), Relation.ZERO_OUT);
    Calibrator.Plan plan = calibrate(mechanism, request);
    assertThat(plan.guarantee().epsilon()).isBetween(3.999999, 4.0);
    assertThat(plan.ringBits()).isLessThanOrEqualTo(32);
  }

  private static Calibrator.Plan calibrate(Mechanism mechanism, Calibrator.Request request) {
    if (mechanism instanceof Mechanism.DistributedSkellam) {
      return Calibrator.distributedSkellam(request);
    }
    if (mechanism instanceof Mechanism.LocalGaussian) {
      return Calibrator.localGaussian(request);
    }
    if (mechanism instanceof Mechanism.LocalLaplace) {
      return Calibrator.localLaplace(request);
    }
    return mechanism instanceof Mechanism.CentralGaussian
        ? Calibrator.centralGaussian(request)
        : Calibrator.distributedDiscreteGaussian(request);
  }

  /** Where the grid is coarse the bound of Skellam noise is still that of a Gaussian. */
  @Test
  void skellam_onANarrowRing_costsAsMuchAsTheDiscreteGaussian() {
    Calibrator.Request request =
        new Calibrator.Request(
            4, 1e-5, 8, 7850, 0.3, 84, 100, OptionalInt.of(16), Relation.ZERO_OUT);
    double skellam = Calibrator.distributedSkellam(request).noiseMultiplier();
    double gaussian = Calibrator.distributedDiscreteGaussian(request).noiseMultiplier();
    assertThat(skellam).isCloseTo(gaussian, within(0.001 * gaussian));
  }
}
