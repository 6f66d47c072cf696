package dev.tributary.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.access.Role;
import dev.tributary.privacy.Budget;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.wire.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups and what becomes of them, whichever database a store lies in. */
abstract class BackupSuite {
  private static final Budget BUDGET = StoreContract.BUDGET;
  private static final PrivacyEvent EVENT = StoreContract.EVENT;
  private static final PrivacyEvent FREE = StoreContract.FREE;

  /** More than the whole budget. */
  private static final PrivacyEvent DEAR = new PrivacyEvent.DiscreteGaussian(100, 10);

  @TempDir Path directory;

  /** The database of the store of that name; null for SQLite in its folder. */
  abstract @Nullable PostgresSettings database(String name);

  private Path folder(String name) {
    return directory.resolve(name);
  }

  private Store open(String name) {
    PostgresSettings settings = database(name);
    return settings == null
        ? Store.open(folder(name), Durability.MEMORY)
        : Store.open(folder(name), settings);
  }

  private BackupManifest backup(String name, String out) {
    return Backup.write(folder(name), database(name), folder(out), true);
  }

  private BackupManifest restore(String from, String name) {
    return Restore.read(folder(from), folder(name), database(name), "tester");
  }

  private static RollBack.Lost lost(String job, int last, boolean correlated) {
    return new RollBack.Lost(job, last, FREE, 1, correlated, BUDGET, BUDGET);
  }

  /** Two rounds that are over, and one in flight. */
  private static TaskStore begun(Store store) {
    StoreContract.script(store);
    TaskStore task = store.task("job", BUDGET);
    task.freeze(List.of(new Member(ByteString.copyFrom(new byte[32]), null)));
    RoundEvent event =
        new RoundEvent(Instant.EPOCH, RoundEvent.Kind.RECEIVED, 0, ByteString.copyFromUtf8("m"));
    task.reserve(3, bytes("plan"), List.of(0, 1), List.of(0, 2, 1), EVENT, 2, event);
    task.journal(
        3, event, List.of(new Entry(Entry.Kind.INPUT_ACCEPTED, ByteString.copyFromUtf8("x"))));
    task.flush();
    return task;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static ByteString clientToken(Store store) {
    return store
        .clientTokens()
        .issue("job", ByteString.copyFrom(new byte[32]), Instant.now(), ClientTokens.LIFETIME);
  }

  private static void commit(TaskStore task, int round, PrivacyEvent event) {
    task.reserve(round, bytes("plan"), List.of(0), event, 1);
    task.commit(round, bytes("model " + round), bytes("optimizer " + round), spent -> "{}");
  }

  @Test
  void restore_ofAStoreInUse_isWhatItWas_andSpendsNothingBeforeItIsSaidWhatIsLost()
      throws IOException {
    TaskStore.Spent whole;
    ByteString shown;
    try (Store store = open("store")) {
      Files.writeString(folder("store").resolve("coordinator-key.pem"), "secret");
      TaskStore task = begun(store);
      var unused =
          store.tokens().create("t", "alice", Role.OWNER, Duration.ofDays(1), new SecureRandom());
      shown = clientToken(store);
      assertThat(store.clientTokens().find(shown, Instant.now())).isPresent();
      BackupManifest made = backup("store", "backup");
      assertThat(made.tables())
          .extracting(BackupManifest.Table::name)
          .contains("ledger", "ledger_head", "round", "round_event", "audit_entry", "token")
          .doesNotContain("lease", "blob_part", "client_token_key");
      task.commit(3, bytes("model 3"), bytes("optimizer 3"), spent -> "{}");
      commit(task, 4, FREE);
      whole = task.spent();
    }
    restore("backup", "again");
    assertThat(folder("again").resolve("coordinator-key.pem")).hasContent("secret");
    try (Store again = open("again")) {
      assertThatThrownBy(() -> again.task("job", BUDGET))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo("store-restored"));
      assertThat(again.tokens().all())
          .singleElement()
          .satisfies(token -> assertThat(token.at(Instant.now())).isEqualTo(Tokens.State.REVOKED));
      assertThat(again.clientTokens().find(shown, Instant.now())).isEmpty();
      assertThat(again.clientTokens().find(clientToken(again), Instant.now())).isPresent();
      assertThat(again.rollBack().jobs())
          .containsExactly(new RollBack.Known("job", "source", 3, false));
      for (List<RollBack.Lost> wrong :
          List.of(List.<RollBack.Lost>of(), List.of(lost("job", 2, false)))) {
        assertThatThrownBy(() -> again.rollBack().acknowledge("tester", "a guess", wrong))
            .isInstanceOfSatisfying(
                StoreException.class,
                e -> assertThat(e.code()).isEqualTo("acknowledgement-refused"));
      }
      assertThat(again.rollBack().pending()).isTrue();

      again.rollBack().acknowledge("tester", "the log", List.of(lost("job", 5, false)));

      TaskStore task = again.task("job", BUDGET);
      assertThat(task.rounds())
          .extracting(RoundRecord::state)
          .containsExactly(
              RoundRecord.State.COMMITTED,
              RoundRecord.State.ABORTED,
              RoundRecord.State.ABORTED,
              RoundRecord.State.ABORTED,
              RoundRecord.State.ABORTED);
      assertThat(task.events(3)).isEmpty();
      assertThat(again.blobs().read(task.rounds().get(0).model())).isEqualTo(bytes("model 1"));
      assertThat(task.population()).hasSize(1);
      assertThat(task.spent().released().epsilon())
          .isGreaterThanOrEqualTo(whole.released().epsilon());
      assertThat(task.spent()).isEqualTo(expected());
      assertThatThrownBy(() -> again.rollBack().acknowledge("tester", "again", List.of()))
          .hasMessageContaining("was acknowledged before");
      commit(task, 6, FREE);
      again.auditLog().verify(null);
      assertThat(again.auditLog().page(1, 99).entries())
          .extracting(AuditEntry::what)
          .endsWith("store-restored", "restore-acknowledged");
    }
    try (Store again = open("again")) {
      assertThat(again.task("job", BUDGET).rounds()).hasSize(6);
    }
  }

