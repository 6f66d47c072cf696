package dev.tributary.simulation.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.simulation.audit.MembershipInference.Scored;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MembershipInferenceTest {
  @Test
  void areaUnderCurve_countsPairs() {
    List<Scored> scores = new ArrayList<>();
    Random random = new Random(1);
    for (int i = 0; i < 120; i++) {
      scores.add(new Scored(random.nextInt(20) + (i % 3 == 0 ? 4 : 0), i % 3 == 0));
    }
    double above = 0;
    double pairs = 0;
    for (Scored member : scores) {
      for (Scored other : scores) {
        if (member.member() && !other.member()) {
          pairs++;
          above += member.value() > other.value() ? 1 : member.value() == other.value() ? 0.5 : 0;
        }
      }
    }
    assertThat(MembershipInference.areaUnderCurve(scores)).isCloseTo(above / pairs, within(1e-12));
  }

  @Test
  void truePositives_stopsBeforeTheFirstThresholdThatAccusesTooMany() {
    List<Scored> scores = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      scores.add(new Scored(i, false));
      scores.add(new Scored(i + 60.5, true));
    }
    // Above 98.5 stand one stranger and the members from 38 + 60.5 on: at 1 % one may be accused.
    assertThat(MembershipInference.truePositives(scores, 0.01)).isCloseTo(0.62, within(1e-12));
    assertThat(MembershipInference.truePositives(scores, 0)).isCloseTo(0.61, within(1e-12));
    assertThat(MembershipInference.truePositives(scores, 1)).isEqualTo(1);
  }

  /** A threshold cannot split equal scores: if they accuse too many, none of them counts. */
  @Test
  void truePositives_ofEqualScores_isNothing() {
    List<Scored> scores =
        List.of(
            new Scored(1, true), new Scored(1, false), new Scored(1, true), new Scored(1, false));
    assertThat(MembershipInference.truePositives(scores, 0.1)).isZero();
    assertThat(MembershipInference.areaUnderCurve(scores)).isEqualTo(0.5);
  }
}
