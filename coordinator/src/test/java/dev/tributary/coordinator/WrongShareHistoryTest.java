package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.SumResult.WrongShare;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cohorts of ten of a population of thirty: three liars at most. */
class WrongShareHistoryTest {

  private static final List<Integer> COHORT = IntStream.range(20, 30).boxed().toList();

  private final WrongShareHistory history = new WrongShareHistory(10);

  private static List<WrongShare> holder(int slot, int... dealers) {
    return IntStream.of(dealers).mapToObj(dealer -> new WrongShare(dealer, slot)).toList();
  }

  @Test
  void holder_withMoreDealersThanThereAreLiars_inTwoRounds_isLeftOut() {
    assertThat(history.note(1, COHORT, holder(7, 0, 1))).isEmpty();
    assertThat(history.note(2, COHORT, holder(7, 2))).as("three others").isEmpty();
    assertThat(history.note(3, COHORT, holder(7, 2))).as("three others still").isEmpty();
    assertThat(history.note(4, COHORT, holder(7, 3))).containsExactly(27);
    assertThat(history.leavesOut(27)).isTrue();
    assertThat(IntStream.range(0, 30).filter(history::leavesOut)).containsExactly(27);
    assertThat(history.note(5, COHORT, holder(7, 4))).as("told once").isEmpty();
  }

  @Test
  void oneRound_howeverBad_leavesNobodyOut() {
    assertThat(history.note(1, COHORT, holder(7, 0, 1, 2, 3, 4, 5, 6, 8, 9))).isEmpty();
    assertThat(IntStream.range(0, 30).filter(history::leavesOut)).isEmpty();
    assertThat(history.note(2, COHORT, holder(7, 0))).containsExactly(27);
  }

  @Test
  void oneDealer_inEveryRoundAgainstAllHolders_getsOnlyItselfLeftOut() {
    for (int round = 1; round <= 20; round++) {
      List<WrongShare> pairs = new ArrayList<>();
      for (int slot = 1; slot < 10; slot++) {
        pairs.add(new WrongShare(0, slot));
      }
      history.note(round, COHORT, pairs);
    }
    assertThat(IntStream.range(0, 30).filter(history::leavesOut)).containsExactly(20);
  }

  @Test
  void smallCohort_oneLiar_neverTakesAnotherWithIt() {
    WrongShareHistory three = new WrongShareHistory(3);
    for (int round = 1; round <= 5; round++) {
      three.note(round, List.of(0, 1, 2), List.of(new WrongShare(0, 1), new WrongShare(0, 2)));
    }
    assertThat(IntStream.range(0, 3).filter(three::leavesOut)).containsExactly(0);
  }

  /** As many liars as there may be, in any role, with each other's help. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void liarsTogether_neverGetAnHonestMemberLeftOut(long seed) {
    Random random = new Random(seed);
    for (int round = 1; round <= 300; round++) {
      List<Integer> cohort = new ArrayList<>(IntStream.range(0, 30).boxed().toList());
      java.util.Collections.shuffle(cohort, random);
      cohort = cohort.subList(0, 10);
      List<WrongShare> pairs = new ArrayList<>();
      for (int slot = 0; slot < 10; slot++) {
        // Members 0, 1 and 2 lie.
        for (int other = 0; cohort.get(slot) < 3 && other < 10; other++) {
          if (other != slot && random.nextInt(3) == 0) {
            pairs.add(
                random.nextBoolean() ? new WrongShare(slot, other) : new WrongShare(other, slot));
          }
        }
      }
      history.note(round, cohort, pairs);
    }
    assertThat(IntStream.range(0, 30).filter(history::leavesOut))
        .as("seed %d", seed)
        .containsExactly(0, 1, 2);
  }
}
