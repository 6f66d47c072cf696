package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.coordinator.World.Behaviour;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.coordinator.round.RoundReport.Outcome;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.JobControl;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.nn.Metrics;
import dev.tributary.nn.ModelFile;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.Body;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FederatedTrainingTest {

  /** A member whose shares do not fit, where a test says so. */
  private static final int LIAR = 5;

  @TempDir Path directory;

  private Store store() {
    return Store.open(directory, Durability.MEMORY);
  }

  private static World world(Job job, Store store) {
    return new World(job, store, member -> Behaviour.ANSWERS, member -> true, 1);
  }

  @Test
  void run_everybodyAnswers_releasesTheMeanOfEachCohort() {
    Job job = Jobs.plain();
    try (Store store = store()) {
      World world = world(job, store);

      JobResult result = world.run();

      assertThat(result.outcome()).isEqualTo(JobResult.Outcome.COMPLETED);
      assertThat(result.completed()).isEqualTo(6);
      TaskStore task = store.task(job.name(), Planner.budget(job));
      double[] expected = new double[15];
      for (RoundRecord round : task.rounds()) {
        for (int member : round.cohort()) {
          float[] update = World.update(member, 15);
          for (int i = 0; i < 15; i++) {
            expected[i] += update[i] / 10.0;
          }
        }
      }
      ModelFile last = ModelFile.parse(store.blobs().read(result.modelDigest()));
      for (int i = 0; i < 15; i++) {
        assertThat(last.parameters()[i]).isCloseTo((float) expected[i], within(1e-3f));
      }
    }
  }

  @Test
  void run_membersLeaveInEveryWay_eachEndsInExactlyOneOutcome() {
    Job job = Jobs.plain("cohort.minimum=6", "secureAggregation.dropoutFraction=0.4");
    try (Store store = store()) {
      World world =
          new World(
              job,
              store,
              member ->
                  switch (member % 10) {
                    case 0 -> Behaviour.SILENT;
                    case 1 -> Behaviour.DECLINES;
                    case 2 -> Behaviour.LATE;
                    default -> Behaviour.ANSWERS;
                  },
              member -> member % 10 != 3,
              2);

      JobResult result = world.run();

      assertThat(world.reports).hasSize(6);
      int lost = 0;
      for (RoundReport report : world.reports) {
        int dropped = report.dropped().values().stream().mapToInt(Integer::intValue).sum();
        assertThat(report.survivors() + dropped).isEqualTo(report.cohort()).isEqualTo(10);
        assertThat(report.declined().values().stream().mapToInt(Integer::intValue).sum())
            .isLessThanOrEqualTo(report.dropped().getOrDefault("DECLINED", 0));
        lost += dropped;
      }
      assertThat(result.completed() + result.aborted()).isEqualTo(6);
      // 60 places over 30 clients: each is in two rounds, and 12 of 30 never make it into a sum.
      assertThat(lost).isGreaterThanOrEqualTo(2 * 12);
      assertThat(world.reports.stream().mapToInt(r -> r.dropped().getOrDefault("ABSENT", 0)).sum())
          .isEqualTo(2 * 3);
    }
  }

  /** With as many spares as are ever away, every sum is whole, whoever is away. */
  @Test
  void run_membersAwayAndSparesThere_asksASpareForEach() {
    Job job = Jobs.withNoise("cohort.spares=3", "cohort.schedule.separation=2", "rounds=4");
    try (Store store = store()) {
      World world =
          new World(job, store, member -> Behaviour.ANSWERS, member -> member % 10 != 3, 2);

      JobResult result = world.run();

      assertThat(result.completed()).isEqualTo(4);
      assertThat(world.reports).allMatch(report -> report.survivors() == 10);
      assertThat(world.replaced).isNotEmpty();
      int[] turns = new int[World.MEMBERS];
      int spares = 0;
      for (RoundRecord round : store.task(job.name(), Planner.budget(job)).rounds()) {
        assertThat(round.drawn()).containsAll(round.cohort());
        assertThat(round.cohort()).noneMatch(member -> member % 10 == 3);
        round.drawn().forEach(member -> turns[member]++);
        spares += round.drawn().size() - 10;
      }
      assertThat(spares).isGreaterThanOrEqualTo(world.replaced.size());
      for (int turn : turns) {
        assertThat(turn).isBetween(1, 2);
      }
    }
  }

  @Test
  void run_moreAwayThanSpares_theRestIsAbsent() {
    Job job = Jobs.withNoise("cohort.spares=1", "cohort.schedule.separation=2", "rounds=5");
    try (Store store = store()) {
      World world =
          new World(job, store, member -> Behaviour.ANSWERS, member -> member % 10 != 3, 2);

      JobResult result = world.run();

      assertThat(result.completed() + result.aborted()).isEqualTo(5);
      assertThat(world.reports.stream().mapToInt(r -> r.dropped().getOrDefault("ABSENT", 0)).sum())
          .isPositive();
      assertThat(world.replaced).isNotEmpty();
    }
  }

  @Test
  void run_everybodyAbsent_waitsWithoutUsingUpARoundUntilTheyAreBack() {
    Job job = Jobs.withNoise();
    AtomicInteger there = new AtomicInteger();
    try (Store store = store()) {
      World world =
          new World(job, store, member -> Behaviour.ANSWERS, member -> member < there.get(), 3);
      Instant from = world.now();
      while (world.now().isBefore(from.plus(job.deadline().multipliedBy(3)))) {
        assertThat(world.step()).isTrue();
      }

      assertThat(world.waiting).hasSize(3).containsOnly("1 of 6: 0 of 8");
      assertThat(world.reports).isEmpty();
      assertThat(store.task(job.name(), Planner.budget(job)).rounds()).isEmpty();

      there.set(World.MEMBERS);
      JobResult result = world.run();

      assertThat(result.completed()).isEqualTo(6);
      assertThat(world.waiting).hasSize(3);
    }
  }

  @Test
  void stop_whileARoundWaitsForItsClients_endsTheJobAndChargesNothing() {
    Job job = Jobs.withNoise();
    try (Store store = store()) {
      World world = new World(job, store, member -> Behaviour.ANSWERS, member -> false, 3);
      while (world.waiting.isEmpty()) {
        world.step();
      }
      world.stop();

      JobResult result = world.run();

      assertThat(result.outcome()).isEqualTo(JobResult.Outcome.STOPPED);
      assertThat(result.aborted()).isZero();
      assertThat(result.released().epsilon()).isZero();
      assertThat(result.coordinatorView().epsilon()).isZero();
    }
  }

  @Test
  void run_tooFewAnswer_abortsAndGoesOn() {
    Job job = Jobs.withNoise();
    try (Store store = store()) {
      World world =
          new World(
              job,
              store,
              member -> member < 4 ? Behaviour.SILENT : Behaviour.ANSWERS,
              member -> true,
              4);

      JobResult result = world.run();

      assertThat(result.outcome()).isEqualTo(JobResult.Outcome.COMPLETED);
      List<RoundReport> aborted =
          world.reports.stream().filter(r -> r.outcome() == Outcome.ABORTED).toList();
      assertThat(aborted).hasSize(result.aborted());
      assertThat(result.completed()).isEqualTo(6 - aborted.size()).isPositive();
      assertThat(aborted).allMatch(r -> r.code().equals("NOT_ENOUGH_CLIENTS"));
      assertThat(aborted).allMatch(r -> r.modelDigest() == null && r.survivors() == 0);
    }
  }

  @Test
  void run_privateJob_spendsAtMostItsBudget() {
    Job job = Jobs.withNoise();
    try (Store store = store()) {
      JobResult result = world(job, store).run();

      assertThat(result.completed()).isEqualTo(6);
      assertThat(result.released().epsilon()).isBetween(7.5, 8.0);
      assertThat(result.coordinatorView()).isEqualTo(result.released());
    }
  }

  @Test
  void run_secondJobOfTheSamePopulation_isRefusedByTheLedger() {
    try (Store store = store()) {
      world(Jobs.withNoise(), store).run();
      World second = world(Jobs.withNoise("name=second"), store);

      JobResult result = second.run();

      assertThat(result.outcome()).isEqualTo(JobResult.Outcome.BUDGET_SPENT);
      assertThat(result.completed()).isZero();
      assertThat(result.released().epsilon()).isLessThanOrEqualTo(8.0);
    }
  }

  @Test
  void run_sameSeed_sameModel() {
    List<String> digests = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      try (Store store = Store.open(directory.resolve("run" + run), Durability.MEMORY)) {
        digests.add(world(Jobs.withNoise(), store).run().modelDigest());
      }
    }
    assertThat(Set.copyOf(digests)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 13, 14, 19, 25, 31, 40, 55, 70, 91})
  void restart_afterAnyEvent_goesOnAndNeverForgetsACharge(int events) {
    Job job = Jobs.withNoise();
    int committedBefore;
    try (Store store = store()) {
      World world = world(job, store);
      for (int i = 0; i < events && world.result() == null; i++) {
        world.step();
      }
      committedBefore = committed(store, job).size();
    }
    try (Store store = store()) {
      World again = world(job, store);

      JobResult result = again.run();

      assertThat(result.outcome()).isEqualTo(JobResult.Outcome.COMPLETED);
      assertThat(result.completed() + result.aborted()).isEqualTo(6);
      assertThat(again.recovered).hasSize(result.aborted()).hasSizeLessThanOrEqualTo(1);
      assertThat(result.completed()).isGreaterThanOrEqualTo(committedBefore);
      List<RoundRecord> rounds = store.task(job.name(), Planner.budget(job)).rounds();
      assertThat(rounds).extracting(RoundRecord::round).containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(result.released().epsilon()).isLessThanOrEqualTo(8.0);
    }
  }

  @Test
  void restart_withAnotherJobFile_isRefused() {
    try (Store store = store()) {
      world(Jobs.withNoise(), store).run();
      World other = world(Jobs.withNoise("rounds=5"), store);

      assertThat(org.assertj.core.api.Assertions.catchThrowable(other::run))
          .isInstanceOf(dev.tributary.coordinator.store.StoreException.class)
          .hasMessageContaining("another job file");
    }
  }

  @Test
  void stop_inARound_cancelsItAndKeepsTheRest() {
    Job job = Jobs.withNoise();
    try (Store store = store()) {
      World world = world(job, store);
      while (world.reports.size() < 2) {
        world.step();
      }
      for (int i = 0; i < 5; i++) {
        world.step();
      }
      world.stop();

      JobResult result = world.run();

      assertThat(result.outcome()).isEqualTo(JobResult.Outcome.STOPPED);
      assertThat(result.completed()).isEqualTo(2);
      assertThat(result.aborted()).isEqualTo(1);
    }
  }

  /** The round in flight goes on, none follows however long it takes, and none is lost for it. */
  @Test
  void pause_inARound_letsItEndAndBeginsNoOther() {
    Job job = Jobs.withNoise();
    try (Store store = store()) {
      World world = world(job, store);
      while (world.plans.isEmpty()) {
        world.step();
      }
      world.obey(JobControl.State.PAUSED);
      assertThat(world.progress().inFlight()).isEqualTo(1);
      Instant until = world.now().plus(Duration.ofHours(1));
      while (world.now().isBefore(until)) {
        assertThat(world.step()).isTrue();
      }
      assertThat(world.reports).extracting(RoundReport::round).containsExactly(1);
      assertThat(world.plans).containsOnlyKeys(1);
      assertThat(world.waiting).isEmpty();
      assertThat(world.progress().inFlight()).isNull();
      assertThat(world.progress().committed()).isEqualTo(1);

      world.obey(JobControl.State.RUNNING);
      assertThat(world.run().completed()).isEqualTo(6);
      assertThat(world.waiting).isEmpty();
    }
  }

  /** A pause is no wait for clients: who is missing after it is waited for from then on. */
  @Test
  void resume_whileNobodyIsThere_waitsFromThenOn() {
    Job job = Jobs.withNoise();
    try (Store store = store()) {
      World world = new World(job, store, member -> Behaviour.ANSWERS, member -> false, 3);
      world.obey(JobControl.State.PAUSED);
      Instant resumed = world.now().plus(Duration.ofHours(1));
      while (world.now().isBefore(resumed)) {
        world.step();
      }
      assertThat(world.waiting).isEmpty();

      world.obey(JobControl.State.RUNNING);
      while (world.waiting.isEmpty()) {
        world.step();
      }
      assertThat(Duration.between(resumed, world.now()))
          .isBetween(job.deadline().minusSeconds(1), job.deadline().plusSeconds(1));
    }
  }

  @Test
  void cancel_inARound_callsItOffAndEndsTheJob() {
    Job job = Jobs.withNoise();
    try (Store store = store()) {
      World world = world(job, store);
      while (world.reports.size() < 2 || world.plans.size() < 3) {
        world.step();
      }
      world.obey(JobControl.State.CANCELLED);
      world.stop();

      JobResult result = world.run();

      assertThat(result.outcome()).isEqualTo(JobResult.Outcome.CANCELLED);
      assertThat(result.completed()).isEqualTo(2);
      assertThat(result.aborted()).isEqualTo(1);
    }
  }

  /**
   * Killed between the word and the deed: the round that was in flight is given up at the start.
   */
  @Test
  void restart_ofACancelledJob_settlesItsRoundAndEnds() {
    Job job = Jobs.withNoise();
    try (Store store = store()) {
      World world = world(job, store);
      while (world.reports.size() < 2 || world.plans.size() < 3) {
        world.step();
      }
      World again = world(job, store);
      again.obey(JobControl.State.CANCELLED);

      JobResult result = again.run();

      assertThat(result.outcome()).isEqualTo(JobResult.Outcome.CANCELLED);
      assertThat(result.completed()).isEqualTo(2);
      assertThat(result.aborted()).isEqualTo(1);
      assertThat(again.plans).isEmpty();
      assertThat(store.task(job.name(), Planner.budget(job)).rounds())
          .noneMatch(round -> round.state() == RoundRecord.State.RUNNING);
    }
  }

  /** Not even a round that could be taken up again goes on. */
  @Test
  void restart_ofACancelledJob_givesUpARoundThatCouldGoOn() {
    Job job = Jobs.withNoise();
    Map<String, Body> kept = new HashMap<>();
    try (Store store = store()) {
      World world = resumable(job, store, kept, World.BEGIN);
      while (world.plans.isEmpty()) {
        world.step();
      }
      World again = resumable(job, store, kept, world.now());
      again.obey(JobControl.State.CANCELLED);

      JobResult result = again.run();

      assertThat(result.outcome()).isEqualTo(JobResult.Outcome.CANCELLED);
      assertThat(result.aborted()).isEqualTo(1);
      assertThat(store.task(job.name(), Planner.budget(job)).rounds())
          .extracting(RoundRecord::state)
          .containsExactly(RoundRecord.State.ABORTED);
    }
  }

  private static World resumable(Job job, Store store, Map<String, Body> kept, Instant begin) {
    return new World(
        job,
        store,
        member -> Behaviour.ANSWERS,
        member -> true,
        7,
        null,
        new InsecurePlainSum(),
        kept,
        begin);
  }

  @Test
  void run_workThatFails_endsTheJobWithItsCause() {
    Job job = Jobs.plain();
    try (Store store = store()) {
      World world =
          new World(
              job,
              store,
              member -> Behaviour.ANSWERS,
              member -> true,
              5,
              model -> {
                throw new IllegalStateException("no test data");
              });

      JobResult result = world.run();

      assertThat(result.outcome()).isEqualTo(JobResult.Outcome.FAILED);
      assertThat(result.failure()).hasMessage("no test data");
      assertThat(committed(store, job)).isEmpty();
    }
  }

  @Test
  void run_evaluationIsDue_reportsItEverySecondRoundAndAtTheEnd() {
    Job job = Jobs.plain("rounds=5", "evaluation.every=2");
    try (Store store = store()) {
      World world =
          new World(
              job,
              store,
              member -> Behaviour.ANSWERS,
              member -> true,
              6,
              model -> new Metrics(10, 5, 7));

      world.run();

      assertThat(world.reports)
          .extracting(report -> report.metrics() != null)
          .containsExactly(false, true, false, true, true);
    }
  }

  private static World accusing(Job job, Store store) {
    return new World(
        job,
        store,
        member -> Behaviour.ANSWERS,
        member -> true,
        1,
        null,
        new LyingHolderSuite(World.key(LIAR)));
  }

  private static List<RoundRecord> withLiar(Store store, Job job) {
    return store.task(job.name(), Planner.budget(job)).rounds().stream()
        .filter(round -> round.cohort().contains(LIAR))
        .toList();
  }

  @Test
  void run_memberWithWrongSharesInTwoRounds_isAskedNoMore_alsoAfterARestart() {
    Job job = Jobs.plain("rounds=12", "cohort.schedule.participations=4");
    String liar = Identity.fingerprint(World.key(LIAR));
    try (Store store = store()) {
      World world = accusing(job, store);
      while (world.leftOut.isEmpty()) {
        assertThat(world.step()).isTrue();
      }
      assertThat(world.leftOut).singleElement().asString().endsWith(": " + liar);
      assertThat(withLiar(store, job)).hasSize(2);
      while (withLiar(store, job).get(1).report() == null) {
        assertThat(world.step()).isTrue();
      }
    }
    try (Store store = store()) {
      World again = accusing(job, store);
      assertThat(again.run().outcome()).isEqualTo(JobResult.Outcome.COMPLETED);
      assertThat(again.leftOut).as("told once").isEmpty();
      List<RoundRecord> rounds = withLiar(store, job);
      assertThat(rounds).as("the schedule counts on").hasSize(4);
      for (RoundRecord round : rounds.subList(0, 2)) {
        assertThat(round.report()).contains("\"survivors\":10");
      }
      for (RoundRecord round : rounds.subList(2, 4)) {
        assertThat(round.report()).contains("\"survivors\":9").doesNotContain("wrongShares");
      }
    }
  }

  private static List<RoundRecord> committed(Store store, Job job) {
    return store.task(job.name(), Planner.budget(job)).rounds().stream()
        .filter(round -> round.state() == RoundRecord.State.COMMITTED)
        .toList();
  }
}
