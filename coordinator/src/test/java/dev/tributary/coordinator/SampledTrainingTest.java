package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.coordinator.World.Behaviour;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFileException;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.Accountant;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.CohortSampling;
import dev.tributary.privacy.LedgerHistory;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.RdpAccountant;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cohorts that are drawn by secret coins, from the job file to the ledger, over crashes. */
final class SampledTrainingTest {
  private static final Accountant ACCOUNTANT = new RdpAccountant();

  @TempDir private Path directory;

  private static Job job(String... more) {
    List<String> overrides =
        new ArrayList<>(
            List.of(
                "privacy={mechanism: central-gaussian, relation: replace-one, epsilon: 8, delta:"
                    + " 1e-5, clipNorm: 1}",
                "cohort={size: 10, minimum: 8, population: 30, sampling: fixed-size}"));
    overrides.addAll(List.of(more));
    return Jobs.plain(overrides.toArray(String[]::new));
  }

  private static World world(Job job, Store store, IntPredicate present) {
    return new World(job, store, member -> Behaviour.ANSWERS, present, 1);
  }

  private static List<RoundRecord> rounds(Job job, Store store) {
    return store.task(job.name(), Planner.budget(job)).rounds();
  }

  private static double epsilon(PrivacyEvent event, int count) {
    return ACCOUNTANT
        .epsilon(List.of(new Charge(event, count)), 1e-5, Unit.USER, Relation.REPLACE_ONE)
        .epsilon();
  }

  /** The job's sampler, its event and its ledger say the same, and so does the ledger read anew. */
  private static void check(Job job, Store store, JobResult result) {
    PrivacyEvent release = new Planner(job, "insecure-plain-sum").event();
    PrivacyEvent sampled = new PrivacyEvent.FixedSizeSampled(30, 10, 8, release);
    assertThat(Planner.sampling(job)).isEqualTo(new CohortSampling.FixedSize(30, 10, 8));
    LedgerHistory history = store.ledger("default");
    List<String> reserved =
        history.entries().stream()
            .map(entry -> URLDecoder.decode(entry.content(), StandardCharsets.UTF_8))
            .filter(content -> content.startsWith("reserved"))
            .toList();
    List<RoundRecord> rounds = rounds(job, store);
    assertThat(reserved).hasSameSizeAs(rounds);
    int last = 0;
    for (int i = 0; i < rounds.size(); i++) {
      assertThat(reserved.get(i))
          .contains("population=30,sample=10,floor=8,")
          .endsWith(" participations=" + rounds.get(i).round());
      assertThat(rounds.get(i).cohort()).hasSize(10).doesNotHaveDuplicates();
      last = rounds.get(i).state() == RoundRecord.State.COMMITTED ? rounds.get(i).round() : last;
    }
    assertThat(history.charges()).containsExactly(new Charge(sampled, last));
    assertThat(result.released().epsilon())
        .isEqualTo(epsilon(sampled, last))
        .isEqualTo(history.released().epsilon())
        .isLessThanOrEqualTo(8);
    assertThat(history.rows().cohortMember().epsilon())
        .as("whoever knows the cohorts")
        .isEqualTo(epsilon(release, last))
        .isGreaterThan(1.3 * result.released().epsilon());
    assertThat(history.rows().coordinator()).isEmpty();
  }

