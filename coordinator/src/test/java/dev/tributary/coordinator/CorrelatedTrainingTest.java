package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.coordinator.World.Behaviour;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.nn.ModelFile;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.UpdatePipeline;
import dev.tributary.privacy.correlated.CorrelatedNoise;
import dev.tributary.privacy.insecure.InsecureSeededNoise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Noise that is correlated between rounds, from the job file to the model, over crashes. */
final class CorrelatedTrainingTest {
  private static final long SEED = 1;

  @TempDir private Path directory;

  private static Job job(String mechanism) {
    return Jobs.plain(
        "privacy={mechanism: " + mechanism + ", epsilon: 8, delta: 1e-5, clipNorm: 1}");
  }

  private static World world(Job job, Store store) {
    return new World(job, store, member -> Behaviour.ANSWERS, member -> true, SEED);
  }

  /**
   * What the model must be after the last released round: the means of the committed rounds, and
   * the noise of the prefix of all rounds until then. Whatever was given up on the way, no round's
   * noise is there twice, and none is missing.
   */
  private static void check(Job job, Store store) {
    List<RoundRecord> rounds =
        store.task(job.name(), Planner.budget(job)).rounds().stream()
            .filter(round -> round.state() == RoundRecord.State.COMMITTED)
            .toList();
    RoundRecord last = rounds.get(rounds.size() - 1);
    PipelineSpec spec = Plan.parse(plan(job)).pipeline();
    CorrelatedNoise noise =
        new CorrelatedNoise(
            spec.correlated(), new InsecureSeededNoise(World.seed(SEED).derive("noise").bytes()));
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    float[] prefix = new float[15];
    pipeline.decode(0, new int[pipeline.ringLength(0)], prefix, noise.upTo(last.round()));
    double[] expected = new double[15];
    for (RoundRecord round : rounds) {
      for (int member : round.cohort()) {
        float[] update = World.update(member, 15);
        for (int i = 0; i < 15; i++) {
          expected[i] += update[i] / 10.0;
        }
      }
    }
    ModelFile model = ModelFile.parse(store.blobs().read(last.model()));
    for (int i = 0; i < 15; i++) {
      assertThat(model.parameters()[i])
          .as("coordinate %s after round %s", i, last.round())
          .isCloseTo((float) (expected[i] + prefix[i] / 10), within(5e-3f));
    }
    double most = 0;
    for (float value : prefix) {
      most = Math.max(most, Math.abs(value / 10));
    }
    assertThat(most).as("there is noise that could be missing").isGreaterThan(0.05);
  }

  private static byte[] plan(Job job) {
    return new Planner(job, dev.tributary.secagg.insecure.InsecurePlainSum.ID)
        .plan(1, "00".repeat(32), 100, World.seed(SEED))
        .bytes();
  }

  @ParameterizedTest
  @ValueSource(strings = {"central-tree", "central-banded", "central-blt"})
  void run_releasesPrefixesWithTheirNoise_andIsChargedOnce(String mechanism) {
    Job job = job(mechanism);
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World world = world(job, store);
      JobResult result = world.run();
      assertThat(result.completed()).isEqualTo(6);
      check(job, store);
      assertThat(world.reports)
          .extracting(report -> report.released().epsilon())
          .containsOnly(result.released().epsilon());
      assertThat(result.released().epsilon()).isBetween(7.9, 8.0);
      assertThat(store.task(job.name(), Planner.budget(job)).rounds())
          .as("a run that is over keeps no noise")
          .allMatch(round -> round.noise() == null);
    }
  }

  /** The coordinator's memory is lost after every so many steps, in and between rounds. */
  @ParameterizedTest
  @ValueSource(ints = {23, 37, 61, 83, 109})
  void run_withCrashes_neitherLosesNoiseNorUsesItTwice(int steps) {
    Job job =
        job(steps % 2 == 0 ? "central-tree" : steps % 3 == 1 ? "central-banded" : "central-blt");
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      JobResult result = null;
      int crashes = 0;
      while (result == null) {
        World world = world(job, store);
        for (int i = 0; i < steps && result == null; i++) {
          world.step();
          result = world.result();
        }
        crashes += result == null ? 1 : 0;
        assertThat(crashes).as("%s steps at a time come to an end", steps).isLessThan(40);
      }
      assertThat(crashes).isPositive();
      if (result.completed() > 0) {
        check(job, store);
      }
    }
  }

  /** Two crashes in fixed places leave released rounds on both sides of a lost one. */
  @Test
  void run_withARoundGivenUpInTheMiddle_keepsItsNoiseInTheSum() {
    Job job = job("central-banded");
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World first = world(job, store);
      while (first.reports.size() < 2) {
        first.step();
      }
      for (int i = 0; i < 8; i++) {
        first.step();
      }
      World second = world(job, store);
      JobResult result = second.run();
      assertThat(result.aborted()).isEqualTo(1);
      assertThat(result.completed()).isEqualTo(5);
      check(job, store);
    }
  }

  @Test
  void restart_withoutTheKeptNoise_isRefused() throws Exception {
    Job job = job("central-banded");
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World world = world(job, store);
      while (world.reports.size() < 2) {
        world.step();
      }
    }
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("tributary.db"));
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate("UPDATE round SET noise = NULL")).isPositive();
    }
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      assertThatThrownBy(() -> world(job, store).run())
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("lost the noise");
    }
  }

  @Test
  void store_keepsTheNoiseOfTheLastReleasedRoundAlone() throws IOException {
    Job job = job("central-banded");
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World world = world(job, store);
      while (world.reports.size() < 4) {
        world.step();
      }
      assertThat(store.task(job.name(), Planner.budget(job)).rounds())
          .filteredOn(round -> round.noise() != null)
          .extracting(RoundRecord::round)
          .containsExactly(4);
      try (var files = Files.list(directory.resolve("blobs"))) {
        // Five models, one optimizer state, one state of noise.
        assertThat(files.filter(Files::isRegularFile).count()).isLessThanOrEqualTo(7);
      }
    }
  }
}