  /** The round in flight as spent, and beside the job the lost rounds, which the job may repeat. */
  private TaskStore.Spent expected() {
    try (Store reference = open("reference")) {
      TaskStore task = begun(reference);
      task.commit(3, bytes("m"), bytes("o"), spent -> "{}");
      TaskStore other = reference.task("other", BUDGET);
      other.begin("source", bytes("model"));
      commit(other, 1, FREE);
      return task.spent();
    }
  }

  @Test
  void acknowledge_ofMoreThanTheBudget_isRefused_andOfCorrelatedNoise_endsTheJob() {
    try (Store store = open("store")) {
      begun(store);
      backup("store", "backup");
    }
    restore("backup", "again");
    try (Store again = open("again")) {
      RollBack.Lost dear = new RollBack.Lost("job", 40, DEAR, 40, false, BUDGET, BUDGET);
      assertThatThrownBy(() -> again.rollBack().acknowledge("t", "why", List.of(dear)))
          .isInstanceOf(dev.tributary.privacy.BudgetExceededException.class);
      assertThat(again.rollBack().pending()).isTrue();

      again
          .rollBack()
          .acknowledge("t", "why", List.of(lost("job", 4, true), lost("later", 9, false)));

      assertThat(again.jobControl().of("job")).isEqualTo(JobControl.State.CANCELLED);
      assertThat(again.jobControl().of("later")).isEqualTo(JobControl.State.CANCELLED);
      assertThat(again.task("job", BUDGET).rounds()).hasSize(4);
    }
  }

  /** It may have begun after the backup. */
  @Test
  void acknowledge_ofAJobThatWasSubmittedAndHadNotBegun_goesOnAfterItsLostRounds() {
    try (Store store = open("store")) {
      assertThat(store.submissions().add("t", "waiting", "source")).isTrue();
      backup("store", "backup");
    }
    restore("backup", "again");
    try (Store again = open("again")) {
      assertThat(again.rollBack().jobs())
          .containsExactly(new RollBack.Known("waiting", "source", 0, false));
      assertThatThrownBy(() -> again.rollBack().acknowledge("t", "why", List.of()))
          .hasMessageContaining("nothing was said of the job waiting");
      again.rollBack().acknowledge("t", "why", List.of(lost("waiting", 2, false)));
      TaskStore task = again.task("waiting", BUDGET);
      task.begin("source", bytes("model"));
      assertThat(task.rounds()).hasSize(2);
      commit(task, 3, EVENT);
      assertThat(task.spent().released().epsilon()).isPositive();
    }
  }

