package dev.tributary.coordinator.store;

import com.google.protobuf.ByteString;
import dev.tributary.privacy.Budget;
import dev.tributary.privacy.Guarantee;
import dev.tributary.privacy.Ledger;
import dev.tributary.privacy.LedgerDamagedException;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.wire.Entry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One task of a store, with the ledger that it spends from. Each method is one transaction, in
 * which the ledger's entry and the rows that it accounts for become durable together: there is no
 * moment at which a model stands without its charge.
 */
public final class TaskStore {
  /** Events read at a time: those of a large cohort are a hundred kilobytes each. */
  private static final int AT_A_TIME = 64;

  private final Store store;
  private final String task;
  private final Budget budget;
  private final Budget whole;
  private final Set<Integer> seen = new HashSet<>();
  private final List<Line> unwritten = new ArrayList<>();

  /** The population's ledger as the last transaction left it; null before, and after a failure. */
  private @Nullable Ledger known;

  TaskStore(Store store, String task, Budget budget, Budget whole) {
    this.store = store;
    this.task = task;
    this.budget = budget;
    this.whole = whole;
  }

  /** An event of a round with the entries that follow from it. */
  private record Line(int round, @Nullable RoundEvent event, List<Entry> entries) {
    boolean answered() {
      return entries.stream().anyMatch(entry -> entry.kind() == Entry.Kind.UNMASKING_ANSWERED);
    }
  }

  /** The task's row. */
  public record Task(String name, String source, String initialModel) {}

  /** What was spent by all tasks of the population, and what open reservations could add. */
  public record Spent(Guarantee released, Guarantee coordinatorView) {}

  /** The store that this is a part of. */
  public Store store() {
    return store;
  }

  /** The task as it was begun, if it was. */
  public Optional<Task> find() {
    return store.transaction(
        "Reading task " + task,
        sql ->
            sql
                .query(
                    "SELECT name, source, initial_model FROM task WHERE name = ?",
                    row -> new Task(row.getString(1), row.getString(2), row.getString(3)),
                    task)
                .stream()
                .findFirst());
  }

  /**
   * Begins the task: its first model and, for a population that never spent, its ledger.
   *
   * @param source text of the job file
   * @return digest of the model
   * @throws LedgerDamagedException if the population was trained on and its ledger is gone
   */
  public String begin(String source, Draft model) {
    synchronized (store.blobs()) {
      return begin(source, store.put(model), model.length());
    }
  }

  /** The same with a model in memory. */
  public String begin(String source, byte[] model) {
    synchronized (store.blobs()) {
      return begin(source, store.put(model), model.length);
    }
  }

  private String begin(String source, String digest, long length) {
    store.transaction(
        "Beginning task " + task,
        sql -> {
          owned(sql);
          SqlLedger chain = new SqlLedger(sql, budget.population());
          if (chain.load().isEmpty() && chain.head().isEmpty()) {
            requireNeverSpent(sql);
            Ledger.create(chain, whole);
          } else {
            Ledger.open(chain, budget);
          }
          registerModel(sql, digest, 0, length);
          store
              .auditLog()
              .append(
                  sql,
                  "coordinator",
                  AuditAct.JOB_BEGUN,
                  "job "
                      + task
                      + " of population "
                      + budget.population()
                      + ", file "
                      + digest(source));
          return sql.update(
              "INSERT INTO task (name, source, initial_model, population) VALUES (?, ?, ?, ?)",
              task,
              source,
              digest,
              budget.population());
        });
    return digest;
  }

  /** SHA-256 of the job file's text. */
  static String digest(String source) {
    return "sha256:" + Blobs.digest(source.getBytes(StandardCharsets.UTF_8));
  }

  /** A population that a task was begun with has a ledger, if only with its first entry. */
  private void requireNeverSpent(Sql sql) throws SQLException {
    List<String> begun =
        sql.query(
            "SELECT name FROM task WHERE population = ? OR population IS NULL ORDER BY name",
            row -> row.getString(1),
            budget.population());
    if (!begun.isEmpty()) {
      throw new LedgerDamagedException(
          "there is no ledger for population "
              + budget.population()
              + ", and this store has trained on it ("
              + String.join(", ", begun)
              + "). Restore a backup no older than the last released model; a ledger is never"
              + " started afresh");
    }
  }

