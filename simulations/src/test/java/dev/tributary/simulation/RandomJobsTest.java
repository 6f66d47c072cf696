package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.job.JobFileException;
import dev.tributary.coordinator.round.ClientAccuracy;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.privacy.LedgerHistory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs drawn at random: what is not refused by name gives the same models on every back end in
 * virtual time, to the bit, whatever the number of threads. Under a script of faults the suites may
 * differ, and where the masked sum alone gives a round up (docs/backends.md); each is held to
 * itself then.
 */
class RandomJobsTest {
  private static final String LOST = " made null ";

  @TempDir private Path folder;

  private final TreeMap<String, Integer> refused = new TreeMap<>();
  private final Set<String> met = new HashSet<>();
  private int rounds;
  private int ran;
  private int givenUp;

  /** What a run leaves: each round, how it all ended, and the model. */
  private record Left(List<String> rounds, String end, String model) {}

  @Test
  void everyBackend_releasesTheSameModels_ofDrawnJobs() throws Exception {
    play(0, 14);
    assertThat(met)
        .containsAll(RandomJob.STRATEGIES.stream().map(RandomJob::name).toList())
        .containsAll(RandomJob.MECHANISMS)
        .contains("scripted", "unscripted");
  }

  @Test
  @Tag("nightly")
  void everyBackend_releasesTheSameModels_ofManyDrawnJobs() throws Exception {
    play(1_000, 1_400);
  }

  private void play(int from, int to) throws Exception {
    String[] asked = System.getProperty("jobs.seeds", from + ".." + to).split("\\.\\.");
    int first = Integer.parseInt(asked[0]);
    int end = Integer.parseInt(asked[1]);
    for (int seed = first; seed < end; seed++) {
      RandomJob job = RandomJob.of(seed);
      try {
        text(job).parse();
      } catch (JobFileException e) {
        refused.merge(codes(e), 1, Integer::sum);
        continue;
      }
      try {
        play(job);
      } catch (Exception | AssertionError e) {
        throw new AssertionError(job.toString(), e);
      }
    }
    System.out.printf(
        "%d jobs of %d ran, %d models of %d rounds; %d with a round that one suite lost; refused: %s%n",
        ran, end - first, rounds, ran * RandomJob.ROUNDS, givenUp, refused);
    // One that draws what is refused nearly always would hold nothing together.
    assertThat(ran).as("%s", refused).isGreaterThanOrEqualTo((end - first) * 6 / 10);
    assertThat(givenUp).isLessThanOrEqualTo(1 + ran / 10);
    assertThat(rounds).isGreaterThanOrEqualTo(ran * RandomJob.ROUNDS * 7 / 10);
  }

  private static Backend.JobText text(RandomJob job) {
    return new Backend.JobText("random.yaml", job.yaml(), List.of(), "");
  }

  private static String codes(JobFileException refusal) {
    assertThat(refusal.problems()).isNotEmpty();
    return refusal.problems().stream()
        .map(problem -> problem.code() + " " + problem.key())
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }

  private void play(RandomJob job) throws Exception {
    Left sequential = run(job, VirtualBackend.SEQUENTIAL, 1);
    assertThat(run(job, VirtualBackend.PARALLEL, 3)).as("parallel").isEqualTo(sequential);
    Left whole = run(job, VirtualBackend.PROTOCOL, 3);
    boolean gaveUp = !job.scripted() && gaveUp(whole, sequential);
    givenUp += gaveUp ? 1 : 0;
    Left reference = job.scripted() || gaveUp ? run(job, VirtualBackend.PROTOCOL, 1) : sequential;
    assertThat(whole).as("protocol").isEqualTo(reference);
    ran++;
    met.addAll(
        List.of(
            job.strategy(),
            job.mechanism(),
            job.partition(),
            job.scripted() ? "scripted" : "unscripted"));
  }

  /** Whether the first round that differs is one that only the masked sum lost. */
  private static boolean gaveUp(Left whole, Left plain) {
    for (int i = 0; i < Math.min(whole.rounds().size(), plain.rounds().size()); i++) {
      if (!whole.rounds().get(i).equals(plain.rounds().get(i))) {
        return whole.rounds().get(i).contains(LOST) && !plain.rounds().get(i).contains(LOST);
      }
    }
    return false;
  }

  private Left run(RandomJob job, VirtualBackend backend, int threads) throws Exception {
    Backend.JobText text = text(job);
    Experiment experiment = new Experiment(text.parse(), backend.plainSum());
    List<String> left = new ArrayList<>();
    RoundListener listener =
        new RoundListener() {
          @Override
          public void onRound(RoundReport report) {
            ClientAccuracy found = report.clientAccuracy();
            left.add(
                "%d: %d made %s for %s%s"
                    .formatted(
                        report.round(),
                        report.survivors(),
                        report.modelDigest(),
                        report.released(),
                        found == null ? "" : ", " + found.counts()));
          }
        };
    Path store = Files.createTempDirectory(folder, backend.word());
    Experiment.Outcome outcome =
        backend.run(experiment, new Backend.Setting(text, store, threads, listener));
    JobResult result = outcome.result();
    assertThat(result.failure()).isNull();
    if (backend == VirtualBackend.SEQUENTIAL) {
      rounds += result.completed();
    }
    return new Left(
        left,
        result.outcome() + " " + result.reason() + ", epsilon " + epsilons(outcome),
        outcome.model().digest());
  }

  /**
   * What each round cost against whoever sees the models; the coordinator sees more of plain sums.
   */
  private static List<Double> epsilons(Experiment.Outcome outcome) {
    return outcome.ledger().curve().stream().map(LedgerHistory.Point::released).toList();
  }
}
