package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CalibratorTest {
  private static final RdpAccountant RDP = new RdpAccountant();

  private static PipelineSpec spec(
      Calibrator.Request request, Calibrator.Plan plan, Mechanism mechanism) {
    return new PipelineSpec(
        List.of(new Segment("update", request.length())),
        request.clipNorm(),
        plan.gridStep(),
        plan.ringBits(),
        request.maximumCohort(),
        mechanism,
        Specs.SEED);
  }

  private static double epsilon(Calibrator.Request request, PipelineSpec spec) {
    Charge charge = new Charge(spec.event(), request.participations());
    return RDP.epsilon(List.of(charge), request.delta(), Unit.USER, request.relation()).epsilon();
  }

  /** 1,000 clients, cohorts of 100, 8 participations, softmax regression on 28 x 28 images. */
  @Test
  void mainJob_needsTheNoiseOfTheGaussian_andARingOf22Bits() {
    Calibrator.Request request = Specs.request(7850, 0.3);
    Calibrator.Plan plan = Calibrator.distributedDiscreteGaussian(request);
    assertThat(plan.noiseMultiplier()).isCloseTo(3.274, within(1e-3));
    assertThat(plan.ringBits()).isEqualTo(22);
    assertThat(plan.gridStep()).isEqualTo(0.3 / 8192);
    Charge continuous = new Charge(new PrivacyEvent.Gaussian(plan.noiseMultiplier()), 8);
    double ideal = RDP.epsilon(List.of(continuous), 1e-5, Unit.USER, Relation.ZERO_OUT).epsilon();
    assertThat(plan.guarantee().epsilon()).isBetween(3.99, 4.0);
    assertThat(ideal).as("what rounding and tau cost").isGreaterThan(0.9998 * 4);
    Mechanism mechanism = new Mechanism.DistributedDiscreteGaussian(plan.noiseMultiplier(), 84);
    PipelineSpec spec = spec(request, plan, mechanism);
    assertThatCode(spec::check).doesNotThrowAnyException();
    assertThat(epsilon(request, spec)).isEqualTo(plan.guarantee().epsilon());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void plans_keepTheBudget_andLittleMore(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int honest = 1 + random.nextInt(300);
    Calibrator.Request request =
        new Calibrator.Request(
            Math.exp(random.nextDouble(Math.log(0.1), Math.log(20))),
            Math.exp(random.nextDouble(Math.log(1e-9), Math.log(1e-3))),
            1 + random.nextInt(200),
            1 + random.nextInt(2_000_000),
            Math.exp(random.nextDouble(-5, 5)),
            honest,
            honest + random.nextInt(100),
            OptionalInt.empty(),
            random.nextBoolean() ? Relation.ZERO_OUT : Relation.REPLACE_ONE);
    Calibrator.Plan plan = Calibrator.distributedDiscreteGaussian(request);
    Mechanism mechanism = new Mechanism.DistributedDiscreteGaussian(plan.noiseMultiplier(), honest);
    PipelineSpec spec = spec(request, plan, mechanism);
    assertThatCode(spec::check).as("seed %s", seed).doesNotThrowAnyException();
    assertThat(epsilon(request, spec))
        .as("seed %s: %s", seed, request)
        .isGreaterThan(0.995 * request.epsilon())
        .isLessThanOrEqualTo(request.epsilon());
    Mechanism less =
        new Mechanism.DistributedDiscreteGaussian(plan.noiseMultiplier() * 0.999, honest);
    assertThat(epsilon(request, spec(request, plan, less))).isGreaterThan(request.epsilon());
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 18, 20, 24, 32})
  void fixedRing_isFilled_andCostsMoreNoiseWhenNarrow(int bits) {
    Calibrator.Request wide = Specs.request(7850, 0.3);
    Calibrator.Request request =
        new Calibrator.Request(
            4, 1e-5, 8, 7850, 0.3, 84, 100, OptionalInt.of(bits), Relation.ZERO_OUT);
    Calibrator.Plan plan = Calibrator.distributedDiscreteGaussian(request);
    assertThat(plan.ringBits()).isEqualTo(bits);
    PipelineSpec spec =
        spec(request, plan, new Mechanism.DistributedDiscreteGaussian(plan.noiseMultiplier(), 84));
    assertThatCode(spec::check).doesNotThrowAnyException();
    assertThat(epsilon(request, spec)).isBetween(3.98, 4.0);
    double free = Calibrator.distributedDiscreteGaussian(wide).noiseMultiplier();
    if (bits < 20) {
      assertThat(plan.noiseMultiplier()).isGreaterThan(free);
    } else {
      assertThat(plan.noiseMultiplier()).isCloseTo(free, within(0.01));
    }
  }

  @Test
  void ringTooNarrow_isRefusedWithTheRingThatWouldDo() {
    Calibrator.Request request =
        new Calibrator.Request(
            4, 1e-5, 8, 7850, 0.3, 84, 100, OptionalInt.of(12), Relation.ZERO_OUT);
    assertThatExceptionOfType(UnreachableBudgetException.class)
        .isThrownBy(() -> Calibrator.distributedDiscreteGaussian(request))
        .withMessageContaining("a ring of 12 bits")
        .withMessageContaining("A ring of 22 bits would do")
        .satisfies(e -> assertThat(e.reachedEpsilon()).isGreaterThan(4));
  }

  @Test
  void budgetJustOutOfReach_carriesTheEpsilonReached() {
    Calibrator.Request request =
        new Calibrator.Request(
            0.01, 1e-5, 8, 50, 0.3, 8, 10, OptionalInt.of(12), Relation.ZERO_OUT);
    assertThatExceptionOfType(UnreachableBudgetException.class)
        .isThrownBy(() -> Calibrator.distributedDiscreteGaussian(request))
        .satisfies(
            e -> {
              assertThat(e.reachedEpsilon()).isBetween(0.01, 100.0);
              assertThat(reach(request, e.reachedEpsilon() * 1.0001)).isNotNull();
              assertThatExceptionOfType(UnreachableBudgetException.class)
                  .isThrownBy(() -> reach(request, e.reachedEpsilon() * 0.9999));
            });
  }

  private static Calibrator.Plan reach(Calibrator.Request request, double epsilon) {
    return Calibrator.distributedDiscreteGaussian(
        new Calibrator.Request(
            epsilon,
            request.delta(),
            request.participations(),
            request.length(),
            request.clipNorm(),
            request.minimumHonest(),
            request.maximumCohort(),
            request.ringBits(),
            request.relation()));
  }

  @Test
  void clientMadeNoise_underAddRemove_isRefused() {
    Calibrator.Request request =
        new Calibrator.Request(
            4, 1e-5, 8, 7850, 0.3, 84, 100, OptionalInt.empty(), Relation.ADD_REMOVE);
    assertThatExceptionOfType(RelationException.class)
        .isThrownBy(() -> Calibrator.distributedDiscreteGaussian(request));
    assertThatExceptionOfType(RelationException.class)
        .isThrownBy(
            () -> Calibrator.planFor(request, new Mechanism.DistributedDiscreteGaussian(3, 84)));
    assertThat(Calibrator.centralGaussian(request).guarantee().epsilon()).isBetween(3.98, 4.0);
  }

  @Test
  void central_needsNoMoreThanTheGaussian_andASmallerRing() {
    Calibrator.Request request = Specs.request(7850, 0.3);
    Calibrator.Plan plan = Calibrator.centralGaussian(request);
    assertThat(plan.noiseMultiplier()).isCloseTo(3.274, within(1e-3));
    PipelineSpec spec = spec(request, plan, new Mechanism.CentralGaussian(plan.noiseMultiplier()));
    assertThatCode(spec::check).doesNotThrowAnyException();
    assertThat(epsilon(request, spec)).isEqualTo(plan.guarantee().epsilon()).isBetween(3.98, 4.0);
  }

  @Test
  void planFor_fixedNoise_saysWhatItCosts() {
    Mechanism mechanism = new Mechanism.DistributedDiscreteGaussian(3.28, 84);
    Calibrator.Plan plan = Calibrator.planFor(Specs.request(7850, 0.3), mechanism);
    assertThat(plan.noiseMultiplier()).isEqualTo(3.28);
    assertThat(plan.guarantee().epsilon()).isCloseTo(3.992, within(2e-3));
    Calibrator.Request narrow =
        new Calibrator.Request(
            4, 1e-5, 8, 7850, 0.3, 84, 100, OptionalInt.of(10), Relation.ZERO_OUT);
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> Calibrator.planFor(narrow, mechanism))
        .withMessageContaining("a ring of 10 bits wraps");
  }

  @Test
  void withoutNoise_promisesNothing_andFits() {
    Calibrator.Plan plan = Calibrator.withoutNoise(7850, 0.3, 100, OptionalInt.empty());
    assertThat(plan.guarantee().epsilon()).isInfinite();
    assertThat(plan.noiseMultiplier()).isZero();
    assertThatCode(() -> Specs.noiseless(7850, 0.3, 100).check()).doesNotThrowAnyException();
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> Calibrator.withoutNoise(7850, 0.3, 100, OptionalInt.of(8)))
        .withMessageContaining("Raise ringBits");
    assertThat(Calibrator.withoutNoise(1, 1, 1_000_000, OptionalInt.of(24)).ringBits())
        .isEqualTo(24);
  }

  @Test
  void finestWithoutNoise_isAsFineAsTheRingHolds() {
    Calibrator.Plan few = Calibrator.finestWithoutNoise(15, 4, 20);
    assertThat(few.gridStep()).isEqualTo(0x4p-24);
    Calibrator.Plan many = Calibrator.finestWithoutNoise(15, 4, 100_000);
    assertThat(many.gridStep()).isGreaterThan(0x4p-24).isLessThan(0x4p-10);
    assertThat(many.ringBits()).isEqualTo(32);
  }

  @Test
  void numbersThatAreNone_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Calibrator.Request(
                    0, 1e-5, 8, 10, 1, 8, 10, OptionalInt.empty(), Relation.ZERO_OUT))
        .withMessageStartingWith("epsilon must be > 0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Calibrator.Request(
                    1, 1e-5, 8, 10, 1, 11, 10, OptionalInt.empty(), Relation.ZERO_OUT))
        .withMessageContaining("must be >= 11, was 10");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Calibrator.Request(
                    1, 1e-5, 8, 10, 1, 8, 10, OptionalInt.of(33), Relation.ZERO_OUT))
        .withMessageContaining("ringBits must be 2 to 32");
  }

  /** Everything that a client and a coordinator set, and why no sum wraps. */
  @Test
  void plan_saysScaleShareAndProof() {
    Calibrator.Plan plan = Calibrator.distributedDiscreteGaussian(Specs.request(7850, 0.3));
    assertThat(plan.scale() * plan.gridStep()).isEqualTo(1);
    assertThat(plan.shareSigma())
        .isCloseTo(plan.noiseMultiplier() * 0.3 / Math.sqrt(84), within(1e-12));
    java.util.regex.Matcher proof =
        java.util.regex.Pattern.compile("100 x (\\d+) \\+ (\\d+) = (\\d+) < 2\\^21")
            .matcher(plan.proof());
    assertThat(proof.matches()).as(plan.proof()).isTrue();
    long sum = 100 * Long.parseLong(proof.group(1)) + Long.parseLong(proof.group(2));
    assertThat(sum).isEqualTo(Long.parseLong(proof.group(3))).isLessThan(1 << 21);
    assertThat(Calibrator.centralGaussian(Specs.request(7850, 0.3)).shareSigma()).isZero();
  }

  /** The width of a share is that of its noise: Skellam and Laplace shares alike. */
  @Test
  void plan_shareSigma_isTheDeviationOfTheShare() {
    Calibrator.Plan skellam = Calibrator.distributedSkellam(Specs.request(100, 0.3));
    assertThat(skellam.shareSigma())
        .isCloseTo(skellam.noiseMultiplier() * 0.3 / Math.sqrt(84), within(1e-12));
    assertThat(new ClientNoise.Laplace(1e4).deviation())
        .isCloseTo(1e4 * Math.sqrt(2), within(1e-3));
  }
}
