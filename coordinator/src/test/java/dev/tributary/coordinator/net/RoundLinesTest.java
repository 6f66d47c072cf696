package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.job.Job;
import dev.tributary.privacy.Guarantee;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class RoundLinesTest {
  @Test
  void result_noiseByTheCoordinator_promisesNothingAgainstIt() {
    Job central =
        Jobs.withNoise(
            "privacy={mechanism: central-gaussian, epsilon: 8, delta: 1e-5, clipNorm: 1}");

    assertThat(printed(central)).contains("none against this coordinator").doesNotContain("view");
    assertThat(printed(Jobs.withNoise())).contains("the coordinator's view 2.500");
  }

  private static String printed(Job job) {
    Guarantee spent = new Guarantee(2.5, 1e-5, Unit.USER, Relation.ZERO_OUT, "rdp", 2);
    StringWriter out = new StringWriter();
    new RoundLines(new PrintWriter(out), job)
        .result(
            new JobResult(
                JobResult.Outcome.COMPLETED,
                "",
                6,
                6,
                0,
                "0".repeat(64),
                spent,
                spent,
                null,
                null));
    return out.toString();
  }
}
