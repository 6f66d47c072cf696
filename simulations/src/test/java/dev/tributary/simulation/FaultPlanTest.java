package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.MaskedInput;
import dev.tributary.wire.v1.ShareKeys;
import dev.tributary.wire.v1.SignedSurvivors;
import dev.tributary.wire.v1.Unmask;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
  private static final List<DropPhase> ALL = List.of(DropPhase.values());

  /**
   * 20,000 draws at 5 %: mean 1,000, standard deviation 31; within six of them except with
   * probability 2e-9. Each phase gets about 200 of them, standard deviation 14.
   */
  @Test
  void drop_happensAsOftenAsSaidAndEvenlyOverPhases() {
    FaultPlan plan = new FaultPlan(Experiment.rootSeed(1), 0.05, ALL);
    Map<DropPhase, Integer> counts = new EnumMap<>(DropPhase.class);
    for (int round = 1; round <= 200; round++) {
      for (int client = 0; client < 100; client++) {
        plan.drop(round, client).ifPresent(phase -> counts.merge(phase, 1, Integer::sum));
      }
    }
    assertThat(counts.values().stream().mapToInt(Integer::intValue).sum()).isBetween(815, 1185);
    assertThat(counts).hasSize(5);
    assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(110, 290));
  }

  @Test
  void drop_dependsOnSeedRoundAndClientAlone() {
    FaultPlan plan = new FaultPlan(Experiment.rootSeed(1), 0.5, ALL);
    FaultPlan again = new FaultPlan(Experiment.rootSeed(1), 0.5, ALL);
    FaultPlan other = new FaultPlan(Experiment.rootSeed(2), 0.5, ALL);
    boolean differs = false;
    for (int client = 99; client >= 0; client--) {
      Optional<DropPhase> drop = plan.drop(7, client);
      assertThat(again.drop(7, client)).isEqualTo(drop);
      differs |= !other.drop(7, client).equals(drop);
    }
    assertThat(differs).isTrue();
  }

  @Test
  void drop_withoutDropouts_neverHappens() {
    FaultPlan plan = new FaultPlan(Experiment.rootSeed(1), 0, ALL);
    assertThat(plan.drop(1, 1)).isEmpty();
    assertThatThrownBy(() -> new FaultPlan(Experiment.rootSeed(1), 1, ALL))
        .hasMessageContaining("1.0");
  }

  @Test
  void silences_fromItsPhaseOn_everyLaterMessage() {
    List<Envelope> inOrder =
        List.of(
            Envelope.newBuilder().setAdvertiseKeys(AdvertiseKeys.getDefaultInstance()).build(),
            Envelope.newBuilder().setShareKeys(ShareKeys.getDefaultInstance()).build(),
            Envelope.newBuilder().setMaskedInput(MaskedInput.getDefaultInstance()).build(),
            Envelope.newBuilder().setSignedSurvivors(SignedSurvivors.getDefaultInstance()).build(),
            Envelope.newBuilder().setUnmask(Unmask.getDefaultInstance()).build());
    for (int phase = 0; phase < 5; phase++) {
      for (int message = 0; message < 5; message++) {
        assertThat(ALL.get(phase).silences(inOrder.get(message)))
            .as("%s, message %d", ALL.get(phase), message)
            .isEqualTo(message >= phase);
      }
      Envelope decline = Envelope.newBuilder().setDecline(Decline.getDefaultInstance()).build();
      assertThat(ALL.get(phase).silences(decline)).isFalse();
    }
  }

  @Test
  void words_areThoseOfTheJobFile() {
    assertThat(ALL).allSatisfy(phase -> assertThat(DropPhase.of(phase.word())).isEqualTo(phase));
  }
}
