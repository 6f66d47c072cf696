package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.simulation.report.RoundLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class LiveDemoTest {
  @TempDir private Path folder;

  /** Four hosts of five clients, one of them killed and started again; a round bears that loss. */
  @Test
  @Timeout(170)
  void run_oneHostKilled_goesOnToItsEnd() throws Exception {
    Path jobFile = Files.writeString(folder.resolve("job.yaml"), LiveJobs.digits(20, 20, 6, 40));
    Job job = JobFile.read(jobFile, List.of());
    List<String> events = Collections.synchronizedList(new ArrayList<>());
    List<ProcessHandle> children;
    try (LiveDemo demo =
        new LiveDemo(job, jobFile, List.of(), folder, new LiveDemo.Size(4, 5, 1), 3, events::add)) {
      demo.run(List.of());
      children = ProcessHandle.current().descendants().toList();
      demo.end();
      StoredRun stored = StoredRun.read(demo.store(), job);
      assertThat(stored.rounds()).as("events: %s", events).hasSize(6);
      assertThat(stored.rounds().stream().filter(RoundLine::completed).count())
          .as("events: %s", events)
          .isGreaterThanOrEqualTo(4);
      assertThat(stored.rounds())
          .allSatisfy(round -> assertThat(round.survivors() + round.lost()).isEqualTo(20));
      assertThat(events)
          .anyMatch(event -> event.startsWith("killed host"))
          .anyMatch(event -> event.contains("is started again"));
    }
    assertThat(children).noneMatch(ProcessHandle::isAlive);
  }
}
