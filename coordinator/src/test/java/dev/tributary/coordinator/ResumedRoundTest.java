package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.World.Behaviour;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.Body;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator that dies at any moment goes on with the round that it was in. */
class ResumedRoundTest {
  private static final Duration DOWN = Duration.ofSeconds(2);

  @TempDir Path directory;
  private final Map<String, Body> kept = new HashMap<>();

  private World world(Job job, Store store, IntFunction<Behaviour> behaviours, Instant begin) {
    return new World(
        job, store, behaviours, member -> true, 1, null, new InsecurePlainSum(), kept, begin);
  }

  private Store store(String name) {
    return Store.open(directory.resolve(name), Durability.MEMORY);
  }

  @Test
  void diesAtEveryStep_theModelIsTheSameToTheBitAndNoRoundIsLost() {
    Job job = Jobs.withNoise();
    String undisturbed;
    int steps = 0;
    try (Store store = store("undisturbed")) {
      World world = world(job, store, member -> Behaviour.ANSWERS, World.BEGIN);
      while (world.result() == null && world.step()) {
        steps++;
      }
      undisturbed = world.result().modelDigest();
    }
    for (int dies = 1; dies < steps; dies += 7) {
      for (boolean within : new boolean[] {false, true}) {
        kept.clear();
        String name = "dies-" + dies + within;
        Instant died = dies(job, name, dies, within);
        try (Store store = store(name)) {
          World again = world(job, store, member -> Behaviour.ANSWERS, died.plus(DOWN));
          JobResult result = again.run();

          assertThat(result.modelDigest()).as(name).isEqualTo(undisturbed);
          assertThat(store.task(job.name(), Planner.budget(job)).rounds())
              .as(name)
              .allMatch(round -> round.state() == RoundRecord.State.COMMITTED);
        }
      }
    }
  }

  /**
   * Which spares were asked is written with the round: it goes on with them whoever is there then,
   * and the turns that are over stay so in the rounds that follow.
   */
  @Test
  void diesWithSparesAsked_theSameOnesAreInTheRound() {
    Job job = Jobs.withNoise("cohort.spares=3", "cohort.schedule.separation=2", "rounds=4");
    IntPredicate before = member -> member % 10 != 3;
    for (int dies = 1; dies < 60; dies += 12) {
      kept.clear();
      String name = "spares-" + dies;
      List<RoundRecord> left;
      Instant died;
      try (Store store = store(name)) {
        World world = whereSomeAreAway(job, store, before, World.BEGIN);
        for (int step = 0; step < dies; step++) {
          world.step();
        }
        world.dieWithin();
        died = world.now();
        left = store.task(job.name(), Planner.budget(job)).rounds();
      }
      try (Store store = store(name)) {
        JobResult result = whereSomeAreAway(job, store, member -> true, died.plus(DOWN)).run();

        assertThat(result.completed()).as(name).isEqualTo(4);
        List<RoundRecord> rounds = store.task(job.name(), Planner.budget(job)).rounds();
        int[] turns = new int[World.MEMBERS];
        for (RoundRecord round : rounds) {
          if (round.round() <= left.size()) {
            RoundRecord same = left.get(round.round() - 1);
            assertThat(round.cohort()).as(name).isEqualTo(same.cohort());
            assertThat(round.drawn()).as(name).isEqualTo(same.drawn());
          }
          round.drawn().forEach(member -> turns[member]++);
        }
        assertThat(IntStream.of(turns).max().orElseThrow()).as(name).isLessThanOrEqualTo(2);
        int least = IntStream.of(turns).min().orElseThrow();
        assertThat(IntStream.of(turns).max().orElseThrow() - least).as(name).isLessThanOrEqualTo(1);
      }
    }
  }

  private World whereSomeAreAway(Job job, Store store, IntPredicate present, Instant begin) {
    return new World(
        job,
        store,
        member -> Behaviour.ANSWERS,
        present,
        1,
        null,
        new InsecurePlainSum(),
        kept,
        begin);
  }

  private Instant dies(Job job, String name, int steps, boolean within) {
    try (Store store = store(name)) {
      World world = world(job, store, member -> Behaviour.ANSWERS, World.BEGIN);
      for (int step = 1; step < steps; step++) {
        world.step();
      }
      if (within) {
        world.dieWithin();
      } else {
        world.step();
      }
      return world.now();
    }
  }

