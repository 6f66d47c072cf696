package dev.tributary.coordinator.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.coordinator.Strategy;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.job.JobFileException;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.plan.Segments;
import dev.tributary.privacy.Segment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class StrategiesTest {
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: plain
      model:
        input: [4]
        layers: [{dense: {units: 2, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {batchSize: 10, optimizer: {sgd: {learningRate: 0.1}}}
      strategy: fedavg
      rounds: 3
      cohort: {size: 12, minimum: 9}
      privacy: {mechanism: none}
      """;

  private static Job job(String strategy) {
    return JobFile.parse("plain.yaml", JOB, List.of("strategy=" + strategy));
  }

  @Test
  void ofTheClassPath_isFoundByItsNameWithItsSettings() {
    Job job = job("{halving: {factor: 0.5}}");
    assertThat(job.strategy().settings()).containsEntry("factor", 0.5).containsEntry("unused", 2.0);
    Strategy strategy = Strategies.of(job);
    float[] parameters = {1, 1};

    strategy.apply(1, parameters, new float[] {1, -1}, 0, 2);

    assertThat(parameters).containsExactly(1.5f, 0.5f);
    assertThatThrownBy(() -> job("{halving: {factor: 0.5, speed: 1}}"))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("Known here: denominator, factor, unused");
    assertThatThrownBy(() -> job("halving"))
        .isInstanceOf(JobFileException.class)
        .hasMessageContaining("is missing");
  }

  @Test
  void asked_isWhatTheStrategyNeedsBesideTheUpdate() {
    Segment weight = new Segment(Segments.WEIGHT, 1);
    Segment steps = new Segment(Segments.STEPS, 1);
    assertThat(Strategies.asked(job("fedavg"))).isEmpty();
    assertThat(Strategies.asked(job("{fedadam: {learningRate: 1, maximumExamples: 9}}")))
        .containsExactly(weight);
    assertThat(Strategies.asked(job("{fednova: {maximumExamples: 9}}")))
        .containsExactly(weight, steps);
    assertThat(Strategies.asked(job("scaffold")))
        .containsExactly(new Segment(Segments.CONTROL, 10));
  }

  @Test
  void scaffold_addsUpChangesAndCarriesThemOverARestart() {
    Job.ServerStrategy spec = job("{scaffold: {learningRate: 0.5}}").strategy();
    Scaffold first = new Scaffold(spec, 3, 2);
    float[] parameters = {0, 0};
    first.apply(1, parameters, new float[] {1, 2}, 0, 2);
    first.control(new float[] {0.25f, 9}, 0, 1);
    first.control(new float[] {9, -1}, 1, 2);
    first.endRound();

    Scaffold second = new Scaffold(spec, 3, 2);
    second.restore(first.state());
    second.control(new float[] {1, 1}, 0, 2);

    assertThat(parameters).containsExactly(0.5f, 1);
    assertThat(second.state()).containsExactly(1.25f, 0);
    assertThat(second.sharesState()).isTrue();
    assertThatThrownBy(() -> second.restore(new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("belongs to another model");
    assertThatThrownBy(
            () ->
                new Scaffold(
                    new Job.ServerStrategy(
                        "scaffold", OptimizerSpec.sgd(1, 0.9, 0), 1, Job.Denominator.COHORT),
                    3,
                    2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("plain steps");
  }

  /** The page has a row for each strategy, and says of each which noise it goes with. */
  @Test
  void page_hasEveryStrategy() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "strategies.md"));
    for (String name : Strategies.BUILT_IN) {
      assertThat(page.lines().filter(line -> line.startsWith("| `" + name + "` |"))).hasSize(1);
    }
  }
}
