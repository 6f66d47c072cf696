package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.simulation.report.RoundLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class LiveDemoTest {
  private static final Comparator<ProcessHandle> BY_START =
      Comparator.comparing((ProcessHandle child) -> child.info().startInstant().orElseThrow());

  @TempDir private Path folder;

  /** Four hosts of five clients, one of them killed and started again; a round bears that loss. */
  @Test
  @Timeout(170)
  void run_oneHostKilled_goesOnToItsEnd() throws Exception {
    Path jobFile = Files.writeString(folder.resolve("job.yaml"), LiveJobs.digits(20, 20, 6, 20));
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

  @Test
  @Timeout(120)
  void run_hostThatDiesByItself_endsTheDemoWithItsName() throws Exception {
    assertThat(runWith("round 1 of", () -> newest().destroyForcibly()))
        .isInstanceOf(ProcessException.class)
        .hasMessageMatching("(?s)host [01] ended before its time, with status 137.*");
  }

  @Test
  @Timeout(120)
  void run_coordinatorThatDiesWhileHostsStart_endsTheDemo() throws Exception {
    assertThat(runWith("10 of 20 clients", () -> oldest().destroyForcibly()))
        .isInstanceOf(ProcessException.class)
        .hasMessageStartingWith("the coordinator ended before its time, with status 137");
  }

  /** What the demo of two hosts ends with when something is done at the first such event. */
  private Throwable runWith(String event, Runnable fault) throws Exception {
    Path jobFile = Files.writeString(folder.resolve("job.yaml"), LiveJobs.digits(20, 20, 30, 40));
    Job job = JobFile.read(jobFile, List.of());
    AtomicBoolean done = new AtomicBoolean();
    Consumer<String> events =
        heard -> {
          if (heard.startsWith(event) && done.compareAndSet(false, true)) {
            fault.run();
          }
        };
    try (LiveDemo demo =
        new LiveDemo(job, jobFile, List.of(), folder, new LiveDemo.Size(2, 10, 0), 3, events)) {
      return catchThrowable(() -> demo.run(List.of()));
    }
  }

  /** The coordinator is the first process that a demo starts. */
  private static ProcessHandle oldest() {
    return ProcessHandle.current().children().min(BY_START).orElseThrow();
  }

  /** The last host is the last one. */
  private static ProcessHandle newest() {
    return ProcessHandle.current().children().max(BY_START).orElseThrow();
  }
}
