package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.plan.Plan;
import dev.tributary.plan.PlanBuilder;
import dev.tributary.plan.PlanException;
import dev.tributary.plan.PrivacyTerms;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumParameters;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyTest {
  private static final Cohort COHORT = new Cohort(12, 3);
  private static final double EPSILON = 4;

  private static PlanBuilder plan() {
    return COHORT.plan(Sa1.ID, 0, EPSILON, 5);
  }

  /** A policy that accepts the plan with nothing to spare. */
  private static Policy justEnough() {
    Plan plan = plan().build();
    return Policy.atLeast()
        .cohort(12)
        .minimumSum(plan.sum().floor())
        .minimumHonest(10)
        .corruptFraction(plan.sum().corruptFraction())
        .maximumEpsilon(plan.privacy().epsilon())
        .delta(1e-5)
        .maximumClipNorm(Cohort.CLIP)
        .mode(Mode.MALICIOUS)
        .maximumModelBytes(plan.modelBytes())
        .maximumParameters(COHORT.d())
        .mechanisms("distributed-discrete-gaussian")
        .maximumLocalEpochs(1)
        .maximumDeadline(Cohort.DEADLINE);
  }

  static Stream<Arguments> stricter() {
    long bytes = plan().build().modelBytes();
    return Stream.of(
        row("cohort-too-small", p -> p.cohort(13)),
        row("mechanism-not-allowed", p -> p.mechanisms("distributed-skellam", "local-gaussian")),
        row("model-too-large", p -> p.maximumParameters(COHORT.d() - 1)),
        row("sum-too-small", p -> p.minimumSum(13)),
        row("too-few-honest", p -> p.minimumHonest(11)),
        row("too-few-corrupt", p -> p.corruptFraction(0.1)),
        row("epsilon-too-large", p -> p.maximumEpsilon(EPSILON * 0.99)),
        row("delta-too-large", p -> p.delta(9e-6)),
        row("clip-too-large", p -> p.maximumClipNorm(0.999)),
        row("model-too-large", p -> p.maximumModelBytes(bytes - 1)),
        row("deadline-too-long", p -> p.maximumDeadline(Cohort.DEADLINE.minusMillis(1))));
  }

  private static Arguments row(String code, UnaryOperator<Policy> change) {
    return Arguments.of(code, change);
  }

  @Test
  void plan_thatMeetsTheFloorsExactly_isAccepted() {
    assertThat(justEnough().check(plan().build(), true)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("stricter")
  void plan_oneStepBelowAFloor_isRefusedForIt(String code, UnaryOperator<Policy> change) {
    Optional<Refusal> refusal = change.apply(justEnough()).check(plan().build(), true);
    assertThat(refusal).map(Refusal::code).contains(code);
  }

  /** Else a member, who knows its own share, meets less noise than the plan's epsilon counts. */
  @Test
  void clientsNoise_withoutAShareLeftOut_isNoPlan() {
    SumParameters sum = plan().build().sum();
    SumParameters nobodyCorrupt =
        SumParameters.derive(
            Sa1.ID,
            sum.mode(),
            12,
            0.083,
            sum.dropoutFraction(),
            sum.minimumSum(),
            sum.minimumHonest(),
            sum.ringBits(),
            sum.length());
    assertThat(nobodyCorrupt.colluders()).isZero();
    assertThatThrownBy(() -> plan().sum(nobodyCorrupt).build())
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("sum.corruptFraction must leave out at least one of 12 clients");
  }

  @Test
  void training_ofTooManyEpochs_isRefused() {
    Plan plan =
        plan()
            .training(
                new dev.tributary.plan.TrainingTask(
                    2,
                    4,
                    "sgd",
                    new java.util.TreeMap<>(),
                    "sgd",
                    new java.util.TreeMap<>(java.util.Map.of("learningRate", 0.1))))
            .build();
    assertThat(justEnough().check(plan, true)).map(Refusal::code).contains("training-too-long");
  }

  @Test
  void mode_withoutCertificates_isRefusedUnlessCuriousWillDo() {
    Plan plan = plan().build();
    assertThat(justEnough().check(plan, false)).map(Refusal::code).contains("mode-not-certified");
    assertThat(justEnough().mode(Mode.CURIOUS).check(plan, false)).isEmpty();
  }

  @Test
  void mode_curiousPlan_isRefusedByAMaliciousPolicy() {
    SumParameters sum = plan().build().sum();
    SumParameters curious =
        SumParameters.derive(
            Sa1.ID,
            Mode.CURIOUS,
            12,
            sum.corruptFraction(),
            0,
            sum.minimumSum(),
            sum.minimumHonest(),
            sum.ringBits(),
            sum.length());
    Plan plan = plan().sum(curious).build();
    assertThat(justEnough().check(plan, true)).map(Refusal::code).contains("mode-too-weak");
    assertThat(justEnough().mode(Mode.CURIOUS).check(plan, true)).isEmpty();
  }

  /** A downgrade is declined by name; who asks for no more takes either. */
  @Test
  void row25_postQuantumAskedFor_planWithout_isRefused() {
    Plan classical = plan().build();
    Plan postQuantum = COHORT.plan(Sa1.POST_QUANTUM, 0, EPSILON, 5).build();
    Policy asking = justEnough().requiringPostQuantum();
    assertThat(asking.check(classical, true))
        .hasValueSatisfying(
            refusal -> {
              assertThat(refusal.code()).isEqualTo("post-quantum-missing");
              assertThat(refusal.toString()).contains("sa1-mlkem768");
            });
    assertThat(asking.check(postQuantum, true)).isEmpty();
    assertThat(asking.cohort(12).check(classical, true)).isPresent();
    assertThat(justEnough().check(classical, true)).isEmpty();
    assertThat(justEnough().check(postQuantum, true)).isEmpty();
    assertThat(postQuantum.sessionId())
        .as("two suites are two sessions")
        .isNotEqualTo(classical.sessionId());
  }

  @Test
  void row14_row15_privacyMissing_isRefusedUnlessEpsilonMayBeInfinite() {
    Plan plan = COHORT.plainPlan(Sa1.ID, 0).build();
    Policy policy = Policy.atLeast().cohort(12);
    assertThat(policy.check(plan, true)).map(Refusal::code).contains("privacy-missing");
    assertThat(policy.maximumEpsilon(Double.POSITIVE_INFINITY).check(plan, true)).isEmpty();
  }

  @Test
  void noise_byTheCoordinator_isRefusedUnlessTrusted() {
    Plan plain = COHORT.plainPlan(Sa1.ID, 0).build();
    PipelineSpec pipeline = plain.pipeline();
    PipelineSpec central =
        new PipelineSpec(
            pipeline.segments(),
            pipeline.clipNorm(),
            pipeline.gridStep(),
            pipeline.ringBits(),
            pipeline.maximumCohort(),
            new Mechanism.CentralGaussian(4),
            pipeline.rotationSeed());
    Plan plan =
        COHORT
            .plainPlan(Sa1.ID, 0)
            .pipeline(central)
            .privacy(new PrivacyTerms(Unit.USER, Relation.ZERO_OUT, 8, 1e-5, 1, 1))
            .build();
    Policy policy = Policy.atLeast().cohort(12);
    assertThat(policy.check(plan, true)).map(Refusal::code).contains("noise-not-by-clients");
    assertThat(policy.trustingCentralNoise().check(plan, true)).isEmpty();
  }

  @Test
  void epsilon_saidSmallerThanItIs_isRefused() {
    Plan plan =
        plan()
            .privacy(new PrivacyTerms(Unit.USER, Relation.ZERO_OUT, EPSILON * 0.9, 1e-5, 5, 1))
            .build();
    assertThat(justEnough().check(plan, true)).map(Refusal::code).contains("epsilon-understated");
  }

  @Test
  void unit_ofSingleExamples_isRefused() {
    Plan plan =
        plan()
            .privacy(new PrivacyTerms(Unit.EXAMPLE, Relation.ZERO_OUT, EPSILON, 1e-5, 5, 1))
            .build();
    assertThat(justEnough().check(plan, true)).map(Refusal::code).contains("unit-not-user");
  }

  @Test
  void spending_isComposedOverAllJobs() {
    PrivacyEvent event = plan().build().pipeline().event();
    Policy policy = justEnough().maximumEpsilon(EPSILON);
    assertThat(policy.checkSpending(List.of(new Charge(event, 5)))).isEmpty();
    assertThat(policy.checkSpending(List.of(new Charge(event, 5), new Charge(event, 1))))
        .map(Refusal::code)
        .contains("budget-exhausted");
    assertThat(policy.checkSpending(List.of(new Charge(new PrivacyEvent.NonPrivate(), 1))))
        .isPresent();
  }

  @Test
  void methods_changeACopy() {
    Policy policy = Policy.atLeast();
    Policy unused = policy.cohort(500).maximumEpsilon(0.1).maximumDeadline(Duration.ofSeconds(1));
    assertThat(unused).isNotSameAs(policy);
    assertThat(policy.check(plan().build(), true)).isEmpty();
  }

  @Test
  void numbers_outOfRange_areRefusedWithTheirBound() {
    Policy policy = Policy.atLeast();
    assertThatThrownBy(() -> policy.cohort(1)).hasMessageContaining("cohort must be at least 2");
    assertThatThrownBy(() -> policy.maximumEpsilon(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> policy.maximumEpsilon(0)).hasMessageContaining("greater than 0");
    assertThatThrownBy(() -> policy.corruptFraction(1)).hasMessageContaining("below 1");
    assertThatThrownBy(() -> policy.delta(0)).hasMessageContaining("2^-60");
    assertThatThrownBy(() -> policy.maximumClipNorm(-1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> policy.maximumModelBytes(0)).hasMessageContaining("at least 1");
    assertThatThrownBy(() -> policy.maximumDeadline(Duration.ZERO))
        .hasMessageContaining("positive");
  }
}
