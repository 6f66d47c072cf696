package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeatsTest {
  private static BitSet bits(int... places) {
    BitSet bits = new BitSet();
    IntStream.of(places).forEach(bits::set);
    return bits;
  }

  @Test
  void of_everybodyThere_asksNoSpare() {
    assertThat(Seats.of(List.of(7, 8, 9, 1, 2), 3, bits()))
        .isEqualTo(new Seats(List.of(7, 8, 9), bits(), List.of(7, 8, 9)));
    // A spare that is not there is nobody's loss.
    assertThat(Seats.of(List.of(7, 8, 9, 1, 2), 3, bits(3)).drawn()).containsExactly(7, 8, 9);
  }

  @Test
  void of_membersAway_theNextSparesThatAreThereHaveTheirSlots() {
    Seats seats = Seats.of(List.of(7, 8, 9, 1, 2, 3), 3, bits(1, 3));

    assertThat(seats).isEqualTo(new Seats(List.of(7, 2, 9), bits(), List.of(7, 8, 9, 1, 2)));
    assertThat(seats.replaced()).isEqualTo(1);
    assertThat(seats.there()).isEqualTo(3);
  }

  @Test
  void of_moreAwayThanSparesThere_leavesTheRestAbsent() {
    Seats seats = Seats.of(List.of(7, 8, 9, 1, 2), 3, bits(0, 1, 2, 4));

    assertThat(seats).isEqualTo(new Seats(List.of(1, 8, 9), bits(1, 2), List.of(7, 8, 9, 1)));
    assertThat(seats.replaced()).isEqualTo(1);
    assertThat(seats.there()).isEqualTo(1);
  }

  /** As many are there as could be, everybody once, and only a beginning of the draw counts. */
  @Test
  void of_anyPresence_fillsAllThatCanBeFilled() {
    SplittableRandom random = new SplittableRandom(5);
    for (int trial = 0; trial < 500; trial++) {
      int size = 1 + random.nextInt(8);
      List<Integer> drawn =
          IntStream.range(0, size + random.nextInt(5)).map(i -> 100 - i).boxed().toList();
      BitSet missing = new BitSet();
      IntStream.range(0, drawn.size()).filter(i -> random.nextInt(3) == 0).forEach(missing::set);

      Seats seats = Seats.of(drawn, size, missing);

      assertThat(seats.cohort()).hasSize(size);
      assertThat(new HashSet<>(seats.cohort())).hasSize(size);
      int there = drawn.size() - missing.cardinality();
      assertThat(seats.there()).isEqualTo(Math.min(size, there));
      assertThat(seats.drawn()).isEqualTo(drawn.subList(0, seats.drawn().size()));
      assertThat(seats.drawn()).containsAll(seats.cohort());
      for (int slot = 0; slot < size; slot++) {
        int place = drawn.indexOf(seats.cohort().get(slot));
        assertThat(seats.absent().get(slot)).isEqualTo(missing.get(place));
      }
      if (seats.drawn().size() > size) {
        assertThat(seats.cohort()).contains(seats.drawn().get(seats.drawn().size() - 1));
      }
    }
  }
}
