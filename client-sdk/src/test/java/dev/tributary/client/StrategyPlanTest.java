package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.nn.data.Dataset;
import dev.tributary.plan.Plan;
import dev.tributary.plan.PrivacyTerms;
import dev.tributary.plan.TrainingTask;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Segment;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.SumParameters;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A trainer takes part only where it can tell what the plan's strategy asks for. */
class StrategyPlanTest {
  private static final NnTrainer OURS =
      NnTrainer.over(Dataset.regression(new int[] {1}, new float[] {1}, new float[] {2}));

  private static Plan plan(String optimizer, Segment... asked) {
    return plan(optimizer, List.of(), asked);
  }

  private static Plan plan(String optimizer, List<String> local, Segment... asked) {
    PipelineSpec pipeline =
        new PipelineSpec(
            List.of(asked), 1, 1.0 / 8192, 32, 20, new Mechanism.None(), "ab".repeat(32));
    TreeMap<String, Double> settings = new TreeMap<>(Map.of("learningRate", 0.1));
    boolean weighs = List.of(asked).contains(new Segment("weight", 1));
    return Plan.builder()
        .task("t")
        .round(1)
        .model("0f".repeat(32), 100)
        .pipeline(pipeline)
        .sum(
            SumParameters.derive(
                "sa1", Mode.MALICIOUS, 20, 0, 0.1, 2, 0, 32, pipeline.encodedLength()))
        .maximumExamples(weighs ? 10 : 0)
        .localTensors(local)
        .training(new TrainingTask(1, 4, "sgd", new TreeMap<>(), optimizer, settings))
        .privacy(new PrivacyTerms(Unit.USER, Relation.ZERO_OUT, 0, 0, 1, 1))
        .deadline(Duration.ofSeconds(60))
        .nonce(new byte[32])
        .build();
  }

  @Test
  void trainerOfItsOwn_refusesWhatItDoesNotTell() {
    Trainer own = request -> new float[request.length()];
    Segment update = new Segment("update", 40);
    assertThat(own.check(plan("sgd", update))).isEmpty();
    for (Plan asking :
        List.of(
            plan("sgd", List.of("layers.1.bias"), update),
            plan("sgd", update, new Segment("control", 40)),
            plan("sgd", update, new Segment("weight", 1)),
            plan("sgd", update, new Segment("weight", 1), new Segment("steps", 1)))) {
      assertThat(own.check(asking).orElseThrow().code()).isEqualTo("training-unknown");
      assertThat(OURS.check(asking)).isEmpty();
    }
  }

  @Test
  void ours_refusesStepsThatAddUpToNothingKnown() {
    Segment update = new Segment("update", 40);
    assertThat(OURS.check(plan("adam", update, new Segment("weight", 1)))).isEmpty();
    assertThat(OURS.check(plan("adam", update, new Segment("control", 40))).orElseThrow().reason())
        .contains("steps add up");
  }
}