  /** The population that the task was begun with, in order; empty before it was frozen. */
  public List<Member> population() {
    return store.transaction(
        "Reading the population of " + task,
        sql ->
            sql.query(
                "SELECT identity, certificate FROM member WHERE task = ? ORDER BY member",
                row -> {
                  byte[] certificate = row.getBytes(2);
                  return new Member(
                      ByteString.copyFrom(row.getBytes(1)),
                      certificate == null ? null : ByteString.copyFrom(certificate));
                },
                task));
  }

  /**
   * A member's place in the schedule, beside the rounds that it was in.
   *
   * @param turns rounds that it counts as having been in since it joined later
   * @param after the last round before it joined; 0 for who was there before the first
   * @param left whether it is drawn no more
   */
  public record Place(int turns, int after, boolean left) {}

  /** The places of all members in order; empty before the population was frozen. */
  public List<Place> places() {
    return store.transaction(
        "Reading the places of the population of " + task,
        sql ->
            sql.query(
                "SELECT turns, after_round, unscheduled FROM member WHERE task = ? ORDER BY member",
                row -> new Place(row.getInt(1), row.getInt(2), row.getInt(3) != 0),
                task));
  }

  /** Appends a member to a population that was frozen before. */
  public void join(int number, Member member, Place place) {
    store.transaction(
        "Writing a member of " + task,
        sql -> {
          store.requireJob(sql, task);
          ByteString certificate = member.certificate();
          return sql.update(
              "INSERT INTO member (task, member, identity, certificate, turns, after_round)"
                  + " VALUES (?, ?, ?, ?, ?, ?)",
              task,
              number,
              member.identity().toByteArray(),
              certificate == null ? null : certificate.toByteArray(),
              place.turns(),
              place.after());
        });
  }

  /** From now on these members, which have withdrawn, are not drawn. */
  public void leave(List<Integer> members) {
    store.transaction(
        "Writing who has left the schedule of " + task,
        sql -> {
          store.requireJob(sql, task);
          for (int member : members) {
            sql.update(
                "UPDATE member SET unscheduled = 1 WHERE task = ? AND member = ?", task, member);
          }
          return members.size();
        });
  }

  /** The members that have withdrawn, by number. */
  public Set<Integer> withdrawn() {
    return store.transaction(
        "Reading who has withdrawn from " + task,
        sql ->
            new HashSet<>(
                sql.query(
                    "SELECT member FROM member WHERE task = ? AND withdrawn IS NOT NULL",
                    row -> row.getInt(1),
                    task)));
  }

