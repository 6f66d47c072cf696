package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.client.ClientException.Code;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.wire.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileClientJournalTest {
  private static final String KEY = "ab".repeat(32);
  private static final String SESSION = "01".repeat(32);
  private static final PrivacyEvent EVENT = new PrivacyEvent.DiscreteGaussian(3, 40);

  @TempDir Path directory;

  private static Participation round(int number) {
    return new Participation(KEY, "task", number, EVENT);
  }

  @Test
  void contributions_areThereAfterReopening() {
    try (FileClientJournal journal = FileClientJournal.open(directory)) {
      journal.contributed(round(0));
      journal.contributed(round(3));
    }
    try (FileClientJournal journal = FileClientJournal.open(directory)) {
      assertThat(journal.participations(KEY)).containsExactly(round(0), round(3));
      assertThat(journal.participations("cd".repeat(32))).isEmpty();
    }
  }

  @Test
  void contribution_repeatedOrOlder_isRefusedAfterReopeningToo() {
    for (int i = 0; i < 2; i++) {
      try (FileClientJournal journal = FileClientJournal.open(directory)) {
        if (i == 0) {
          journal.contributed(round(3));
        }
        assertThatThrownBy(() -> journal.contributed(round(3)))
            .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> journal.contributed(round(2)))
            .isInstanceOf(IllegalStateException.class);
        assertThat(journal.mayContribute(round(3), Policy.atLeast()))
            .map(Refusal::code)
            .contains("already-contributed");
        assertThat(
                journal.mayContribute(new Participation(KEY, "other", 0, EVENT), Policy.atLeast()))
            .isEmpty();
      }
    }
  }

  @Test
  void survivors_areSignedOncePerSession() {
    for (int i = 0; i < 2; i++) {
      try (FileClientJournal journal = FileClientJournal.open(directory)) {
        journal.signedSurvivors(SESSION, "aa".repeat(32));
        journal.signedSurvivors(SESSION, "aa".repeat(32));
        assertThatThrownBy(() -> journal.signedSurvivors(SESSION, "bb".repeat(32)))
            .isInstanceOf(IllegalStateException.class);
      }
    }
  }

  @Test
  void entries_ofARound_areCarriedOut() {
    try (FileClientJournal journal = FileClientJournal.open(directory)) {
      journal.persist(new Entry(Entry.Kind.CONTRIBUTED, round(5).toBytes()));
      SignedSurvivors signed = new SignedSurvivors(SESSION, "aa".repeat(32));
      journal.persist(new Entry(Entry.Kind.SURVIVORS_SIGNED, signed.toBytes()));
      assertThat(journal.participations(KEY)).containsExactly(round(5));
      assertThat(SignedSurvivors.parse(signed.toBytes())).isEqualTo(signed);
      assertThatThrownBy(
              () -> journal.persist(new Entry(Entry.Kind.INPUT_ACCEPTED, ByteString.EMPTY)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void lineThatACrashCutShort_isForgotten() throws IOException {
    Path file = directory.resolve("survivors.log");
    try (FileClientJournal journal = FileClientJournal.open(directory)) {
      journal.signedSurvivors(SESSION, "aa".repeat(32));
    }
    Files.writeString(file, Files.readString(file) + "0202");
    try (FileClientJournal journal = FileClientJournal.open(directory)) {
      journal.signedSurvivors("02".repeat(32), "bb".repeat(32));
    }
    assertThat(Files.readAllLines(file))
        .isEqualTo(
            List.of(SESSION + " " + "aa".repeat(32), "02".repeat(32) + " " + "bb".repeat(32)));
  }

  @Test
  void survivorFile_damaged_stopsTheClient() throws IOException {
    Files.writeString(directory.resolve("survivors.log"), "nonsense\n");
    assertThatThrownBy(() -> FileClientJournal.open(directory))
        .isInstanceOfSatisfying(
            ClientException.class, e -> assertThat(e.code()).isEqualTo(Code.STATE_DAMAGED));
  }

  @Test
  void ledger_changedOrGone_stopsTheClient() throws IOException {
    Path ledger = directory.resolve("ledger-" + KEY + ".log");
    try (FileClientJournal journal = FileClientJournal.open(directory)) {
      journal.contributed(round(0));
      journal.contributed(round(1));
    }
    String whole = Files.readString(ledger);
    for (String damaged :
        List.of(whole.replace("task", "tusk"), whole.substring(0, whole.indexOf('\n') + 1), "")) {
      Files.writeString(ledger, damaged);
      try (FileClientJournal journal = FileClientJournal.open(directory)) {
        assertThatThrownBy(() -> journal.participations(KEY))
            .as("ledger of %d of %d characters", damaged.length(), whole.length())
            .isInstanceOfSatisfying(
                ClientException.class, e -> assertThat(e.code()).isEqualTo(Code.STATE_DAMAGED))
            .hasMessageContaining("does not start afresh");
      }
    }
  }

  @Test
  void ledger_goneWithItsHead_stopsTheClientForThatCoordinatorAlone() throws IOException {
    Path ledger = directory.resolve("ledger-" + KEY + ".log");
    try (FileClientJournal journal = FileClientJournal.open(directory)) {
      journal.contributed(round(0));
    }
    Files.delete(ledger);
    Files.delete(directory.resolve(ledger.getFileName() + ".head"));

    for (int start = 0; start < 2; start++) {
      try (FileClientJournal journal = FileClientJournal.open(directory)) {
        assertThatThrownBy(() -> journal.contributed(round(1)))
            .as("start %d", start)
            .isInstanceOfSatisfying(
                ClientException.class, e -> assertThat(e.code()).isEqualTo(Code.STATE_DAMAGED))
            .hasMessageContaining(ledger.toString())
            .hasMessageContaining("says that there was a ledger")
            .hasMessageContaining("Restore the file from a backup");
        assertThat(journal.participations("cd".repeat(32))).isEmpty();
      }
    }
  }

  /** A client that was stopped between the two files, or wrote its ledger without the mark. */
  @Test
  void ledger_thatIsThereUnmarked_isMarkedWhenOpened() throws IOException {
    Path marks = directory.resolve("coordinator.key");
    try (FileClientJournal journal = FileClientJournal.open(directory)) {
      journal.contributed(round(0));
    }
    Files.writeString(marks, KEY + "\n");
    try (FileClientJournal journal = FileClientJournal.open(directory)) {
      assertThat(journal.participations(KEY)).containsExactly(round(0));
    }
    assertThat(marks).hasContent(KEY + "\nledger " + KEY + "\n");
  }

  @Test
  void coordinatorKey_isPinnedBesideTheMarks() {
    byte[] key = HexFormat.of().parseHex(KEY);
    try (FileClientJournal journal = FileClientJournal.open(directory);
        StateDirectory state = StateDirectory.open(directory)) {
      journal.contributed(round(0));
      state.pin(key);
      state.pin(key);
      assertThatThrownBy(() -> state.pin(new byte[32]))
          .isInstanceOfSatisfying(
              ClientException.class,
              e -> assertThat(e.code()).isEqualTo(Code.COORDINATOR_KEY_CHANGED));
    }
    assertThat(directory.resolve("coordinator.key")).hasContent(KEY + "\nledger " + KEY + "\n");
  }

  /** The key is a link of its temporary file for a moment, and a crash there leaves both. */
  @Test
  void forget_deletesACopyOfTheKeyThatACrashLeft() throws IOException {
    Path folder = directory.resolve("state");
    try (StateDirectory state = StateDirectory.open(folder)) {
      state.identity(new SecureRandom()).close();
      Path copy = folder.resolve("identity.pem.new");
      Files.copy(folder.resolve("identity.pem"), copy);
      state.forget();
      assertThat(folder.resolve("identity.pem")).doesNotExist();
      assertThat(copy).doesNotExist();
    }
  }

  @Test
  void directory_thatCannotBeWritten_isOneClearError() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(() -> StateDirectory.open(file.resolve("state")))
        .isInstanceOfSatisfying(
            ClientException.class, e -> assertThat(e.code()).isEqualTo(Code.STATE_UNUSABLE))
        .hasMessageContaining("file");
  }
}