  @Test
  void acknowledge_ofAnotherPopulation_beginsItsLedgerAsSpent() {
    Budget other = new Budget("phones", Unit.USER, Relation.ZERO_OUT, 2, 1e-5);
    try (Store store = open("store")) {
      assertThat(store.populations()).isEmpty();
      backup("store", "backup");
    }
    restore("backup", "again");
    try (Store again = open("again")) {
      again
          .rollBack()
          .acknowledge(
              "t", "why", List.of(new RollBack.Lost("later", 9, EVENT, 2, false, other, other)));
      assertThat(again.task("next", other).spent().released().epsilon()).isPositive();
    }
  }

  @Test
  void backups_takenWhileRoundsEnd_areEachOneStateOfTheStore() throws Exception {
    try (Store store = open("store")) {
      StoreContract.script(store);
      TaskStore task = store.task("job", BUDGET);
      CompletableFuture<Void> work =
          CompletableFuture.runAsync(
              () -> {
                for (int round = 3; round < 60; round++) {
                  commit(task, round, FREE);
                }
              });
      int backups = 0;
      do {
        backup("store", "backup" + backups++);
      } while (!work.isDone());
      work.get();
      backup("store", "backup" + backups++);
      for (int i : Set.of(0, backups - 1)) {
        restore("backup" + i, "again" + i);
        try (Store again = open("again" + i)) {
          int last = again.rollBack().jobs().get(0).last();
          again.rollBack().acknowledge("t", "all of it", List.of(lost("job", last, false)));
          for (RoundRecord round : again.task("job", BUDGET).rounds()) {
            if (round.model() != null) {
              assertThat(again.blobs().read(round.model())).isNotEmpty();
            }
            if (round.optimizer() != null) {
              assertThat(again.blobs().read(round.optimizer())).isNotEmpty();
            }
          }
        }
      }
      assertThat(backups).isGreaterThan(1);
    }
  }

  @Test
  void restore_overAStore_isRefused_andSoIsABackupOverAnything() throws IOException {
    try (Store store = open("store")) {
      begun(store);
      backup("store", "backup");
      assertThatThrownBy(() -> backup("store", "backup"))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo("output-not-writable"));
    }
    Files.createDirectories(folder("there"));
    Files.writeString(folder("there").resolve("note"), "x");
    for (String name : List.of("store", "there")) {
      assertThatThrownBy(() -> restore("backup", name))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo("store-exists"))
          .hasMessageContaining("is not empty");
    }
    assertThatThrownBy(() -> restore("nothing", "again"))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo("data-missing"));
  }

  @Test
  void restore_ofAnyFileThatWasChangedOrIsMissing_isRefused_andLeavesNothing() throws IOException {
    try (Store store = open("store")) {
      begun(store);
      Files.writeString(folder("store").resolve("coordinator-key.pem"), "secret");
      backup("store", "backup");
    }
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder("backup"))) {
      files = all.filter(Files::isRegularFile).toList();
    }
    assertThat(files).hasSizeGreaterThan(12);
    for (Path file : files) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      byte[] before = Files.readAllBytes(file);
      byte[] changed = before.clone();
      changed[before.length / 2] ^= (byte) 0xff;
      List<byte[]> wrong = new ArrayList<>(List.of(changed, new byte[0]));
      for (byte[] bytes : wrong) {
        Files.write(file, bytes);
        refusedAsDamaged(file);
      }
      Files.delete(file);
      if (!file.endsWith(BackupManifest.FILE)) {
        refusedAsDamaged(file);
      }
      Files.write(file, before);
    }
    restore("backup", "again");
  }

  private void refusedAsDamaged(Path file) {
    assertThatThrownBy(() -> restore("backup", "again"))
        .as("%s", file)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo("backup-damaged"));
    assertThat(folder("again")).doesNotExist();
  }

  @Test
  void manifest_thatNamesOtherFiles_isRefused() {
    for (String name : List.of("../x", "a/b", "/etc/passwd", "", "A")) {
      BackupManifest.Part part = new BackupManifest.Part(name, 1, "0".repeat(64));
      assertThatThrownBy(
              () ->
                  new BackupManifest(
                      1, "1", "2026-01-01T00:00:00Z", List.of(), List.of(), List.of(part)))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
