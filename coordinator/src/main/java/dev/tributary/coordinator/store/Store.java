package dev.tributary.coordinator.store;

import com.google.protobuf.ByteString;
import dev.tributary.privacy.Budget;
import dev.tributary.privacy.Ledger;
import dev.tributary.privacy.LedgerHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a coordinator must not forget: tables, in SQLite or in PostgreSQL, and
 * content-addressed blobs. All SQL is in this package, written in what both know.
 *
 * <p>Concurrency: transactions are serial; {@link TaskStore} groups what belongs together into one
 * transaction each. Whoever writes a blob holds the monitor of {@link #blobs} until the row that
 * names it is there, and whoever removes one looks for such rows under it. Safe for many threads.
 */
public final class Store implements AutoCloseable {

  /** Told of the steps inside a transaction; tests throw here to stand for a crash. */
  @FunctionalInterface
  interface Probe {
    void at(String step);

    Probe NONE = step -> {};
  }

  /** A piece of work inside one transaction. */
  @FunctionalInterface
  interface Transaction<T> {
    T run(Sql sql) throws SQLException;
  }

  /** The digests that a row names. */
  static final String REFERENCED =
      "SELECT digest FROM model UNION SELECT initial_model FROM task"
          + " UNION SELECT model FROM round WHERE model IS NOT NULL"
          + " UNION SELECT optimizer FROM round WHERE optimizer IS NOT NULL"
          + " UNION SELECT noise FROM round WHERE noise IS NOT NULL";

  private final Path directory;
  private final Database database;
  private final Blobs blobs;
  private final Probe probe;
  private final AuditLog auditLog = new AuditLog(this, Clock.systemUTC());
  private final Tokens tokens = new Tokens(this, Clock.systemUTC());
  private final RoomWait room = new RoomWait(Clock.systemUTC());
  private final RollBack rollBack = new RollBack(this);
  private final ClientTokens clientTokens = new ClientTokens(this);
  private final @Nullable Sharing sharing;
  private final Object turn = new Object();

  private Store(Path directory, Database database, Blobs blobs, Probe probe) {
    this.directory = directory;
    this.database = database;
    this.blobs = blobs;
    this.probe = probe;
    Nodes nodes = database.nodes();
    this.sharing = nodes == null ? null : new Sharing(this, nodes);
  }

  /**
   * Opens the store of a folder, or makes it.
   *
   * @throws StoreException if another coordinator has it open, or it cannot be read or written
   */
  public static Store open(Path directory, Durability durability) {
    return open(directory, durability, Probe.NONE);
  }

  static Store open(Path directory, Durability durability, Probe probe) {
    return open(directory, durability, probe, BlobFiles::write);
  }

  static Store open(Path directory, Durability durability, Probe probe, BlobFiles.Disk disk) {
    Database database = SqliteFolder.open(directory, durability);
    return opened(
        directory, database, probe, () -> files(directory.resolve("blobs"), durability, disk));
  }

  /**
   * Opens a store whose tables are in PostgreSQL, or makes it.
   *
   * @param directory of this machine, for keys, uploads and copies of models
   * @throws StoreException if another coordinator has it, or it cannot be read or written
   */
  public static Store open(Path directory, PostgresSettings settings) {
    return open(directory, settings, Probe.NONE);
  }

  static Store open(Path directory, PostgresSettings settings, Probe probe) {
    return opened(directory, Postgres.open(settings), settings, probe);
  }

  /**
   * Opens a store whose tables are in PostgreSQL for one of several coordinators.
   *
   * @throws StoreException if another coordinator has it alone, or it cannot be read or written
   */
  public static Store share(Path directory, PostgresSettings settings) {
    return opened(directory, Postgres.share(settings), settings, Probe.NONE);
  }

  private static Store opened(
      Path directory, Database database, PostgresSettings settings, Probe probe) {
    Path shared = settings.blobs();
    return opened(
        directory,
        database,
        probe,
        () ->
            shared == null
                ? new BlobRows(
                    new BlobRows.Transactions() {
                      @Override
                      public <T> T run(String what, Transaction<T> work) {
                        return transaction(database, Probe.NONE, what, work);
                      }
                    },
                    files(directory.resolve("blobs"), Durability.MEMORY, BlobFiles::write))
                : files(shared, Durability.DISK, BlobFiles::write));
  }

  private static BlobFiles files(Path directory, Durability durability, BlobFiles.Disk disk) {
    try {
      return new BlobFiles(Files.createDirectories(directory), durability, disk);
    } catch (IOException e) {
      throw StoreException.of("Opening the folder of blobs " + directory, e);
    }
  }

  /**
   * Nobody else is there yet: the database is this store's, and the store not handed out. Where
   * several share it, old blobs are removed as they run.
   */
  private static Store opened(
      Path directory, Database database, Probe probe, Supplier<Blobs> blobs) {
    try {
      Store store = new Store(directory, database, blobs.get(), probe);
      if (database.nodes() == null) {
        Set<String> kept =
            transaction(database, Probe.NONE, "Reading which blobs are in use", Store::referenced);
        store.blobs.removeAllBut(kept);
      }
      return store;
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** What several coordinators of one database do together; null where it has one alone. */
  public @Nullable Sharing sharing() {
    return sharing;
  }

  /** What has to be known of a store that was put back from a backup. */
  public RollBack rollBack() {
    return rollBack;
  }

  /** What belongs to one task that may spend a whole population's budget. */
  public TaskStore task(String name, Budget budget) {
    return task(name, budget, budget);
  }

  /**
   * What belongs to one task.
   *
   * @param part what the task may spend
   * @param whole what the population may, if its ledger begins with this task
   * @throws StoreException if the store was put back from a backup, and nobody has said yet what
   *     was spent after it
   */
  public TaskStore task(String name, Budget part, Budget whole) {
    rollBack.requireAcknowledged();
    return new TaskStore(this, name, part, whole);
  }

  /** Length in bytes of a model of a task; empty for a digest that none of its rounds released. */
  public Optional<Long> modelLength(String task, String digest) {
    return beside(
        "Looking for model " + digest,
        sql ->
            sql
                .query(
                    "SELECT length FROM model WHERE digest = ? AND"
                        + " (EXISTS (SELECT 1 FROM task WHERE name = ? AND initial_model = digest)"
                        + " OR EXISTS (SELECT 1 FROM round WHERE task = ? AND model = digest))",
                    row -> row.getLong(1),
                    digest,
                    task,
                    task)
                .stream()
                .findFirst());
  }

  /** The populations that have a ledger, by name. */
  public List<String> populations() {
    return transaction(
        "Reading which populations have a ledger",
        sql ->
            sql.query(
                "SELECT DISTINCT population FROM ledger ORDER BY population",
                row -> row.getString(1)));
  }

  /**
   * What the ledger of a population tells.
   *
   * @throws dev.tributary.privacy.LedgerDamagedException if it is not what was written, or missing
   */
  public LedgerHistory ledger(String population) {
    return transaction(
        "Reading the ledger of population " + population,
        sql -> {
          SqlLedger chain = new SqlLedger(sql, population);
          Ledger.open(chain);
          return LedgerHistory.of(chain.load());
        });
  }

  /**
   * Raises a population's budget; see {@link Ledger#raise}.
   *
   * @throws dev.tributary.privacy.OperatorException if its operator did not sign
   */
  public Budget raise(
      String population, double epsilon, String reason, UnaryOperator<byte[]> sign) {
    return transaction(
        "Raising the budget of population " + population,
        sql -> {
          serialise(sql, SqlLedger.lock(population));
          Ledger ledger = Ledger.open(new SqlLedger(sql, population));
          ledger.raise(epsilon, reason, sign);
          Budget raised = ledger.budget();
          auditLog.append(
              sql,
              "operator " + raised.operator(),
              AuditAct.BUDGET_RAISED,
              "population " + population + " to epsilon " + epsilon + ": " + reason);
          return raised;
        });
  }

  /** Who did what, and every change of trust. */
  public AuditLog auditLog() {
    return auditLog;
  }

  /**
   * Forgets an identity in all tasks: its rows stay as numbers, with the time of the act. Of a task
   * with a round in flight, which cannot be taken up without its keys, they go with that round. The
   * audit log tells of each, by number.
   */
  public void withdraw(ByteString identity, Instant now) {
    transaction("Withdrawing a member", sql -> Withdrawals.withdraw(sql, identity, now, auditLog));
  }

  /** Whether an identity is a member of any task and has not withdrawn. */
  public boolean isMember(ByteString identity) {
    return transaction(
        "Looking for a member", sql -> !Withdrawals.tasks(sql, identity.toByteArray()).isEmpty());
  }

  /** Of those who administer the coordinator. */
  public Tokens tokens() {
    return tokens;
  }

  /** What they have said of jobs. */
  public JobControl jobControl() {
    return new JobControl(this);
  }

  /** The jobs that were submitted to the coordinator. */
  public Submissions submissions() {
    return new Submissions(this);
  }

  /** Of those who take part. */
  public ClientTokens clientTokens() {
    return clientTokens;
  }

  /**
   * A number above all that this store has given before: mailboxes that begin anew count from it.
   */
  public long mailboxTerm() {
    return transaction(
        "Beginning mailboxes",
        sql -> {
          if (sql.update("UPDATE mailbox SET term = term + 1 WHERE number = 1") == 0) {
            sql.update("INSERT INTO mailbox (number, term) VALUES (1, 1)");
          }
          return sql.query("SELECT term FROM mailbox", row -> row.getLong(1)).get(0);
        });
  }

  /** Nonces of check-ins. */
  public Nonces nonces() {
    return new Nonces(this);
  }

  /** Models and optimizer states by digest. */
  public Blobs blobs() {
    return blobs;
  }

  /**
   * From now on the calling thread stands still where the disk is full or takes no writes, and goes
   * on when it does again; an interrupt ends the wait with the {@link StoreException} that every
   * other thread gets at once.
   *
   * @param told on this thread, each time before it stands still
   */
  public void waitForRoomHere(Consumer<StorePause> told) {
    room.waitHere(told);
  }

  /** Why a thread that waits for room stands still; null if none does. */
  public @Nullable StorePause pause() {
    return room.pause();
  }

  /** Writes something beside the tables, which is whole or undone, under the same rule. */
  public <T> T whenThereIsRoom(String what, Supplier<T> write) {
    return room.run(what, write);
  }

  /** {@link Blobs#put} under the same rule. */
  String put(byte[] bytes) {
    return room.run("Writing a blob of " + bytes.length + " bytes", () -> blobs.put(bytes));
  }

  /** {@link Blobs#put(Draft)} under the same rule. */
  String put(Draft draft) {
    return room.run("Keeping a blob of " + draft.length() + " bytes", () -> blobs.put(draft));
  }

  /** A blob that is still to be written, on any thread, which waits where there is no room. */
  public Draft draft() {
    return blobs.draft(room);
  }

  /** The folder, where the coordinator's keys and uploads lie too. */
  public Path directory() {
    return directory;
  }

  /** Lets go of the folder; what was acknowledged is on disk already. */
  @Override
  public void close() {
    clientTokens.forget();
    database.close();
  }

  /** Refuses to write what is a job's once another coordinator runs it; until the end of this. */
  void requireJob(Sql sql, String job) throws SQLException {
    Nodes nodes = database.nodes();
    if (nodes != null) {
      nodes.require(sql, job);
    }
  }

  /** See {@link Database#serialise}. */
  void serialise(Sql sql, String what) throws SQLException {
    database.serialise(sql, what);
  }

  /** A transaction that waits for no other thread's. */
  <T> T beside(String what, Transaction<T> work) {
    return transaction(
        database,
        Probe.NONE,
        what,
        sql -> {
          database.requireOwned(sql);
          return work.run(sql);
        });
  }

  /** Runs a transaction, after those of other threads, if the database is still this store's. */
  <T> T transaction(String what, Transaction<T> work) {
    return room.run(what, () -> attempt(what, work));
  }

  private <T> T attempt(String what, Transaction<T> work) {
    synchronized (turn) {
      return transaction(
          database,
          probe,
          what,
          sql -> {
            database.requireOwned(sql);
            return work.run(sql);
          });
    }
  }

  private static <T> T transaction(
      Database database, Probe probe, String what, Transaction<T> work) {
    try (Connection connection = database.connection()) {
      try {
        T result = work.run(new Sql(connection));
        probe.at("before commit");
        connection.commit();
        probe.at("after commit");
        return result;
      } catch (SQLException | RuntimeException | Error e) {
        rollback(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw StoreException.of(what, e);
    }
  }

  /** The digests that a row names. */
  static Set<String> referenced(Sql sql) throws SQLException {
    return new HashSet<>(sql.query(REFERENCED, row -> row.getString(1)));
  }

  Probe probe() {
    return probe;
  }

  private static void rollback(Connection connection, Throwable cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
      beginAnew(connection, cause);
    }
  }

  /**
   * SQLite ends a transaction that finds no room by itself; its driver then sees nothing to roll
   * back, and begins none, so that the next statements would each be durable alone.
   */
  private static void beginAnew(Connection connection, Throwable cause) {
    for (boolean auto : new boolean[] {true, false}) {
      try {
        connection.setAutoCommit(auto);
      } catch (SQLException e) {
        cause.addSuppressed(e);
      }
    }
  }
}