  @Test
  void run_drawsEveryCohortAnew_andChargesWhatWasDrawn() {
    Job job = job();
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World world = world(job, store, member -> true);
      JobResult result = world.run();
      assertThat(result.completed()).isEqualTo(6);
      assertThat(result.released().epsilon()).isBetween(7.9, 8.0);
      check(job, store, result);
      Set<List<Integer>> cohorts = new HashSet<>();
      rounds(job, store).forEach(round -> cohorts.add(round.cohort()));
      assertThat(cohorts).as("one in 30 million each is another's").hasSize(6);
    }
  }

  /** Plans tell a client what its rounds cost against those who know of them, and no less. */
  @Test
  void plans_carryTheUnamplifiedNumber() {
    Job job = job();
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World world = world(job, store, member -> true);
      world.run();
      for (Plan plan : world.plans.values()) {
        assertThat(plan.privacy().participations()).isEqualTo(6);
        assertThat(plan.privacy().epsilon())
            .isEqualTo(epsilon(plan.pipeline().event(), 6))
            .isGreaterThan(11);
      }
    }
  }

  /** 24 of 30 are there: some samples have fewer than 8 of them, and are given up and counted. */
  @Test
  void sampleOfTooFew_isGivenUp_countedAndNotDrawnAgain() {
    Job job = job("rounds=30");
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World world = world(job, store, member -> member % 5 != 0);
      JobResult result = world.run();
      assertThat(result.completed() + result.aborted()).isEqualTo(30);
      assertThat(result.aborted()).isBetween(2, 20);
      check(job, store, result);
      for (RoundRecord round : rounds(job, store)) {
        long there = round.cohort().stream().filter(member -> member % 5 != 0).count();
        assertThat(round.state())
            .as("round %s with %s there", round.round(), there)
            .isEqualTo(there >= 8 ? RoundRecord.State.COMMITTED : RoundRecord.State.ABORTED);
      }
    }
  }

  /** Who is awaited is everybody: the wait tells nothing of a draw, which has not been made. */
  @Test
  void tooFewClients_areWaitedFor_beforeAnythingIsDrawn() {
    Job job = job();
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World world = world(job, store, member -> member < 23);
      for (int i = 0; i < 500; i++) {
        world.step();
      }
      assertThat(world.waiting).isNotEmpty().allMatch(line -> line.equals("1 of 6: 23 of 24"));
      assertThat(rounds(job, store)).isEmpty();
      assertThat(store.ledger("default").entries()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {61, 83, 109})
  void run_withCrashes_goesOn_andCountsEveryDraw(int steps) {
    Job job = job("rounds=8");
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      JobResult result = null;
      int crashes = 0;
      while (result == null) {
        World world = world(job, store, member -> true);
        for (int i = 0; i < steps && result == null; i++) {
          world.step();
          result = world.result();
        }
        crashes += result == null ? 1 : 0;
        assertThat(crashes).as("%s steps at a time come to an end", steps).isLessThan(40);
      }
      assertThat(crashes).isPositive();
      assertThat(rounds(job, store)).hasSize(8);
      check(job, store, result);
    }
  }

  /** Every client is drawn as often as every other: 6 standard deviations of 3,000 draws, 6e-8. */
  @Test
  void cohorts_favourNobody() {
    CohortSampling.FixedSize sampling = new CohortSampling.FixedSize(30, 10, 8);
    SampledCohort cohorts = new SampledCohort(30, sampling, NoiseSource.secure());
    int[] counts = new int[30];
    for (int round = 1; round <= 3000; round++) {
      List<Integer> cohort = cohorts.select(round, World.seed(1));
      cohort.forEach(member -> counts[member]++);
      cohorts.take(round, cohort);
      assertThat(cohorts.participations()).isEqualTo(round);
    }
    double deviation = Math.sqrt(3000 * 2 / 9.0);
    for (int count : counts) {
      assertThat(Math.abs(count - 1000)).isLessThan((int) (6 * deviation));
    }
    assertThat(cohorts.sampling()).isEqualTo(sampling);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cohort.sampling | poisson | draws cohorts of any size | Write sampling: fixed-size
          cohort.sampling | truncated-poisson | tells how many were drawn | Write sampling: fixed-size
          cohort.sampling | fixed | is none of | fixed-size
          cohort.schedule | {participations: 2} | earlier rounds decide | Leave schedule out
          cohort | {size: 10, minimum: 8, sampling: fixed-size} | known beforehand | cohort.population
          cohort.size | 31 | asks for more clients than the 30 | Write size: 30
          privacy.relation | add-remove | has no meaning for samples of a fixed size | replace-one
          privacy.mechanism | local-gaussian | draws anew in each round, not with local-gaussian | sampling: schedule
          privacy.mechanism | distributed-discrete-gaussian | not with distributed-discrete-gaussian | central-gaussian
          privacy.mechanism | central-tree | not with central-tree | central-gaussian
          privacy | {mechanism: none} | not with none | sampling: schedule
          privacy.noiseMultiplier | 2 | cannot pay for 6 rounds | or noiseMultiplier:
          """)
  void whatIsNotCovered_isRefused(String key, String value, String rule, String wayOut) {
    assertThatThrownBy(() -> job(key + "=" + value))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining(rule)
        .hasMessageContaining(wayOut);
  }
}
