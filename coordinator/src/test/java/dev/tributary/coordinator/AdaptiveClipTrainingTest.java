package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.coordinator.World.Behaviour;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFileException;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.AdaptiveClip;
import dev.tributary.privacy.UpdatePipeline;
import dev.tributary.privacy.insecure.InsecureSeededNoise;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A clip norm that adapts, from the job file to the plans, over crashes. */
final class AdaptiveClipTrainingTest {
  private static final double FIRST = 4;

  @TempDir private Path directory;

  private static Job job(String... more) {
    List<String> overrides =
        new java.util.ArrayList<>(
            List.of(
                "privacy.clipNorm=" + FIRST,
                "privacy.adaptiveClip={bitNoise: 3, learningRate: 1}"));
    overrides.addAll(List.of(more));
    return Jobs.withNoise(overrides.toArray(String[]::new));
  }

  private static World world(Job job, Store store) {
    return new World(job, store, member -> Behaviour.ANSWERS, member -> true, 1);
  }

  private static List<RoundRecord> committed(Job job, Store store) {
    return store.task(job.name(), Planner.budget(job)).rounds().stream()
        .filter(round -> round.state() == RoundRecord.State.COMMITTED)
        .toList();
  }

  /** C of a plan: the joint norm without the bit. */
  private static double clipNorm(Plan plan) {
    double joint = plan.pipeline().clipNorm();
    return Math.sqrt((joint - plan.clipBit()) * (joint + plan.clipBit()));
  }

  /**
   * Every plan has the clip norm that the last released round before it led to, which is that of
   * the sum of its members' bits; and all plans cost the same.
   */
  private static void check(Job job, Store store, SortedMap<Integer, Plan> plans) {
    SortedMap<Integer, Double> after = new TreeMap<>();
    after.put(0, FIRST);
    for (RoundRecord round : committed(job, store)) {
      Plan plan = plans.get(round.round());
      double next =
          new AdaptiveClip(0.5, 1, plan.pipeline().mechanism().noiseMultiplier(), 3)
              .next(clipNorm(plan), decodedBits(plan, round.cohort()), plan.clipBit(), 10);
      assertThat(round.clipNorm()).isCloseTo(next, within(1e-9 * next));
      after.put(round.round(), round.clipNorm());
    }
    plans.forEach(
        (number, plan) -> {
          double last = after.get(after.headMap(number).lastKey());
          assertThat(clipNorm(plan)).as("round %s", number).isCloseTo(last, within(1e-12 * last));
        });
    assertThat(plans.values().stream().map(plan -> plan.pipeline().event()).distinct())
        .as("one event in all rounds")
        .hasSize(1);
    assertThat(after.values().stream().distinct()).hasSizeGreaterThan(after.size() - 1);
  }

  private static float decodedBits(Plan plan, List<Integer> cohort) {
    UpdatePipeline pipeline = new UpdatePipeline(plan.pipeline());
    int[] sum = new int[pipeline.encodedLength()];
    for (int member : cohort) {
      int[] ring = World.contribution(plan, member);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += ring[i];
      }
    }
    float[] decoded = new float[pipeline.floatLength(0)];
    pipeline.decode(0, sum, decoded, new InsecureSeededNoise(new byte[32]));
    return decoded[decoded.length - 1];
  }

  @Test
  void run_followsTheNormsOfTheUpdates_asOneEvent() {
    Job job = job();
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World world = world(job, store);
      JobResult result = world.run();
      assertThat(result.completed()).isEqualTo(6);
      assertThat(result.released().epsilon()).isBetween(7.9, 8.0);
      check(job, store, world.plans);
      // Updates are at most 0.61 long, so that all are within a clip of 4: it falls.
      assertThat(committed(job, store).get(5).clipNorm()).isLessThan(FIRST / 2);
    }
  }

  /** The coordinator's memory is lost after every so many steps, in and between rounds. */
  @ParameterizedTest
  @ValueSource(ints = {23, 37, 61, 83, 109})
  void run_withCrashes_goesOnWithTheClipNormOfTheLastModel(int steps) {
    Job job = job();
    SortedMap<Integer, Plan> plans = new TreeMap<>();
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      JobResult result = null;
      int crashes = 0;
      while (result == null) {
        World world = world(job, store);
        for (int i = 0; i < steps && result == null; i++) {
          world.step();
          result = world.result();
        }
        plans.putAll(world.plans);
        crashes += result == null ? 1 : 0;
        assertThat(crashes).as("%s steps at a time come to an end", steps).isLessThan(40);
      }
      assertThat(crashes).isPositive();
      check(job, store, plans);
    }
  }

  @Test
  void restart_withoutTheKeptClipNorm_isRefused() throws Exception {
    Job job = job();
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World world = world(job, store);
      while (world.reports.size() < 2) {
        world.step();
      }
    }
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("tributary.db"));
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate("UPDATE round SET clip_norm = NULL")).isPositive();
    }
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      assertThatThrownBy(() -> world(job, store).run())
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("lost the clip norm");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"central-tree", "local-gaussian", "central-blt"})
  void noiseThatIsNotOfOneSum_isRefused(String mechanism) {
    assertThatThrownBy(() -> job("privacy.mechanism=" + mechanism))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("adaptiveClip")
        .hasMessageContaining(mechanism);
  }

  @Test
  void bitThatCostsMoreThanBothMay_isRefused() {
    assertThatThrownBy(() -> job("privacy.adaptiveClip={bitNoise: 0.1}"))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("bitNoise")
        .hasMessageContaining("or more, a larger epsilon");
  }

  @Test
  void centralNoise_coversTheBitToo() {
    Job job = job("privacy.mechanism=central-gaussian");
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World world = world(job, store);
      assertThat(world.run().completed()).isEqualTo(6);
      assertThat(committed(job, store)).extracting(RoundRecord::clipNorm).doesNotHaveDuplicates();
    }
  }
}
