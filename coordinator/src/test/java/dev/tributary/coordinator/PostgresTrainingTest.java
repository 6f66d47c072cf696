package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.PostgresSettings;
import dev.tributary.coordinator.store.RoundEvent;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.coordinator.store.TestPostgres;
import dev.tributary.secagg.Sa1;
import dev.tributary.wire.Entry;
import dev.tributary.wire.v1.Envelope;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A job whose store is in PostgreSQL. */
class PostgresTrainingTest {

  @TempDir Path directory;

  private static World world(Job job, Store store) {
    return new World(job, store, member -> World.Behaviour.ANSWERS, member -> true, 1);
  }

  private static List<RoundEvent> events(TaskStore task) {
    List<RoundEvent> all = new ArrayList<>();
    task.events(1).forEach(all::add);
    return all;
  }

  @Test
  void run_sameSeed_sameModelAsInSqlite() {
    PostgresSettings settings =
        TestPostgres.settings(TestPostgres.schema(), PostgresSettings.LEASE);
    String digest;
    try (Store store = Store.open(directory.resolve("sqlite"), Durability.MEMORY)) {
      digest = world(Jobs.withNoise(), store).run().modelDigest();
    }
    try (Store store = Store.open(directory.resolve("postgres"), settings)) {
      assertThat(world(Jobs.withNoise(), store).run().modelDigest()).isEqualTo(digest);
    }
  }

  /** Whatever the former owner was about to do, it does no more, and the job goes on elsewhere. */
  @ParameterizedTest
  @ValueSource(ints = {1, 13, 19, 40, 70})
  void takeOver_afterAnyEvent_goesOnAndStopsTheFormerOwner(int events) {
    Job job = Jobs.withNoise();
    String schema = TestPostgres.schema();
    PostgresSettings settings = TestPostgres.settings(schema, Duration.ofMinutes(10));
    try (Store store = Store.open(directory.resolve("former"), settings)) {
      World former = world(job, store);
      for (int i = 0; i < events; i++) {
        former.step();
      }
      TestPostgres.endLease(schema);

      try (Store next = Store.open(directory.resolve("next"), settings)) {
        World again = world(job, next);
        JobResult result = again.run();

        assertThat(result.outcome()).isEqualTo(JobResult.Outcome.COMPLETED);
        assertThat(result.completed() + result.aborted()).isEqualTo(6);
        List<RoundRecord> rounds = next.task(job.name(), Planner.budget(job)).rounds();
        assertThat(rounds).extracting(RoundRecord::round).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(result.released().epsilon()).isLessThanOrEqualTo(8.0);
        assertThatThrownBy(former::run)
            .isInstanceOfSatisfying(
                StoreException.class,
                e -> assertThat(e.code()).isEqualTo(StoreException.TAKEN_OVER));
        assertThat(next.task(job.name(), Planner.budget(job)).rounds()).isEqualTo(rounds);
      }
    }
  }

  /**
   * Between the freezing of a survivor set and the commit another takes the job over: from then on
   * the former owner says nothing to any member and leaves nothing in the round, wherever it stood.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6, 12})
  void takenOver_onceTheSurvivorsAreFrozen_theFormerOwnerFallsSilent(int events) {
    Job job =
        Jobs.withNoise(
            "rounds=2", "cohort.size=15", "cohort.minimum=10", "cohort.schedule.separation=2");
    String schema = TestPostgres.schema();
    PostgresSettings settings = TestPostgres.settings(schema, Duration.ofMinutes(10));
    try (Store one = Store.share(directory.resolve("one"), settings);
        Store two = Store.share(directory.resolve("two"), settings)) {
      one.sharing().announce("https://one:1", "sha256:00");
      assertThat(one.sharing().claim(job.name())).isTrue();
      List<Envelope> said = new ArrayList<>();
      World former =
          new World(
              job,
              one,
              member -> World.Behaviour.ANSWERS,
              member -> true,
              1,
              null,
              new Sa1(),
              new HashMap<>(),
              World.BEGIN);
      former.leaving = send -> said.add(send.message());
      while (said.stream().noneMatch(Envelope::hasSurvivors)) {
        assertThat(former.step()).isTrue();
      }
      for (int i = 0; i < events; i++) {
        former.step();
      }
      assertThat(former.reports).as("committed too early for this test").isEmpty();

      TestPostgres.run("UPDATE " + schema + ".node SET expires = 0");
      two.sharing().announce("https://two:1", "sha256:00");
      assertThat(two.sharing().claim(job.name())).isTrue();
      TaskStore now = two.task(job.name(), Planner.budget(job));
      List<Entry> entries = now.journal(1);
      List<RoundEvent> written = events(now);
      said.clear();

      assertThatThrownBy(former::run)
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> assertThat(e.code()).isEqualTo(StoreException.JOB_TAKEN_OVER));
      assertThat(said).isEmpty();
      assertThat(entries)
          .filteredOn(entry -> entry.kind() == Entry.Kind.SURVIVORS_FROZEN)
          .hasSize(1);
      assertThat(now.journal(1)).isEqualTo(entries);
      assertThat(events(now)).isEqualTo(written);
      assertThat(now.rounds())
          .extracting(RoundRecord::state)
          .containsExactly(RoundRecord.State.RUNNING);
    }
  }
}
