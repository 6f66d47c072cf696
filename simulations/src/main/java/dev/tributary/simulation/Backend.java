package dev.tributary.simulation;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.RoundListener;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * A way to run an experiment. The job file is the same for all; for one seed and engine {@code
 * java} the models are the same too, bit for bit. Those of other jars are found as services.
 */
public interface Backend {
  /** What {@code --backend} calls it. */
  String word();

  /** Whether a plain sum stands in for the job's suite. */
  boolean plainSum();

  /** Whether seconds of rounds are real ones. */
  default boolean realTime() {
    return false;
  }

  /**
   * What a run is given.
   *
   * @param file the job as it was read, for processes that read it again
   * @param scratch an empty folder for the coordinator's store
   * @param threads to use at most
   * @param listener hears of every round
   */
  record Setting(JobText file, Path scratch, int threads, RoundListener listener) {}

  /**
   * A job file with what is laid over it.
   *
   * @param name stands for the file in messages
   * @param folder that relative paths of its data start from
   */
  record JobText(String name, String text, List<String> overrides, String folder)
      implements Serializable {
    /** Copies. */
    public JobText {
      overrides = List.copyOf(overrides);
    }

    /** A file that was read as a job before. */
    public static JobText read(Path file, List<String> overrides) throws IOException {
      Path whole = file.toAbsolutePath();
      Path folder = whole.getParent();
      return new JobText(
          String.valueOf(whole.getFileName()),
          Files.readString(whole),
          overrides,
          folder == null ? "" : folder.toString());
    }

    /** The job, checked anew. */
    public Job parse() {
      return JobFile.parse(name, text, overrides, Path.of(folder));
    }
  }

  /**
   * Runs an experiment, which was made with {@link #plainSum}, to its end.
   *
   * @throws UnsuitableBackendException for a job that this back end does not run
   */
  Experiment.Outcome run(Experiment experiment, Setting setting)
      throws IOException, InterruptedException;

  /** All that are there. */
  static List<Backend> all() {
    List<Backend> all = new ArrayList<>(List.of(VirtualBackend.values()));
    all.add(new LiveBackend());
    ServiceLoader.load(Backend.class).forEach(all::add);
    return all;
  }

  /** The one of that name, if it is there. */
  static Optional<Backend> named(String word) {
    return all().stream().filter(each -> each.word().equals(word)).findFirst();
  }
}
