package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.simulation.data.Federation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExamplesTest {
  static List<Path> examples() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("..", "examples"))) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .filter(file -> !file.endsWith("coordinators.yaml"))
          .sorted()
          .toList();
    }
  }

  /** Reading a job dry-runs its plan, noise, ledger and schedule. */
  @ParameterizedTest
  @MethodSource("examples")
  void example_parsesAndItsDataFitsItsModel(Path file) {
    Job job = JobFile.read(file, List.of());
    assertThat(job.name() + ".yaml").isEqualTo(file.getFileName().toString());
    Federation federation =
        Federation.of(job.simulation(), false, Experiment.rootSeed(job.simulation().seed()));
    assertThat(federation.test().featureShape()).isEqualTo(job.model().inputShape());
    assertThat(job.model().outputs()).isEqualTo(federation.test().classes());
    assertThat(federation.clients().size()).isGreaterThanOrEqualTo(job.cohort().size());
  }

  @Test
  void fashionPrivate_promisesWhatTheDemoSays() {
    Job job = JobFile.read(Path.of("../examples/fashion-private.yaml"), List.of());
    assertThat(job.privacy().epsilon()).isLessThanOrEqualTo(4);
    assertThat(job.privacy().delta()).isEqualTo(1e-5);
    assertThat(job.privacy().distributed()).isTrue();
    assertThat(job.cohort().participations()).isEqualTo(8);
    assertThat(job.cohort().minimum()).isEqualTo(85);
  }
}
