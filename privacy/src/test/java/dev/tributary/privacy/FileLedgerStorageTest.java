package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileLedgerStorageTest extends LedgerStorageContract {
  @TempDir private Path directory;
  private @Nullable FileLedgerStorage storage;

  private Path file() {
    return directory.resolve("ledger");
  }

  private Path headFile() {
    return directory.resolve("ledger.head");
  }

  @Override
  LedgerStorage storage() {
    storage = FileLedgerStorage.open(file());
    return storage;
  }

  @Override
  LedgerStorage reopened() {
    close();
    return storage();
  }

  @AfterEach
  void close() {
    if (storage != null) {
      storage.close();
      storage = null;
    }
  }

  private byte[] written() throws IOException {
    Ledger ledger = Ledger.create(storage(), BUDGET);
    ledger.reserve("a task", 0, EVENT, 1);
    ledger.coordinatorSaw("a task", 0);
    ledger.commit("a task", 0);
    ledger.spend("own", 1, EVENT);
    close();
    return Files.readAllBytes(file());
  }

  @Test
  void entriesThatGoWhileItIsOpen_areMissed() throws IOException {
    written();
    LedgerStorage open = storage();
    int entries = open.load().size();
    byte[] whole = Files.readAllBytes(file());
    Files.write(file(), Arrays.copyOf(whole, whole.length - 3));
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(open::load)
        .withMessageContaining("had " + entries + " entries and has " + (entries - 1));
    Files.write(file(), whole);
    assertThat(open.load()).hasSize(entries);
  }

  private void assertDamaged(String what) {
    assertThatExceptionOfType(LedgerDamagedException.class)
        .as(what)
        .isThrownBy(() -> Ledger.open(reopened(), BUDGET));
    close();
  }

  @Test
  void everyChangedByte_isDamage() throws IOException {
    byte[] bytes = written();
    for (int at = 0; at < bytes.length; at++) {
      int flip = new int[] {1, 0x20, 0x80}[at % 3];
      byte[] changed = bytes.clone();
      changed[at] ^= (byte) flip;
      Files.write(file(), changed);
      assertDamaged("byte " + at + " xor " + flip);
    }
    Files.write(file(), bytes);
    Ledger.open(reopened(), BUDGET);
  }

  @Test
  void everyChangedByteOfTheHead_isDamage() throws IOException {
    byte[] bytes = written();
    byte[] head = Files.readAllBytes(headFile());
    for (int at = 0; at < head.length; at++) {
      byte[] changed = head.clone();
      changed[at] ^= 1;
      Files.write(headFile(), changed);
      assertDamaged("head byte " + at);
    }
    Files.write(headFile(), new byte[0]);
    assertDamaged("empty head");
    Files.delete(headFile());
    assertDamaged("head gone");
    assertThat(Files.readAllBytes(file())).isEqualTo(bytes);
  }

  @Test
  void everyCut_isDamage() throws IOException {
    byte[] bytes = written();
    for (int length = 0; length < bytes.length; length++) {
      Files.write(file(), Arrays.copyOf(bytes, length));
      assertDamaged("cut to " + length);
      assertThat(Files.size(file())).as("a refused ledger is left as it was").isEqualTo(length);
    }
    Files.delete(file());
    assertDamaged("gone");
    assertThatExceptionOfType(LedgerDamagedException.class)
        .as("a ledger that is gone is not begun afresh")
        .isThrownBy(() -> Ledger.create(reopened(), BUDGET));
  }

  /** A crash in the middle of an append leaves part of a line that nobody was told of. */
  @Test
  void everyTornAppend_isCutOff_andTheRestStands() throws IOException {
    Ledger before = Ledger.create(storage(), BUDGET);
    before.reserve("task", 0, EVENT, 1);
    LedgerHead acknowledged = before.head();
    close();
    byte[] short1 = Files.readAllBytes(file());
    byte[] oldHead = Files.readAllBytes(headFile());
    Ledger.open(storage(), BUDGET).commit("task", 0);
    close();
    byte[] long1 = Files.readAllBytes(file());
    for (int length = short1.length; length < long1.length; length++) {
      Files.write(file(), Arrays.copyOf(long1, length));
      Files.write(headFile(), oldHead);
      Ledger ledger = Ledger.open(reopened(), BUDGET);
      assertThat(ledger.head()).as("torn at %s", length).isEqualTo(acknowledged);
      ledger.commit("task", 0);
      close();
      assertThat(Files.readAllBytes(file())).isEqualTo(long1);
    }
  }

  /** A crash between the entry and the head leaves a whole entry that counts. */
  @Test
  void entryWithoutItsHead_stands() throws IOException {
    Ledger.create(storage(), BUDGET);
    close();
    byte[] oldHead = Files.readAllBytes(headFile());
    Ledger.open(storage(), BUDGET).reserve("task", 0, EVENT, 1);
    close();
    Files.write(headFile(), oldHead);
    Ledger ledger = Ledger.open(reopened(), BUDGET);
    assertThat(ledger.open()).hasSize(1);
    ledger.commit("task", 0);
  }

  @Test
  void olderCopy_isDamage() throws IOException {
    Ledger.create(storage(), BUDGET);
    close();
    byte[] older = Files.readAllBytes(file());
    Ledger.open(storage(), BUDGET).reserve("task", 0, EVENT, 1);
    close();
    Files.write(file(), older);
    assertDamaged("rolled back");
  }

  @Test
  void linesSwapped_orRepeated_areDamage() throws IOException {
    String[] lines = new String(written(), StandardCharsets.UTF_8).split("(?<=\n)");
    String swapped = lines[0] + lines[2] + lines[1] + lines[3] + lines[4];
    Files.writeString(file(), swapped);
    assertDamaged("swapped");
    Files.writeString(file(), String.join("", lines) + lines[4]);
    assertDamaged("repeated");
    Files.writeString(file(), lines[0] + lines[1] + lines[3] + lines[4]);
    assertDamaged("one left out");
  }

  /**
   * A write that fails may or may not have reached the disk: the storage refuses to go on, and
   * reopening finds out.
   */
  @Test
  void failedWrite_endsTheObject_andTheEntryCountsIfItIsThere() throws IOException {
    Ledger ledger = Ledger.create(storage(), BUDGET);
    Path inTheWay = directory.resolve("ledger.head.new");
    Files.createDirectory(inTheWay);
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> ledger.reserve("task", 0, EVENT, 1))
        .withMessageContaining("cannot write the ledger");
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> ledger.reserve("task", 1, EVENT, 1));
    Files.delete(inTheWay);
    Ledger again = Ledger.open(reopened(), BUDGET);
    assertThat(again.open()).hasSize(1);
    again.commit("task", 0);
  }

  @Test
  void openedTwice_isAConflict() {
    storage();
    assertThatExceptionOfType(LedgerConflictException.class)
        .isThrownBy(() -> FileLedgerStorage.open(file()))
        .withMessageContaining("in use");
  }

  @Test
  void fileThatCannotBeOpened_isSaid() {
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> FileLedgerStorage.open(directory.resolve("no/such/ledger")))
        .withMessageContaining("cannot open the ledger");
  }

  @Test
  void loadFrom_givesTheRest_withinTheLedger() throws IOException {
    written();
    LedgerStorage storage = reopened();
    List<LedgerEntry> all = storage.load();
    assertThat(storage.loadFrom(2)).isEqualTo(all.subList(2, all.size()));
    assertThat(storage.loadFrom(-1)).isEqualTo(all);
    assertThat(storage.loadFrom(Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void fileLargerThanAnyLedger_isRefusedUnread_andLetGo() throws IOException {
    try (RandomAccessFile sparse = new RandomAccessFile(file().toFile(), "rw")) {
      sparse.setLength((1L << 28) + 1);
    }
    for (int again = 0; again < 2; again++) {
      assertThatExceptionOfType(LedgerDamagedException.class)
          .isThrownBy(() -> FileLedgerStorage.open(file()))
          .withMessageContaining("larger than any");
    }
  }

  @Test
  void lineThatIsNone_isDamage_andNamedByItsNumber() throws IOException {
    byte[] bytes = written();
    String text = new String(bytes, StandardCharsets.UTF_8);
    Files.writeString(file(), text.replace("\n1\t", "\n7\t"));
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(() -> FileLedgerStorage.open(file()))
        .withMessageContaining("at line 2");
  }

  /** A crash between the first entry and its head. */
  @Test
  void oneEntryWithoutAHead_stands() throws IOException {
    Ledger.create(storage(), BUDGET);
    close();
    Files.delete(headFile());
    assertThat(Ledger.open(reopened(), BUDGET).head().index()).isZero();
  }
}
