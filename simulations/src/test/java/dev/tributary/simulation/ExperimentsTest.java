package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.simulation.data.Federation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The jobs under {@code experiments} are jobs, and their pages speak of nothing else. */
class ExperimentsTest {
  private static final Path EXPERIMENTS = Path.of("experiments").toAbsolutePath().normalize();
  private static final Pattern SIMULATED =
      Pattern.compile("(?m)^\\./tributary simulate simulations/experiments/(\\S+\\.yaml)\\b.*$");
  private static final Pattern COMPARED = Pattern.compile("(?m)^\\./tributary compare (.*)$");

  static List<Path> experiments() throws IOException {
    try (Stream<Path> files = Files.list(EXPERIMENTS)) {
      return files.filter(Files::isDirectory).sorted().toList();
    }
  }

  static List<Path> jobs() throws IOException {
    try (Stream<Path> files = Files.walk(EXPERIMENTS, 2)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  /** Reading a job dry-runs its plan, noise, ledger and schedule. */
  @ParameterizedTest
  @MethodSource("jobs")
  void job_isReadAndItsRowsCanBeDealt(Path file) {
    Job job = JobFile.read(file, List.of());
    assertThat(job.name() + ".yaml").isEqualTo(file.getFileName().toString());
    if (job.simulation().data() instanceof Job.Data.Npz) {
      assertThat(job.model().outputs()).isEqualTo(62);
      return;
    }
    // The same deal over rows that ship: those of the job are fetched.
    Job small = JobFile.read(file, List.of("simulation.data.source=fashion-mnist-12k"));
    Federation federation =
        Federation.of(small.simulation(), false, Experiment.rootSeed(small.simulation().seed()));
    assertThat(federation.test().featureShape()).isEqualTo(job.model().inputShape());
    assertThat(job.model().outputs()).isEqualTo(federation.test().classes());
    assertThat(federation.clients().size()).isGreaterThanOrEqualTo(job.cohort().size());
  }

  @Test
  void overview_namesEveryExperiment() throws IOException {
    String page = Files.readString(EXPERIMENTS.resolve("README.md"));
    assertThat(experiments()).hasSizeGreaterThanOrEqualTo(5);
    for (Path experiment : experiments()) {
      assertThat(page).contains("](" + experiment.getFileName() + "/README.md)");
    }
  }

  /** Each job has its command on the page, and each command its job. */
  @ParameterizedTest
  @MethodSource("experiments")
  void page_hasACommandForEachJob(Path experiment) throws IOException {
    String page = Files.readString(experiment.resolve("README.md"));
    List<Path> named =
        SIMULATED
            .matcher(page)
            .results()
            .map(match -> EXPERIMENTS.resolve(match.group(1)))
            .toList();
    try (Stream<Path> files = Files.list(experiment)) {
      assertThat(named)
          .containsAll(files.filter(file -> file.toString().endsWith(".yaml")).toList());
    }
    assertThat(named).allSatisfy(job -> assertThat(job).exists());
  }

  /** Runs that are compared have been made by a command above, in the folder of its job's name. */
  @ParameterizedTest
  @MethodSource("experiments")
  void page_comparesRunsOfItsOwnJobs(Path experiment) throws IOException {
    Matcher compared = COMPARED.matcher(Files.readString(experiment.resolve("README.md")));
    assertThat(compared.find()).isTrue();
    do {
      for (String run : compared.group(1).split(" ")) {
        assertThat(run).startsWith("build/runs/");
        assertThat(experiment.resolve(run.substring("build/runs/".length()) + ".yaml")).exists();
      }
    } while (compared.find());
  }
}