  /** What was to be written together is there as a whole or not at all. */
  @Test
  void diesBetweenEventsThatAreWrittenTogether_theModelIsTheSameToTheBit() {
    Job job = Jobs.withNoise();
    String undisturbed;
    try (Store store = store("undisturbed")) {
      undisturbed = world(job, store, member -> Behaviour.ANSWERS, World.BEGIN).run().modelDigest();
    }
    for (int together : new int[] {3, 100}) {
      try (Store store = store("alone" + together)) {
        World world = world(job, store, member -> Behaviour.ANSWERS, World.BEGIN);
        world.together = together;
        kept.clear();
        assertThat(world.run().modelDigest()).as("alone " + together).isEqualTo(undisturbed);
      }
      for (int dies = 1; dies < 12; dies += 3) {
        kept.clear();
        String name = dies + " times " + together;
        Instant died;
        try (Store store = store(name)) {
          World world = world(job, store, member -> Behaviour.ANSWERS, World.BEGIN);
          world.together = together;
          for (int step = 0; step < dies; step++) {
            world.step();
          }
          world.dieWithin();
          died = world.now();
        }
        try (Store store = store(name)) {
          World again = world(job, store, member -> Behaviour.ANSWERS, died.plus(DOWN));
          again.together = together;
          JobResult result = again.run();

          assertThat(result.modelDigest()).as(name).isEqualTo(undisturbed);
          assertThat(result.aborted()).as(name).isZero();
        }
      }
    }
  }

  /** An operator who stops a coordinator to start a newer one loses no round. */
  @Test
  void isStopped_theRoundGoesOnAtTheNextStart() {
    Job job = Jobs.withNoise();
    String undisturbed;
    try (Store store = store("undisturbed")) {
      undisturbed = world(job, store, member -> Behaviour.ANSWERS, World.BEGIN).run().modelDigest();
    }
    for (int steps : new int[] {5, 40, 75, 110}) {
      kept.clear();
      String name = "stopped after " + steps;
      Instant stopped;
      int before;
      try (Store store = store(name)) {
        World world = world(job, store, member -> Behaviour.ANSWERS, World.BEGIN);
        for (int step = 0; step < steps; step++) {
          world.step();
        }
        world.stop();
        JobResult result = world.run();
        assertThat(result.outcome()).isEqualTo(JobResult.Outcome.STOPPED);
        assertThat(result.aborted()).as(name).isZero();
        before = result.completed();
        stopped = world.now();
      }
      try (Store store = store(name)) {
        World again = world(job, store, member -> Behaviour.ANSWERS, stopped.plus(DOWN));
        JobResult result = again.run();

        assertThat(result.modelDigest()).as(name).isEqualTo(undisturbed);
        assertThat(result.completed()).as(name).isEqualTo(job.rounds()).isGreaterThan(before);
        assertThat(result.aborted()).as(name).isZero();
      }
    }
  }

  @Test
  void diesTwiceInOneRound_andMembersAreLost_theOthersAreSummed() {
    Job job = Jobs.plain("cohort.minimum=6", "secureAggregation.dropoutFraction=0.4");
    List<Integer> lost = new ArrayList<>();
    IntFunction<Behaviour> behaviours =
        member -> member % 10 == 0 ? Behaviour.SILENT : Behaviour.ANSWERS;
    Instant begin = World.BEGIN;
    for (int life = 0; life < 3; life++) {
      try (Store store = store("twice")) {
        World world = world(job, store, behaviours, begin);
        for (int step = 0; step < 25; step++) {
          world.step();
        }
        begin = world.now().plus(DOWN);
        assertThat(world.recovered).hasSize(life == 0 ? 0 : 1);
      }
    }
    try (Store store = store("twice")) {
      World world = world(job, store, behaviours, begin);
      JobResult result = world.run();
      assertThat(result.completed()).isEqualTo(job.rounds());
      for (RoundReport report : world.reports) {
        lost.add(report.cohort() - report.survivors());
      }
      assertThat(lost).anyMatch(count -> count > 0);
    }
  }

  @Test
  void anInputThatWasAcceptedIsGone_theRoundIsGivenUp() {
    givesUpAfter(kept -> kept.clear());
  }

  @Test
  void anInputThatWasAcceptedHasChanged_theRoundIsGivenUp() {
    givesUpAfter(kept -> kept.replaceAll((name, body) -> Body.of(new byte[(int) body.length()])));
  }

  private void givesUpAfter(Consumer<Map<String, Body>> damage) {
    Job job = Jobs.plain();
    Instant died;
    try (Store store = store("gone")) {
      World world = world(job, store, member -> Behaviour.ANSWERS, World.BEGIN);
      while (kept.size() < 5) {
        world.step();
      }
      for (int step = 0; step < 15; step++) {
        world.step();
      }
      died = world.now();
    }
    damage.accept(kept);
    try (Store store = store("gone")) {
      World again = world(job, store, member -> Behaviour.ANSWERS, died.plus(DOWN));
      JobResult result = again.run();
      assertThat(again.recovered).hasSize(2);
      assertThat(again.recovered.get(0)).contains("cannot be taken up again: ");
      assertThat(again.recovered.get(1)).contains("cancelled");
      assertThat(result.aborted()).isEqualTo(1);
    }
  }
}
