package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.job.Job.Availability;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttendanceTest {
  private static final Seed SEED = Experiment.rootSeed(1);
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  private final List<String> stopped = new ArrayList<>();

  private Attendance of(Availability described, ClientTrace trace) {
    return new Attendance(described, trace, DEADLINE, SEED, stopped::add);
  }

  private Attendance of(Availability described) {
    return of(described, null);
  }

  private static void at(Attendance attendance, Duration since) {
    Machine clock = attendance.around((now, event) -> List.of());
    Instant now = VirtualShell.START.plus(since);
    assertThat(clock.on(now, new Event.Woken())).isEmpty();
  }

  private static BitSet there(Attendance attendance, int clients) {
    BitSet there = new BitSet();
    for (int client = clients - 1; client >= 0; client--) {
      there.set(client, attendance.there(client));
    }
    return there;
  }

  /**
   * 20,000 coins of 0.7: mean 14,000, standard deviation 65. Heads in two rounds: mean 9,800,
   * standard deviation 71. Each count is within six of them except with probability 2e-9; there are
   * four.
   */
  @Test
  void random_isThereAsOftenAsSaid_andAnewInEachRoundAndMinute() {
    Attendance attendance = of(new Availability.Random(0.7));
    attendance.due(1);
    BitSet first = there(attendance, 20_000);
    assertThat(first.cardinality()).isBetween(14_000 - 389, 14_000 + 389);
    assertThat(there(attendance, 20_000)).isEqualTo(first);
    at(attendance, Duration.ofSeconds(59));
    assertThat(there(attendance, 20_000)).isEqualTo(first);
    at(attendance, Duration.ofSeconds(60));
    BitSet waited = there(attendance, 20_000);
    attendance.due(2);
    BitSet second = there(attendance, 20_000);
    assertThat(second.cardinality()).isBetween(14_000 - 389, 14_000 + 389);
    for (BitSet other : List.of(waited, second)) {
      BitSet both = (BitSet) first.clone();
      both.and(other);
      assertThat(both.cardinality()).isBetween(9_800 - 425, 9_800 + 425);
    }
  }

  /** A coordinator that dies and starts asks for the seed of round 0, then for the round's. */
  @Test
  void due_onceMoreAfterADeath_letsTimeGoOn() {
    Attendance attendance = of(new Availability.Random(0.5));
    attendance.due(1);
    BitSet first = there(attendance, 100);
    for (int minute = 1; minute <= 3; minute++) {
      at(attendance, Duration.ofSeconds(60L * minute - 30));
      attendance.due(0);
      attendance.due(1);
      there(attendance, 100);
    }
    at(attendance, Duration.ofMinutes(3));
    BitSet later = there(attendance, 100);
    assertThat(later).isNotEqualTo(first);
    Attendance undisturbed = of(new Availability.Random(0.5));
    undisturbed.due(1);
    at(undisturbed, Duration.ofMinutes(3));
    assertThat(there(undisturbed, 100)).isEqualTo(later);
  }

  @Test
  void random_dependsOnSeedRoundAndClientAlone() {
    Attendance late = of(new Availability.Random(0.5));
    late.due(3);
    Attendance early = of(new Availability.Random(0.5));
    early.due(1);
    there(early, 10);
    early.due(3);
    assertThat(there(early, 100)).isEqualTo(there(late, 100));
    Attendance other =
        new Attendance(
            new Availability.Random(0.5), null, DEADLINE, Experiment.rootSeed(2), stopped::add);
    other.due(3);
    assertThat(there(other, 100)).isNotEqualTo(there(late, 100));
  }

  /**
   * Of 9,000 clients a third is there at any time: mean 3,000, standard deviation 45; within six of
   * them in all of 24 hours except with probability 5e-8.
   */
  @Test
  void daily_isThereForItsHours_everyDayTheSame() {
    Attendance attendance = of(new Availability.Daily(8, 24, Duration.ofHours(1)));
    int[] hours = new int[9_000];
    BitSet first = new BitSet();
    for (int round = 1; round <= 24; round++) {
      attendance.due(round);
      BitSet there = there(attendance, hours.length);
      assertThat(there.cardinality()).isBetween(3_000 - 268, 3_000 + 268);
      there.stream().forEach(client -> hours[client]++);
      first = round == 1 ? there : first;
    }
    assertThat(hours).containsOnly(8);
    attendance.due(25);
    assertThat(there(attendance, hours.length)).isEqualTo(first);
  }

  /** Hours begin between 0:00 and 2:00 and end between 4:00 and 6:00. */
  @Test
  void daily_withSmallSpread_hasHoursForAllAndForNobody() {
    Attendance attendance = of(new Availability.Daily(4, 2, Duration.ofHours(1)));
    attendance.due(4);
    assertThat(there(attendance, 500).cardinality()).isEqualTo(500);
    attendance.due(8);
    assertThat(there(attendance, 500).cardinality()).isZero();
  }

  /** Round 1 begins at 0:00 and waits for an hour; so round 2 begins at 1:00 and a minute. */
  @Test
  void clock_goesByRoundsAndWaiting_notByWhatARoundTakes() throws Exception {
    Path file = Files.createTempFile(folder, "trace", ".csv");
    Files.writeString(file, "client,from,to\n0,3600,3661\n1,3660,9000\n");
    Attendance attendance = of(new Availability.Trace(file, null), ClientTrace.read(file));
    attendance.due(1);
    assertThat(there(attendance, 2).isEmpty()).isTrue();
    at(attendance, Duration.ofSeconds(3599));
    assertThat(there(attendance, 2).isEmpty()).isTrue();
    at(attendance, Duration.ofSeconds(3600));
    assertThat(there(attendance, 2)).isEqualTo(BitSet.valueOf(new long[] {0b01}));
    at(attendance, Duration.ofSeconds(3600 + 17_000));
    attendance.due(2);
    assertThat(there(attendance, 2)).isEqualTo(BitSet.valueOf(new long[] {0b11}));
    attendance.due(3);
    assertThat(there(attendance, 2)).isEqualTo(BitSet.valueOf(new long[] {0b10}));
  }

  @Test
  void roundThatWaitsForAWeek_endsTheJob() {
    Attendance attendance = of(new Availability.Random(1e-9));
    attendance.due(1);
    at(attendance, Duration.ofDays(7).minusNanos(1));
    assertThat(attendance.there(1)).isFalse();
    assertThat(stopped).isEmpty();
    at(attendance, Duration.ofDays(7));
    assertThat(attendance.there(1)).isFalse();
    assertThat(stopped).singleElement().asString().contains("round 1", "simulation.availability");
  }

  @TempDir private Path folder;
}
