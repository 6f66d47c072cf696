package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.coordinator.World.Behaviour;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Noise;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.round.ReportJson;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.PrivacyEvent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How accurate a model is at clients, from the sums of rounds, and what that costs. */
final class ClientEvaluationTest {
  private static final String CLIENTS = "evaluation={clients: {bins: 11}}";

  @TempDir private Path directory;

  private World run(Job job) {
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World world = new World(job, store, member -> Behaviour.ANSWERS, member -> true, 1);
      assertThat(world.run().completed()).isEqualTo(6);
      for (RoundRecord round : store.task(job.name(), Planner.budget(job)).rounds()) {
        RoundReport report = world.reports.get(round.round() - 1);
        assertThat(ReportJson.clientAccuracy(round.report()))
            .as("what the store has")
            .contains(report.clientAccuracy());
        List<Double> expected = expected(world, round);
        double off = 12 * report.clientAccuracy().noise();
        for (int bin = 0; bin < expected.size(); bin++) {
          assertThat(report.clientAccuracy().counts().get(bin))
              .isCloseTo(expected.get(bin), within(off));
        }
      }
      return world;
    }
  }

  private static List<Double> expected(World world, RoundRecord round) {
    Plan plan = world.plans.get(round.round());
    double[] counts = new double[11];
    round.cohort().forEach(member -> counts[World.bin(plan, member)]++);
    return Arrays.stream(counts).boxed().toList();
  }

  @Test
  void withoutNoise_countsEveryClientOfEachRound() {
    World world = run(Jobs.plain(CLIENTS));
    assertThat(world.reports)
        .allSatisfy(report -> assertThat(report.clientAccuracy().clients()).isEqualTo(10));
    assertThat(world.reports.get(0).clientAccuracy().noise()).isZero();
  }

  /** The norm of an update in the sum is that of the job, whatever goes with it. */
  @Test
  void withoutNoise_updatesAreClippedAsWithoutBins() {
    Plan plan = run(Jobs.plain(CLIENTS)).plans.get(1);
    assertThat(plan.restNorm()).isCloseTo(1, within(1e-12));
    assertThat(plan.updateLength()).isEqualTo(15);
  }

  @Test
  void jobThatDoesNotAsk_hasPlansAndReportsOfBefore() {
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World world = new World(Jobs.plain(), store, member -> Behaviour.ANSWERS, member -> true, 1);
      world.run();
      assertThat(world.plans.get(1).accuracyUnit()).isZero();
      assertThat(world.reports).extracting(RoundReport::clientAccuracy).containsOnlyNulls();
    }
  }

  /** All rounds cost the same and what the job says; the update has its clip norm and its noise. */
  @ParameterizedTest
  @ValueSource(strings = {"distributed-discrete-gaussian", "central-gaussian"})
  void withNoise_binsAreAPartOfWhatIsCharged(String mechanism) {
    Job job = Jobs.withNoise("privacy.mechanism=" + mechanism, "privacy.epsilon=500", CLIENTS);
    World world = run(job);
    PrivacyEvent event = new Planner(job, world.plans.get(1).sum().suite()).event();
    assertThat(world.plans.values())
        .allSatisfy(
            plan -> {
              assertThat(plan.restNorm()).isCloseTo(1, within(1e-12));
              assertThat(plan.pipeline().event()).isEqualTo(event);
            });
    RoundReport last = world.reports.get(5);
    assertThat(last.released().epsilon()).isBetween(499.0, 500.0);
    double z = Noise.of(job).mechanism().noiseMultiplier();
    assertThat(last.clientAccuracy().noise()).isCloseTo(3 * z, within(1e-9));
    assertThat(Planner.restNoiseMultiplier(job, Noise.of(job)))
        .isCloseTo(z * 1.0607, within(1e-3 * z));
    assertThat(12 * 3 * z).as("what the counts are held to").isLessThan(8);
  }

  /** Noise that leaves not a single client says nothing, and the round is as good as any. */
  @Test
  void withTooMuchNoise_thereIsNoFigure() {
    Job job = Jobs.withNoise("evaluation={clients: {noise: 5000}}");
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      World world = new World(job, store, member -> Behaviour.ANSWERS, member -> true, 1);
      assertThat(world.run().completed()).isEqualTo(6);
      assertThat(world.reports).extracting(RoundReport::clientAccuracy).containsNull();
    }
  }

  @Test
  void withStatedNoise_countsHaveIt() {
    Job job = Jobs.withNoise("evaluation={clients: {bins: 3, noise: 40}}");
    assertThat(new Planner(job, "sa1").accuracyNoise()).isCloseTo(40, within(1e-9));
  }

  /** Bins, clip bit and update are one vector: both extras are decoded from their own places. */
  @Test
  void withAdaptiveClip_bothAreThere() {
    Job job =
        Jobs.withNoise(
            "privacy.epsilon=500", "privacy.adaptiveClip={bitNoise: 3, learningRate: 1}", CLIENTS);
    World world = run(job);
    assertThat(world.reports).extracting(RoundReport::clipNorm).doesNotHaveDuplicates();
    assertThat(world.plans.values().stream().map(plan -> plan.pipeline().event()).distinct())
        .hasSize(1);
    assertThat(world.reports.get(5).released().epsilon()).isBetween(499.0, 500.0);
  }
}
