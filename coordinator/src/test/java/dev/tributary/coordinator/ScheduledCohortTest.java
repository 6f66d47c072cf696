package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.privacy.CohortSampling;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduledCohortTest {

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  /** Random shapes with N >= n s and just enough participations: the tightest there are. */
  @ParameterizedTest
  @MethodSource("seeds")
  void select_anyFeasibleShape_keepsCapSeparationAndBalance(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int size = 1 + random.nextInt(8);
    int separation = 1 + random.nextInt(6);
    int spares = random.nextInt(4) == 0 ? 0 : random.nextInt(6);
    int drawn = size + spares;
    int population = drawn * separation + random.nextInt(20);
    int rounds = 1 + random.nextInt(40);
    int participations = (rounds * drawn + population - 1) / population;
    assertThat(
            ScheduledCohort.refusal(population, size, spares, rounds, participations, separation))
        .as("seed %d", seed)
        .isEmpty();
    ScheduledCohort schedule =
        new ScheduledCohort(
            population, size, spares, new CohortSampling.Schedule(participations, separation));
    int[] counts = new int[population];
    int[] last = new int[population];

    for (int round = 1; round <= rounds; round++) {
      List<Integer> all = schedule.select(round, World.seed(seed).derive("round", round));
      assertThat(new HashSet<>(all)).as("seed %d round %d", seed, round).hasSize(drawn);
      List<Integer> over = all.subList(0, size + random.nextInt(spares + 1));
      schedule.take(round, over);
      for (int member : over) {
        counts[member]++;
        if (last[member] > 0) {
          assertThat(round - last[member])
              .as("seed %d round %d member %d", seed, round, member)
              .isGreaterThanOrEqualTo(separation);
        }
        last[member] = round;
      }
      int most = java.util.Arrays.stream(counts).max().orElseThrow();
      int least = java.util.Arrays.stream(counts).min().orElseThrow();
      assertThat(most - least).as("seed %d round %d", seed, round).isLessThanOrEqualTo(1);
      assertThat(schedule.participations()).isEqualTo(most).isLessThanOrEqualTo(participations);
      // What is charged never exceeds what the one object declares.
      assertThat(schedule.participations())
          .isLessThanOrEqualTo(schedule.sampling().participations(round));
    }
  }

  /**
   * Clients join and leave between any two rounds, also while a round that was drawn waits, and
   * some come back as new members: no client is in more than k rounds, nor in two less than s
   * apart, and every round is filled.
   */
  @ParameterizedTest
  @MethodSource("seeds")
  void select_membersJoinAndLeave_keepsCapSeparationAndFillsEveryRound(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int size = 1 + random.nextInt(5);
    int spares = random.nextInt(3);
    int drawn = size + spares;
    int separation = 1 + random.nextInt(5);
    int population = drawn * separation + random.nextInt(12);
    int rounds = 10 + random.nextInt(60);
    int participations = (rounds * drawn + population - 1) / population + random.nextInt(3);
    ScheduledCohort schedule =
        new ScheduledCohort(
            population, size, spares, new CohortSampling.Schedule(participations, separation));
    // By member, which client it is; by client, the rounds that it was in.
    List<Integer> clients = new ArrayList<>();
    List<List<Integer>> inRounds = new ArrayList<>();
    for (int client = 0; client < population; client++) {
      clients.add(client);
      inRounds.add(new ArrayList<>());
    }
    TreeSet<Integer> withdrawn = new TreeSet<>();
    int joined = 0;
    int left = 0;
    for (int round = 1; round <= rounds; round++) {
      List<Integer> leavers = schedule.leavers(rounds, withdrawn);
      leavers.forEach(schedule::leave);
      left += leavers.size();
      List<Integer> all = schedule.select(round, World.seed(seed).derive("round", round));
      assertThat(new HashSet<>(all)).as("seed %d round %d", seed, round).hasSize(drawn);
      assertThat(all).as("seed %d round %d", seed, round).allMatch(schedule::draws);
      for (int i = some(random, population); i > 0; i--) {
        List<Integer> away =
            withdrawn.stream()
                .filter(member -> clients.lastIndexOf(clients.get(member)) == member)
                .toList();
        if (!away.isEmpty() && random.nextBoolean()) {
          clients.add(clients.get(away.get(random.nextInt(away.size()))));
        } else {
          clients.add(inRounds.size());
          inRounds.add(new ArrayList<>());
        }
        schedule.join(schedule.participations(), schedule.lastTaken());
        joined++;
      }
      List<Integer> over = all.subList(0, size + random.nextInt(spares + 1));
      schedule.take(round, over);
      for (int member : over) {
        if (!withdrawn.contains(member)) {
          inRounds.get(clients.get(member)).add(round);
        }
      }
      for (int i = some(random, population); i > 0; i--) {
        withdrawn.add(random.nextInt(clients.size()));
      }
    }
    for (List<Integer> in : inRounds) {
      assertThat(in).as("seed %d", seed).hasSizeLessThanOrEqualTo(participations);
      for (int i = 1; i < in.size(); i++) {
        assertThat(in.get(i) - in.get(i - 1)).isGreaterThanOrEqualTo(separation);
      }
    }
    assertThat(joined).as("seed %d", seed).isPositive();
    CHANGES.addAndGet(left);
  }

  /** Members that wait for the next pass do not make up for those that this one still has. */
  @Test
  void leavers_membersOfTheNextPass_doNotCountForTheSeparation() {
    ScheduledCohort schedule = new ScheduledCohort(12, 2, new CohortSampling.Schedule(9, 3));
    schedule.take(1, List.of(0, 1));
    for (int i = 0; i < 3; i++) {
      schedule.join(schedule.participations(), schedule.lastTaken());
    }
    for (int round = 2; round <= 4; round++) {
      schedule.take(round, List.of(2 * round - 2, 2 * round - 1));
    }
    assertThat(schedule.leavers(9, List.of(0, 1, 2, 3, 4, 5, 6))).containsExactly(0, 1, 2, 3, 4, 5);
    schedule.take(5, List.of(8, 9));
    schedule.take(6, List.of(10, 11));
    assertThat(schedule.leavers(9, List.of(0, 1, 2, 3, 4, 5, 6))).hasSize(7);
  }

  /** Mostly nobody, and at times as many as there were at first, at once. */
  private static int some(SplittableRandom random, int population) {
    return random.nextInt(6) == 0 ? random.nextInt(population + 1) : random.nextInt(2);
  }

  /** Members that left in the test above, of all its seeds. */
  private static final AtomicInteger CHANGES = new AtomicInteger();

  @AfterAll
  static void someDidLeave() {
    assertThat(CHANGES.get()).isNotEqualTo(0);
  }

  @Test
  void join_whileAPassIsUnderWay_waitsForTheNextAndHasItsTurnsThere() {
    ScheduledCohort schedule = new ScheduledCohort(6, 2, new CohortSampling.Schedule(3, 2));
    schedule.take(1, schedule.select(1, World.seed(1)));
    schedule.join(schedule.participations(), schedule.lastTaken());
    assertThat(schedule.earliest(6)).isEqualTo(3);
    int turns = 0;
    for (int round = 2; round <= 10; round++) {
      List<Integer> cohort = schedule.select(round, World.seed(round));
      schedule.take(round, cohort);
      assertThat(round <= 3 && cohort.contains(6)).as("round %d", round).isFalse();
      turns += cohort.contains(6) ? 1 : 0;
    }
    assertThat(turns).isEqualTo(2);
    assertThat(schedule.hasTurnFor(99)).isFalse();
  }

  @Test
  void hasTurnFor_aPassThatIsTheLast_hasNone() {
    ScheduledCohort schedule = new ScheduledCohort(6, 2, new CohortSampling.Schedule(2, 2));
    assertThat(schedule.hasTurnFor(3)).isTrue();
    schedule.take(1, schedule.select(1, World.seed(1)));
    assertThat(schedule.hasTurnFor(6)).isTrue();
    assertThat(schedule.hasTurnFor(3)).as("two rounds for the four before it").isFalse();
    for (int round = 2; round <= 4; round++) {
      schedule.take(round, schedule.select(round, World.seed(round)));
    }
    assertThat(schedule.hasTurnFor(99)).as("it would have no participation left").isFalse();
  }

  @Test
  void leavers_onlyWhereTheRestFillsTheRounds() {
    ScheduledCohort schedule = new ScheduledCohort(8, 2, new CohortSampling.Schedule(3, 3));
    // 9 rounds have 18 places: six members with 3 turns each.
    assertThat(schedule.leavers(9, List.of(5, 0, 7))).containsExactly(5, 0);
    assertThat(schedule.leavers(10, List.of(5, 0))).containsExactly(5);
    schedule.take(1, List.of(1, 2));
    // Whoever joins now has two turns of its own, and is not settled until the others had theirs.
    schedule.join(schedule.participations(), 1);
    assertThat(schedule.leavers(11, List.of(5, 0))).containsExactly(5);
    schedule.leave(5);
    assertThat(schedule.leavers(10, List.of(5, 0))).containsExactly(0);
    schedule.leave(0);
    assertThat(schedule.leavers(3, List.of(3))).as("six settled members are needed").isEmpty();
  }

  @Test
  void select_secondPass_hasAnotherOrder() {
    ScheduledCohort schedule = new ScheduledCohort(100, 10, new CohortSampling.Schedule(2, 5));
    List<List<Integer>> rounds = new ArrayList<>();
    for (int round = 1; round <= 20; round++) {
      List<Integer> cohort = schedule.select(round, World.seed(7).derive("round", round));
      schedule.take(round, cohort);
      rounds.add(cohort);
    }
    assertThat(rounds.subList(10, 20)).doesNotContainAnyElementsOf(rounds.subList(0, 10));
  }

  /**
   * Each of 10 members is in round 1 with probability 1/2. Over 2,000 seeds a count is Binomial
   * with standard deviation 22.4; six of them on either side fail by chance with less than 1e-7.
   */
  @Test
  void select_firstRound_isUniform() {
    int[] counts = new int[10];
    for (int seed = 0; seed < 2000; seed++) {
      for (int member :
          new ScheduledCohort(10, 5, new CohortSampling.Schedule(1, 1))
              .select(1, World.seed(seed).derive("uniform"))) {
        counts[member]++;
      }
    }
    for (int count : counts) {
      assertThat(count).isBetween(1000 - 135, 1000 + 135);
    }
  }

  /** What a member is told never keeps it from a round that it is chosen for. */
  @Test
  void earliest_isNeverAfterTheRoundThatAMemberIsIn() {
    for (int seed = 0; seed < 50; seed++) {
      int separation = 1 + seed % 4;
      ScheduledCohort schedule =
          new ScheduledCohort(40, 8, new CohortSampling.Schedule(3, separation));
      int told = 0;
      for (int round = 1; round <= 15; round++) {
        int[] earliest = new int[40];
        for (int member = 0; member < 40; member++) {
          earliest[member] = schedule.earliest(member);
          told += earliest[member] > round ? 1 : 0;
        }
        List<Integer> cohort = schedule.select(round, World.seed(seed).derive("round", round));
        schedule.take(round, cohort);
        for (int member : cohort) {
          assertThat(earliest[member])
              .as("seed %d, round %d", seed, round)
              .isLessThanOrEqualTo(round);
        }
      }
      assertThat(told).as("seed %d", seed).isPositive();
      for (int member = 0; member < 40; member++) {
        assertThat(schedule.earliest(member)).isEqualTo(Integer.MAX_VALUE);
      }
    }
  }

  /** Spares have been in no fewer rounds, so whoever waits longest is a member and no spare. */
  @Test
  void select_withSpares_membersComeBeforeThemInTheirTurn_andUnusedOnesKeepIt() {
    ScheduledCohort schedule = new ScheduledCohort(25, 4, 3, new CohortSampling.Schedule(9, 2));
    int[] counts = new int[25];
    for (int round = 1; round <= 20; round++) {
      List<Integer> drawn = schedule.select(round, World.seed(round));
      int members = drawn.subList(0, 4).stream().mapToInt(m -> counts[m]).max().orElseThrow();
      int spares = drawn.subList(4, 7).stream().mapToInt(m -> counts[m]).min().orElseThrow();
      assertThat(members).isLessThanOrEqualTo(spares);
      assertThat(schedule.select(round, World.seed(round))).isEqualTo(drawn);
      schedule.take(round, drawn.subList(0, 4));
      drawn.subList(0, 4).forEach(member -> counts[member]++);
    }
    assertThat(java.util.Arrays.stream(counts).sum()).isEqualTo(80);
    assertThat(schedule.participations()).isEqualTo(4);
  }

  @Test
  void take_afterSomeRounds_goesOnAsIfNeverInterrupted() {
    ScheduledCohort first = new ScheduledCohort(30, 5, new CohortSampling.Schedule(4, 3));
    ScheduledCohort second = new ScheduledCohort(30, 5, new CohortSampling.Schedule(4, 3));
    for (int round = 1; round <= 10; round++) {
      List<Integer> cohort = first.select(round, World.seed(3).derive("round", round));
      first.take(round, cohort);
      second.take(round, cohort);
    }
    assertThat(second.select(11, World.seed(3).derive("round", 11)))
        .isEqualTo(first.select(11, World.seed(3).derive("round", 11)));
  }

  @Test
  void refusal_impossibleShapes_namesTheKeyAndAWayOut() {
    assertThat(ScheduledCohort.refusal(40, 10, 0, 80, 99, 5).orElseThrow())
        .isEqualTo(
            new ScheduledCohort.Refusal(
                "separation",
                "asks for 50 different clients within 5 rounds, and there are 40",
                "Write separation: 4, or let 50 clients take part."));
    assertThat(ScheduledCohort.refusal(1000, 100, 0, 81, 8, 5).orElseThrow())
        .isEqualTo(
            new ScheduledCohort.Refusal(
                "participations",
                "lets 1000 clients fill 8000 places, and 81 rounds of 100 clients have 8100",
                "Write participations: 9, or rounds: 80."));
    assertThat(ScheduledCohort.refusal(1000, 100, 10, 73, 8, 5).orElseThrow())
        .isEqualTo(
            new ScheduledCohort.Refusal(
                "participations",
                "lets 1000 clients fill 8000 places, and 73 rounds of 100 clients and 10 spares have"
                    + " 8030",
                "Write participations: 9, or rounds: 72."));
  }

  @Test
  void select_whatTheScheduleForbids_isRefusedRatherThanBent() {
    ScheduledCohort schedule = new ScheduledCohort(10, 5, new CohortSampling.Schedule(1, 1));
    schedule.take(1, schedule.select(1, World.seed(1)));
    schedule.take(2, schedule.select(2, World.seed(2)));

    assertThatThrownBy(() -> schedule.select(3, World.seed(3)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("only 0 of 5 clients can be in round 3");
  }
}
