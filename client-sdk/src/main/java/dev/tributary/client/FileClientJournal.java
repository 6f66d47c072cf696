package dev.tributary.client;

import dev.tributary.client.ClientException.Code;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.FileLedgerStorage;
import dev.tributary.privacy.LedgerConflictException;
import dev.tributary.privacy.LedgerDamagedException;
import dev.tributary.privacy.LedgerStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The journal in files of the state directory: {@code ledger-<coordinator key>.log}, privacy's hash
 * chain of all contributions to one coordinator, {@code ledger-<coordinator key>-examples.log},
 * that of what they tell about single examples, and {@code survivors.log}, one line for each
 * survivor set signed. Every append is on disk before its method returns. A file that fails its
 * check stops the client, and so does a ledger that was there once: none starts afresh.
 */
public final class FileClientJournal implements ClientJournal, AutoCloseable {
  private static final String EXAMPLES = "-examples";
  static final String SURVIVORS = "survivors.log";

  private final Path directory;
  private final Map<String, CoordinatorLedger> ledgers = new HashMap<>();
  private final Map<String, ExampleLedger> examples = new HashMap<>();
  private final List<FileLedgerStorage> storages = new ArrayList<>();
  private final Map<String, String> signed = new HashMap<>();
  private final AppendedLines survivors;
  private final CoordinatorFile known;

  private FileClientJournal(Path directory) throws IOException {
    this.directory = directory;
    this.known = new CoordinatorFile(directory);
    this.survivors = new AppendedLines(directory.resolve(SURVIVORS));
    for (String line : survivors.read()) {
      String[] fields = line.split(" ", -1);
      if (fields.length != 2 || fields[0].length() != 64 || fields[1].length() != 64) {
        throw damaged(survivors.file(), "a line is not a session and a digest", null);
      }
      signed.put(fields[0], fields[1]);
    }
  }

  /** Opens the journal of a directory, which exists. */
  public static FileClientJournal open(Path directory) {
    try {
      return new FileClientJournal(directory);
    } catch (IOException e) {
      throw unusable(directory, e);
    }
  }

  @Override
  public List<Participation> participations(String coordinator) {
    return ledger(coordinator).participations();
  }

  @Override
  public List<Charge> exampleCharges(String coordinator) {
    String name = coordinator + EXAMPLES;
    return examples.containsKey(name) || known.hasLedger(name) || Files.exists(file(name))
        ? examples(coordinator).charges()
        : List.of();
  }

  /** The examples first: a crash in between charges them for a round that was not. */
  @Override
  public void contributed(Participation participation) {
    CoordinatorLedger ledger = ledger(participation.coordinator());
    Charge steps = participation.examples();
    try {
      if (steps != null) {
        examples(participation.coordinator())
            .add(participation.task(), participation.round(), steps);
      }
      ledger.add(participation);
    } catch (UncheckedIOException e) {
      throw unusable(file(participation.coordinator()), e);
    }
  }

  @Override
  public void signedSurvivors(String session, String digest) {
    String before = signed.get(session);
    if (before != null) {
      if (!before.equals(digest)) {
        throw new IllegalStateException("another survivor set was signed in session " + session);
      }
      return;
    }
    try {
      survivors.append(session + " " + digest);
    } catch (IOException e) {
      throw unusable(survivors.file(), e);
    }
    signed.put(session, digest);
  }

  private Path file(String name) {
    return directory.resolve("ledger-" + name + ".log");
  }

  private ExampleLedger examples(String coordinator) {
    String name = coordinator + EXAMPLES;
    ExampleLedger before = examples.get(name);
    if (before != null) {
      return before;
    }
    ExampleLedger opened = open(name, storage -> ExampleLedger.open(coordinator, storage));
    examples.put(name, opened);
    return opened;
  }

  private CoordinatorLedger ledger(String coordinator) {
    CoordinatorLedger before = ledgers.get(coordinator);
    if (before != null) {
      return before;
    }
    CoordinatorLedger opened =
        open(coordinator, storage -> CoordinatorLedger.open(coordinator, storage));
    ledgers.put(coordinator, opened);
    return opened;
  }

  /** Opens a ledger by its name, or begins it where there was none. */
  private <T> T open(String name, Function<LedgerStorage, T> opening) {
    Path file = file(name);
    try {
      FileLedgerStorage storage = FileLedgerStorage.open(file);
      storages.add(storage);
      boolean remembered = known.hasLedger(name);
      if (remembered && storage.load().isEmpty()) {
        throw damaged(
            file,
            "it is empty or gone, and " + known.file() + " says that there was a ledger",
            null);
      }
      T opened = opening.apply(storage);
      if (!remembered) {
        known.addLedger(name);
      }
      return opened;
    } catch (LedgerDamagedException e) {
      throw damaged(file, String.valueOf(e.getMessage()), e);
    } catch (LedgerConflictException e) {
      throw new ClientException(Code.STATE_IN_USE, String.valueOf(e.getMessage()), e);
    } catch (UncheckedIOException e) {
      throw unusable(file, e);
    }
  }

  @Override
  public void close() {
    storages.forEach(FileLedgerStorage::close);
    storages.clear();
    ledgers.clear();
    examples.clear();
  }

  static ClientException unusable(Path file, Exception e) {
    return new ClientException(
        Code.STATE_UNUSABLE,
        "The client cannot read or write "
            + file
            + " ("
            + e
            + "). It takes part in nothing without its journal:"
            + " free space or mend the permissions.",
        e);
  }

  static ClientException damaged(Path file, String what, @Nullable Throwable cause) {
    return new ClientException(
        Code.STATE_DAMAGED,
        file
            + " is damaged: "
            + what
            + ". The client does not start afresh, since that would forget what it has"
            + " spent. Restore the file from a backup, or enrol as a new client with a new state directory.",
        cause);
  }
}
