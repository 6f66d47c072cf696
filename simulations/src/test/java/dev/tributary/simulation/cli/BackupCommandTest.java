package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.LostRounds;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.RollBack;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.simulation.CommandRun;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tributary backup}, {@code restore} and {@code acknowledge-restore}. */
class BackupCommandTest {
  @TempDir Path folder;

  private static Job job(String... overrides) {
    return JobFile.read(Path.of("../examples/fashion-private.yaml"), List.of(overrides));
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  /** A store whose job has had so many rounds, which cost what its rounds cost. */
  private TaskStore rounds(Store store, Job job, int rounds) {
    RollBack.Lost each = LostRounds.of(job, rounds);
    TaskStore task = store.task(job.name(), Planner.budget(job), Planner.populationBudget(job));
    if (task.find().isEmpty()) {
      task.begin(job.source(), bytes("model"));
    }
    for (int round = task.rounds().size() + 1; round <= rounds; round++) {
      task.reserve(round, bytes("plan"), List.of(1), each.event(), 1);
      task.commit(round, bytes("model " + round), bytes("optimizer"), spent -> "{}");
    }
    return task;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void restoredStore_spendsOnlyAfterItWasSaidWhatIsLost_andNotTwice() {
    Job job = job("privacy.epsilon=4");
    try (Store store = Store.open(folder.resolve("data"), Durability.MEMORY)) {
      rounds(store, job, 2);
      CommandRun made = CommandRun.of("backup", "--store", path("data"), "--out", path("b"));
      assertThat(made.succeeded().out()).contains("models and states of ", "as of 20");
      rounds(store, job, 3);
    }
    CommandRun.of("restore", "--from", path("b"), "--store", path("data"))
        .failedWith(ErrorCode.STORE_EXISTS);
    CommandRun restored =
        CommandRun.of("restore", "--from", path("b"), "--store", path("again")).succeeded();
    assertThat(restored.out()).contains("tributary acknowledge-restore", "The backup has no keys");

    String[] acknowledge = {"acknowledge-restore", "--store", path("again"), "--reason", "logs"};
    CommandRun.of(acknowledge).failedWith(ErrorCode.USAGE);
    CommandRun.of(with(acknowledge, "--last-round", "nobody=3", "--all-rounds"))
        .failedWith(ErrorCode.USAGE);
    CommandRun.of(with(acknowledge, "--last-round", job.name() + "=1"))
        .failedWith(ErrorCode.ACKNOWLEDGEMENT_REFUSED);
    CommandRun said =
        CommandRun.of(with(acknowledge, "--last-round", job.name() + "=3")).succeeded();
    assertThat(said.out()).contains("counts as run up to round 3", "can be served again");
    CommandRun.of(with(acknowledge, "--all-rounds")).failedWith(ErrorCode.ACKNOWLEDGEMENT_REFUSED);

    try (Store again = Store.open(folder.resolve("again"), Durability.MEMORY)) {
      TaskStore task = rounds(again, job, 4);
      assertThat(task.rounds()).hasSize(4);
      Job twice = job("privacy.epsilon=4", "name=reference");
      try (Store reference = Store.open(folder.resolve("reference"), Durability.MEMORY)) {
        rounds(reference, twice, 4);
        Job beside = job("privacy.epsilon=4", "name=beside");
        assertThat(task.spent()).isEqualTo(rounds(reference, beside, 1).spent());
      }
    }
    CommandRun log = CommandRun.of("audit-log", "show", "--store", path("again")).succeeded();
    assertThat(log.out())
        .containsPattern("local user .* store-restored ")
        .containsPattern("restore-acknowledged logs: job " + job.name() + " up to round 3, 1 of");
  }

  /** Several coordinators may name one key file, which lies elsewhere. */
  @Test
  void signingKeyThatIsKeptElsewhere_isNotInABackup_andBothCommandsSaySo() throws Exception {
    Store.open(folder.resolve("data"), Durability.MEMORY).close();
    Files.writeString(folder.resolve("data").resolve("tls-key.pem"), "a key");
    CommandRun made = CommandRun.of("backup", "--store", path("data"), "--out", path("b"));
    assertThat(made.succeeded().out()).contains("1 key files", "the file that signingKey names");
    CommandRun restored = CommandRun.of("restore", "--from", path("b"), "--store", path("again"));
    assertThat(restored.succeeded().out())
        .contains("put the same file back where coordinator.yaml names it");

    Files.writeString(folder.resolve("data").resolve("coordinator-key.pem"), "another");
    made = CommandRun.of("backup", "--store", path("data"), "--out", path("c"));
    assertThat(made.succeeded().out()).contains("2 key files").doesNotContain("signingKey");
    restored = CommandRun.of("restore", "--from", path("c"), "--store", path("third"));
    assertThat(restored.succeeded().out()).doesNotContain("signingKey");
  }

  private static String[] with(String[] words, String... more) {
    String[] all = java.util.Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return all;
  }
}
