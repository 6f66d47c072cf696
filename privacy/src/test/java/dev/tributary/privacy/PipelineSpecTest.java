package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PipelineSpecTest {
  private static final Segment SEGMENT = new Segment("update", 1000);

  private static PipelineSpec spec(double grid, int bits, int cohort, Mechanism mechanism) {
    return new PipelineSpec(List.of(SEGMENT), 1, grid, bits, cohort, mechanism, Specs.SEED);
  }

  @Test
  void check_ringOneBitTooSmall_isRefusedWithTheBitsThatDo() {
    Mechanism mechanism = new Mechanism.DistributedDiscreteGaussian(3, 84);
    int bits = RingFit.of(spec(0x1p-13, 32, 100, mechanism)).requiredBits();
    assertThatCode(() -> spec(0x1p-13, bits, 100, mechanism).check()).doesNotThrowAnyException();
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> spec(0x1p-13, bits - 1, 100, mechanism).check())
        .withMessageContaining("need " + bits + " bits");
  }

  /** n B + Tail < 2^(w-1): worst coordinate of every client plus the noise tail. */
  @Test
  void ringFit_isTheInequality() {
    assertThat(new RingFit(1, 1, 0).requiredBits()).isEqualTo(2);
    assertThat(new RingFit(1, 127, 0).requiredBits()).isEqualTo(8);
    assertThat(new RingFit(1, 128, 0).requiredBits()).isEqualTo(9);
    assertThat(new RingFit(100, 1000, 28_000).requiredBits()).isEqualTo(18);
    assertThat(new RingFit(100, 1000, 31_072).requiredBits()).isEqualTo(19);
    assertThat(new RingFit(Integer.MAX_VALUE, Long.MAX_VALUE, 0).requiredBits()).isEqualTo(99);
  }

  /** The ring that check() finds has more than 40 bits of safety, and one bit less has not. */
  @Test
  void wrapExponent_againstTheCheck_crossesForty() {
    for (Mechanism mechanism :
        List.of(
            new Mechanism.DistributedDiscreteGaussian(0.5, 84),
            new Mechanism.DistributedDiscreteGaussian(30, 84),
            new Mechanism.DistributedDiscreteGaussian(300, 84),
            new Mechanism.DistributedSkellam(3, 84),
            new Mechanism.DistributedSkellam(300, 84))) {
      int bits = RingFit.of(spec(0x1p-13, 32, 100, mechanism)).requiredBits();
      assertThat(spec(0x1p-13, bits, 100, mechanism).wrapExponent())
          .as("%s", mechanism)
          .isGreaterThan(40);
      assertThat(spec(0x1p-13, bits - 1, 100, mechanism).wrapExponent())
          .as("%s", mechanism)
          .isLessThan(40);
    }
  }

  /** 2 d exp(-r^2 / (2 sigma^2)), written out for one set of numbers. */
  @Test
  void wrapExponent_byHand() {
    PipelineSpec spec = spec(0x1p-13, 24, 100, new Mechanism.DistributedDiscreteGaussian(30, 84));
    double room = (1 << 23) - 100 * Math.floor(spec.integerNormBound());
    double sigma = 30 * 8192 * Math.sqrt(100.0 / 84);
    double probability = 2.0 * 1024 * Math.exp(-room * room / (2 * sigma * sigma));
    assertThat(Math.pow(2, -spec.wrapExponent()) / probability).isBetween(1 - 1e-6, 1 + 1e-6);
    assertThat(spec(0x1p-13, 24, 100, new Mechanism.None()).wrapExponent()).isInfinite();
    assertThat(spec(0x1p-13, 18, 100, new Mechanism.None()).wrapExponent()).isZero();
  }

  @DisplayName("P22: with a share of 0.3 grid steps tau d is in the thousands")
  @Test
  void check_noiseShareBelowHalfAGridStep_isRefused() {
    Mechanism mechanism = new Mechanism.DistributedDiscreteGaussian(3, 100);
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> spec(1, 32, 100, mechanism).check())
        .withMessageContaining("too narrow")
        .withMessageContaining("lower gridStep");
  }

  /**
   * Two shares of 0.49 have tau d over the limit as well; one share alone is a discrete Gaussian.
   */
  @Test
  void check_narrowShare_passesOnlyWhereTauIsSmall() {
    assertThatCode(
            () -> spec(1, 32, 100, new Mechanism.DistributedDiscreteGaussian(0.49, 1)).check())
        .doesNotThrowAnyException();
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(
            () -> spec(1, 32, 100, new Mechanism.DistributedDiscreteGaussian(0.69, 2)).check());
  }

  @Test
  void check_moreHonestThanTheCohort_isRefused() {
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(
            () -> spec(0x1p-13, 32, 50, new Mechanism.DistributedDiscreteGaussian(3, 51)).check())
        .withMessageContaining("at most 50");
  }

  @Test
  void check_gridBeyondTheExactNorm_isRefused() {
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> spec(0x1p-31, 32, 1, new Mechanism.None()).check())
        .withMessageContaining("2^30");
  }

  @Test
  void event_isWhatTheRoundReleases() {
    PipelineSpec spec = spec(0x1p-10, 32, 100, new Mechanism.DistributedDiscreteGaussian(3, 81));
    double bound = RoundedNorm.l2Bound(1024, RoundedNorm.BETA, 1024);
    assertThat(spec.event())
        .isEqualTo(new PrivacyEvent.DistributedDiscreteGaussian(bound, 3 * 1024 / 9.0, 81, 1024));
    assertThat(spec(0x1p-10, 32, 100, new Mechanism.CentralGaussian(3)).event())
        .isEqualTo(new PrivacyEvent.DiscreteGaussian(bound, 3 * 1024));
    assertThat(spec(0x1p-10, 32, 100, new Mechanism.None()).event())
        .isEqualTo(new PrivacyEvent.NonPrivate());
  }

  @DisplayName("P2, P21: the shares are sized for n_min, and below it nothing is released")
  @Test
  void checkRelease_belowTheMinimum_isRefused() {
    PipelineSpec spec = Specs.distributed(100, 0.3, 3.28);
    assertThatCode(() -> spec.checkRelease(84)).doesNotThrowAnyException();
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> spec.checkRelease(83))
        .withMessageContaining("83 honest contributions")
        .withMessageContaining("needs 84");
    assertThatCode(() -> Specs.central(100, 0.3, 3).checkRelease(1)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void numbersThatAreNone_areRefused(double bad) {
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> spec(bad, 32, 10, new Mechanism.None()))
        .withMessageStartingWith("gridStep must be > 0");
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(
            () ->
                new PipelineSpec(
                    List.of(SEGMENT), bad, 1, 32, 10, new Mechanism.None(), Specs.SEED))
        .withMessageStartingWith("clipNorm must be > 0");
    assertThatIllegalArgumentException().isThrownBy(() -> new Mechanism.CentralGaussian(bad));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Mechanism.DistributedDiscreteGaussian(bad, 10));
  }

  @Test
  void shapesThatAreNone_areRefused() {
    Mechanism none = new Mechanism.None();
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> new PipelineSpec(List.of(), 1, 1, 32, 10, none, Specs.SEED))
        .withMessageContaining("at least one segment");
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(
            () -> new PipelineSpec(List.of(SEGMENT, SEGMENT), 1, 1, 32, 10, none, Specs.SEED))
        .withMessage("segment name twice: update");
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> new PipelineSpec(List.of(SEGMENT), 1, 1, 33, 10, none, Specs.SEED))
        .withMessage("ringBits must be 2 to 32, was 33");
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> new PipelineSpec(List.of(SEGMENT), 1, 1, 32, 10, none, "5A".repeat(32)))
        .withMessageContaining("64 lower-case");
    Segment huge = new Segment("huge", Integer.MAX_VALUE);
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> new PipelineSpec(List.of(huge, SEGMENT), 1, 1, 32, 10, none, Specs.SEED))
        .withMessageContaining("at most 1073741824");
    assertThatIllegalArgumentException().isThrownBy(() -> new Segment(" ", 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Segment("a", 0));
  }

  @Test
  void clientMadeNoise_underAddRemove_isRefused() {
    Mechanism mechanism = new Mechanism.DistributedDiscreteGaussian(3, 84);
    assertThatExceptionOfType(RelationException.class)
        .isThrownBy(() -> mechanism.check(Relation.ADD_REMOVE))
        .withMessageContaining("takes its noise share with it");
    assertThatCode(() -> mechanism.check(Relation.ZERO_OUT)).doesNotThrowAnyException();
    assertThatCode(() -> new Mechanism.CentralGaussian(3).check(Relation.ADD_REMOVE))
        .doesNotThrowAnyException();
  }
}
