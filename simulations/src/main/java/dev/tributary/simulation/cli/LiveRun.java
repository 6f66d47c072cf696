package dev.tributary.simulation.cli;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.simulation.Experiment;
import dev.tributary.simulation.data.Federation;
import dev.tributary.simulation.data.ShippedData;
import dev.tributary.simulation.live.LiveDemo;
import dev.tributary.simulation.live.StoredRun;
import dev.tributary.simulation.report.FaultTimeline;
import dev.tributary.simulation.report.Records;
import dev.tributary.simulation.report.RunDirectory;
import dev.tributary.simulation.report.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Runs the demo's job with real processes, and tells its end as a simulation's. */
final class LiveRun {
  private final String text;
  private final RunOptions options;
  private final Terminal terminal;
  private final LiveDemo.Size size;

  LiveRun(String text, RunOptions options, Terminal terminal, LiveDemo.Size size) {
    this.text = text;
    this.options = options;
    this.terminal = terminal;
    this.size = size;
  }

  void run(String next) throws IOException, InterruptedException {
    List<String> overrides = options.overrides();
    Job job = JobFile.parse(DemoCommand.JOB, text, overrides);
    RunDirectory directory = RunDirectory.create(options.out(job.name() + "-live"));
    long started = System.nanoTime();
    Federation federation = Experiment.federation(job);
    Records.Setting setting =
        new Records.Setting(
            true,
            false,
            federation.clients().size(),
            federation.words(),
            federation.test().size(),
            job.training().engine(),
            job.secureAggregation().suite());
    terminal.print(
        Results.before(
                Records.plan(job, setting),
                Terminal.format(
                    "%d of %d host processes are killed on the way", size.kills(), size.hosts()))
            + "\n");
    try (Scratch scratch = Scratch.create()) {
      Path folder = scratch.folder();
      Path jobFile = Files.writeString(folder.resolve("job.yaml"), text);
      long seed = Objects.requireNonNull(job.simulation()).seed();
      try (LiveDemo demo = new LiveDemo(job, jobFile, overrides, folder, size, seed, this::tell);
          Interruption interruption = Interruption.calls(reason -> demo.stop())) {
        demo.run(evaluation(folder));
        demo.end();
        StoredRun stored = StoredRun.read(demo.store(), job);
        Optional<String> stopped =
            stored.rounds().size() < job.rounds()
                ? Optional.of(interruption.requested() ? "interrupted" : "the job ended early")
                : Optional.empty();
        RunRecord run =
            Records.run(
                job,
                setting,
                Optional.empty(),
                stored.rounds(),
                FaultTimeline.NONE,
                stored.model().digest(),
                stopped);
        terminal.endProgress();
        double seconds = (System.nanoTime() - started) / 1e9;
        new Finish(directory, Optional.empty(), options.json(), terminal)
            .write(run, stored.model(), stored.ledger(), seconds, next);
        if (interruption.requested()) {
          throw new CommandException(
              ErrorCode.INTERRUPTED, "interrupted; what was done until then is written");
        }
        if (run.completedRounds() == 0) {
          throw new CommandException(
              ErrorCode.NO_ROUND_COMPLETED,
              "no round came to a sum within its deadline. Give more time: --set deadline=120s.");
        }
      }
    }
  }

  private void tell(String event) {
    terminal.progress(
        "  " + event,
        System.currentTimeMillis(),
        event.startsWith("killed") || event.startsWith("host"));
  }

  /** The evaluation pictures as files, for another process. */
  private static List<Path> evaluation(Path folder) throws IOException {
    ShippedData shipped = ShippedData.load();
    ShippedData.Entry entry = shipped.entry("fashion-mnist-12k");
    Path images = folder.resolve("test-images.gz");
    Path labels = folder.resolve("test-labels.gz");
    Files.copy(shipped.file(entry, "test-images-idx3"), images);
    Files.copy(shipped.file(entry, "test-labels-idx1"), labels);
    return List.of(images, labels);
  }
}