  /** Freezes the population: it is written once. */
  public void freeze(List<Member> members) {
    store.transaction(
        "Writing the population of " + task,
        sql -> {
          store.requireJob(sql, task);
          for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            ByteString certificate = member.certificate();
            sql.update(
                "INSERT INTO member (task, member, identity, certificate) VALUES (?, ?, ?, ?)",
                task,
                i,
                member.identity().toByteArray(),
                certificate == null ? null : certificate.toByteArray());
          }
          return members.size();
        });
  }

  /**
   * Reserves a round in the ledger and records it, before anyone is asked.
   *
   * @param cohort population indices by slot
   * @param participations highest number of rounds that any client has been in, this one included
   * @throws dev.tributary.privacy.BudgetExceededException if the budget does not cover it; nothing
   *     is written
   */
  public void reserve(
      int round, byte[] plan, List<Integer> cohort, PrivacyEvent event, int participations) {
    reserve(round, plan, cohort, cohort, event, participations, null);
  }

  /**
   * The same with the round's first event.
   *
   * @param drawn whose turn is over with it, in any order; the cohort where no spare was asked
   * @param started null where the round is not to be taken up again
   */
  public void reserve(
      int round,
      byte[] plan,
      List<Integer> cohort,
      List<Integer> drawn,
      PrivacyEvent event,
      int participations,
      @Nullable RoundEvent started) {
    spending(
        "Reserving round " + round,
        (sql, ledger) -> {
          ledger.reserve(task, round, event, participations);
          store.probe().at("reserved");
          write(sql, round, started, List.of());
          return sql.update(
              "INSERT INTO round (task, round, state, plan, cohort, drawn)"
                  + " VALUES (?, ?, ?, ?, ?, ?)",
              task,
              round,
              RoundRecord.State.RUNNING.name(),
              plan,
              packed(cohort),
              drawn.equals(cohort) ? null : packed(drawn));
        });
  }

  /**
   * Appends an event of the round in flight and the entries that follow from it. They are durable
   * after the next {@link #flush} or other transaction of this task, which writes them first.
   *
   * @param event null where the round is not to be taken up again
   */
  public synchronized void journal(int round, @Nullable RoundEvent event, List<Entry> entries) {
    if (event != null || !entries.isEmpty()) {
      unwritten.add(new Line(round, event, List.copyOf(entries)));
    }
  }

  /**
   * Writes what was journalled, all or nothing. A round's first unmasking answer charges the
   * coordinator's view in the same transaction.
   */
  public synchronized void flush() {
    if (unwritten.isEmpty()) {
      return;
    }
    String what = "Writing the journal of round " + unwritten.get(0).round();
    if (unwritten.stream().anyMatch(line -> line.answered() && !seen.contains(line.round()))) {
      spending(what, (sql, ledger) -> 0);
    } else {
      store.transaction(
          what,
          sql -> {
            store.requireJob(sql, task);
            return write(sql);
          });
      written();
    }
  }

  private int write(Sql sql) throws SQLException {
    for (Line line : unwritten) {
      write(sql, line.round(), line.event(), line.entries());
    }
    return unwritten.size();
  }

  private void written() {
    unwritten.stream().filter(Line::answered).forEach(line -> seen.add(line.round()));
    unwritten.clear();
  }

  private void write(Sql sql, int round, @Nullable RoundEvent event, List<Entry> entries)
      throws SQLException {
    if (event != null) {
      sql.update(
          "INSERT INTO round_event (task, round, sequence, at, kind, slot, content)"
              + " SELECT ?, ?, COALESCE(MAX(sequence) + 1, 0), ?, ?, ?, ? FROM round_event"
              + " WHERE task = ? AND round = ?",
          task,
          round,
          event.at().toString(),
          event.kind().name(),
          event.slot(),
          event.content().toByteArray(),
          task,
          round);
      store.probe().at("event written");
    }
    for (Entry entry : entries) {
      write(sql, round, entry);
    }
  }

  /** What has happened to a running round, in order, read some at a time. */
  public Iterable<RoundEvent> events(int round) {
    flush();
    return () ->
        new Iterator<>() {
          private final Deque<RoundEvent> read = new ArrayDeque<>();
          private int from;

          @Override
          public boolean hasNext() {
            if (read.isEmpty()) {
              read.addAll(events(round, from));
              from += read.size();
            }
            return !read.isEmpty();
          }

          @Override
          public RoundEvent next() {
            if (!hasNext()) {
              throw new NoSuchElementException();
            }
            return read.remove();
          }
        };
  }

  private List<RoundEvent> events(int round, int from) {
    return store.transaction(
        "Reading the events of round " + round,
        sql ->
            sql.query(
                "SELECT at, kind, slot, content FROM round_event WHERE task = ? AND round = ?"
                    + " AND sequence >= ? ORDER BY sequence LIMIT "
                    + AT_A_TIME,
                row ->
                    new RoundEvent(
                        Instant.parse(row.getString(1)),
                        RoundEvent.Kind.valueOf(row.getString(2)),
                        row.getInt(3),
                        ByteString.copyFrom(row.getBytes(4))),
                task,
                round,
                from));
  }

  /** The plan that a round was reserved with. */
  public byte[] plan(int round) {
    return store
        .transaction(
            "Reading the plan of round " + round,
            sql ->
                sql.query(
                    "SELECT plan FROM round WHERE task = ? AND round = ?",
                    row -> row.getBytes(1),
                    task,
                    round))
        .get(0);
  }

  private int write(Sql sql, int round, Entry entry) throws SQLException {
    return sql.update(
        "INSERT INTO journal (task, round, sequence, kind, payload)"
            + " SELECT ?, ?, COALESCE(MAX(sequence) + 1, 0), ?, ? FROM journal"
            + " WHERE task = ? AND round = ?",
        task,
        round,
        entry.kind().name(),
        entry.payload().toByteArray(),
        task,
        round);
  }

  /** The kinds of a running round's journal, in order. */
  public List<Entry> journal(int round) {
    flush();
    return store.transaction(
        "Reading the journal of round " + round,
        sql ->
            sql.query(
                "SELECT kind, payload FROM journal WHERE task = ? AND round = ? ORDER BY sequence",
                row ->
                    new Entry(
                        Entry.Kind.valueOf(row.getString(1)), ByteString.copyFrom(row.getBytes(2))),
                task,
                round));
  }

  /** As the next with model and state in memory, and nothing else. */
  public String commit(
      int round, byte[] model, byte[] optimizerState, Function<Spent, String> report) {
    synchronized (store.blobs()) {
      String digest = store.put(model);
      store.probe().at("model written");
      return commit(round, digest, model.length, store.put(optimizerState), null, null, report);
    }
  }

  /**
   * The one transaction of a round: model, optimizer state, charge and round record together. The
   * optimizer state of the round before is not needed any more and goes; so does what later rounds
   * need of its noise, if that is correlated.
   *
   * @param model sealed
   * @param optimizerState sealed, float32 little-endian of the server optimizer
   * @param noiseState secret; null without
   * @param clipNorm of the next round; null where it stays
   * @param report makes the round's report, as JSON, from what has been spent with this round
   * @return digest of the model
   */
  public String commit(
      int round,
      Draft model,
      Draft optimizerState,
      byte @Nullable [] noiseState,
      @Nullable Double clipNorm,
      Function<Spent, String> report) {
    synchronized (store.blobs()) {
      String digest = store.put(model);
      store.probe().at("model written");
      String optimizer = store.put(optimizerState);
      return commit(round, digest, model.length(), optimizer, noiseState, clipNorm, report);
    }
  }

  private String commit(
      int round,
      String digest,
      long length,
      String optimizer,
      byte @Nullable [] noiseState,
      @Nullable Double clipNorm,
      Function<Spent, String> report) {
    store.probe().at("optimizer written");
    String noise = noiseState == null ? null : store.put(noiseState);
    store.probe().at("noise written");
    Set<String> superseded = new HashSet<>();
    spending(
        "Committing round " + round,
        (sql, ledger) -> {
          superseded.addAll(forgetStates(sql));
          registerModel(sql, digest, round, length);
          store.probe().at("model registered");
          ledger.commit(task, round);
          store.probe().at("charged");
          String text = report.apply(spent(ledger));
          end(sql, round, RoundRecord.State.COMMITTED, digest, optimizer, noise, text);
          if (clipNorm != null) {
            sql.update(
                "UPDATE round SET clip_norm = ? WHERE task = ? AND round = ?",
                clipNorm,
                task,
                round);
          }
          store.probe().at("round recorded");
          superseded.removeAll(Store.referenced(sql));
          return digest;
        });
    superseded.forEach(store.sharing() == null ? store.blobs()::remove : store.blobs()::forget);
    return digest;
  }

  private List<String> forgetStates(Sql sql) throws SQLException {
    List<String> before =
        sql.query(
            "SELECT optimizer FROM round WHERE task = ? AND optimizer IS NOT NULL"
                + " UNION SELECT noise FROM round WHERE task = ? AND noise IS NOT NULL",
            row -> row.getString(1),
            task,
            task);
    sql.update("UPDATE round SET optimizer = NULL, noise = NULL WHERE task = ?", task);
    return before;
  }

  /**
   * Ends a round that releases nothing. The ledger cancels its reservation, or settles it as spent
   * in the coordinator's view if an unmasking answer had arrived.
   *
   * @param report makes the round's report, as JSON, from what has been spent
   */
  public void abort(int round, String reason, Function<Spent, String> report) {
    spending(
        "Cancelling round " + round,
        (sql, ledger) -> {
          ledger.cancel(task, round, reason);
          store.probe().at("cancelled");
          String text = report.apply(spent(ledger));
          end(sql, round, RoundRecord.State.ABORTED, null, null, null, text);
          return round;
        });
  }

  /** All rounds, in order. */
  public List<RoundRecord> rounds() {
    return store.transaction(
        "Reading the rounds of " + task,
        sql ->
            sql.query(
                "SELECT round, state, cohort, model, optimizer, noise, clip_norm, report, drawn"
                    + " FROM round"
                    + " WHERE task = ? ORDER BY round",
                TaskStore::round,
                task));
  }

  /** What the population has spent. */
  public Spent spent() {
    return spending(
        "Reading the ledger of population " + budget.population(),
        false,
        (sql, ledger) -> spent(ledger));
  }

  private static Spent spent(Ledger ledger) {
    return new Spent(ledger.released(), ledger.coordinatorView());
  }

  /**
   * Length in bytes of a model of this task; empty for a digest that none of its rounds released.
   */
  public Optional<Long> modelLength(String digest) {
    return store.modelLength(task, digest);
  }

  /** A piece of work inside one transaction, with the population's ledger in it. */
  @FunctionalInterface
  private interface Spending<T> {
    T run(Sql sql, Ledger ledger) throws SQLException;
  }

  /**
   * Runs a transaction that asks or writes the ledger, after what was journalled. The chain is
   * verified as a whole once; after that only what was appended since, so that a round costs the
   * same after any number of rounds. What a failed transaction left in memory is thrown away.
   */
  private <T> T spending(String what, Spending<T> work) {
    return spending(what, true, work);
  }

  /** Whoever writes runs the job, and no other transaction writes to the ledger meanwhile. */
  private void owned(Sql sql) throws SQLException {
    store.requireJob(sql, task);
    store.serialise(sql, SqlLedger.lock(budget.population()));
  }

  private synchronized <T> T spending(String what, boolean writes, Spending<T> work) {
    Ledger[] before = {known};
    known = null;
    Ledger[] after = new Ledger[1];
    T result =
        store.transaction(
            what,
            sql -> {
              if (writes || !unwritten.isEmpty()) {
                owned(sql);
              }
              SqlLedger chain = new SqlLedger(sql, budget.population());
              Ledger kept = before[0];
              before[0] = null; // What an attempt that found no room left in it does not count.
              if (kept == null) {
                after[0] = Ledger.open(chain, budget);
              } else {
                kept.attach(chain);
                after[0] = kept;
              }
              charge(after[0]);
              write(sql);
              return work.run(sql, after[0]);
            });
    known = after[0];
    written();
    return result;
  }

  /** Charges the coordinator's view of each round whose first unmasking answer is to be written. */
  private void charge(Ledger ledger) {
    Set<Integer> charged = new HashSet<>(seen);
    for (Line line : unwritten) {
      if (line.answered() && charged.add(line.round())) {
        ledger.coordinatorSaw(task, line.round());
        store.probe().at("charged the coordinator's view");
      }
    }
  }

  /** The same model may come out of two rounds; the first keeps the row. */
  private void registerModel(Sql sql, String digest, int round, long length) throws SQLException {
    sql.update(
        "INSERT INTO model (digest, task, round, length) VALUES (?, ?, ?, ?)"
            + " ON CONFLICT (digest) DO NOTHING",
        digest,
        task,
        round,
        length);
  }

  private void end(
      Sql sql,
      int round,
      RoundRecord.State state,
      @Nullable String model,
      @Nullable String optimizer,
      @Nullable String noise,
      String report)
      throws SQLException {
    int ended =
        sql.update(
            "UPDATE round SET state = ?, model = ?, optimizer = ?, noise = ?, report = ?"
                + " WHERE task = ? AND round = ? AND state = ?",
            state.name(),
            model,
            optimizer,
            noise,
            report,
            task,
            round,
            RoundRecord.State.RUNNING.name());
    if (ended != 1) {
      throw new IllegalStateException("round " + round + " of " + task + " is not running");
    }
    sql.update("DELETE FROM journal WHERE task = ? AND round = ?", task, round);
    sql.update("DELETE FROM round_event WHERE task = ? AND round = ?", task, round);
    Withdrawals.erase(sql, task);
  }

  private static RoundRecord round(ResultSet row) throws SQLException {
    List<Integer> cohort = unpacked(row.getBytes(3));
    byte[] drawn = row.getBytes(9);
    return new RoundRecord(
        row.getInt(1),
        RoundRecord.State.valueOf(row.getString(2)),
        cohort,
        drawn == null ? cohort : unpacked(drawn),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        clipNorm(row),
        row.getString(8));
  }

  private static @Nullable Double clipNorm(ResultSet row) throws SQLException {
    double value = row.getDouble(7);
    return row.wasNull() ? null : (Double) value;
  }

  private static byte[] packed(List<Integer> cohort) {
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * cohort.size());
    cohort.forEach(bytes::putInt);
    return bytes.array();
  }

  static List<Integer> unpacked(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    List<Integer> cohort = new ArrayList<>(bytes.length / Integer.BYTES);
    while (buffer.hasRemaining()) {
      cohort.add(buffer.getInt());
    }
    return cohort;
  }
}
