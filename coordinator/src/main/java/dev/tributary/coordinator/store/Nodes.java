package dev.tributary.coordinator.store;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordinators that share a database, of which this process is one, and which of them runs
 * which job. A coordinator lives until a time of the database's clock, a lease less one look ahead,
 * which it puts off three times before it comes: whoever looks that often finds its jobs within the
 * lease of its last sign of life, and so of its death. A job belongs to whoever claimed it last,
 * with a fencing token that grows with each claim; it may be claimed once its owner does not live.
 * Transactions that write what is a job's hold its row and find their token there.
 *
 * <p>Concurrency: safe for many threads; one of its own renews.
 */
public final class Nodes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);
  private static final int SECRET = 32;
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** How long those that do not live any more are kept in the table. */
  private static final long REMEMBERED_MILLIS = 3_600_000;

  private final Lease.Source source;
  private final Duration lease;
  private final String id;
  private final Map<String, Long> tokens = new ConcurrentHashMap<>();
  private @Nullable ScheduledExecutorService renewal;
  private boolean closed;

  /**
   * A coordinator.
   *
   * @param id of this life of it: one that is started again is another
   * @param address {@code https://host:port}, where the others reach it
   * @param fingerprint of its TLS certificate
   */
  public record Node(String id, String address, String fingerprint) {}

  /**
   * Who lives, and who runs what.
   *
   * @param live by id
   * @param owners of jobs, of those who live
   * @param jobs that were submitted, in order
   * @param said of jobs; those of which nothing was said run
   * @param withdrawn members of jobs in the last hour
   */
  public record View(
      Map<String, Node> live,
      Map<String, Owner> owners,
      List<String> jobs,
      Map<String, JobControl.State> said,
      List<Withdrawn> withdrawn) {

    /** Before anything is known. */
    public static final View EMPTY = new View(Map.of(), Map.of(), List.of(), Map.of(), List.of());
  }

  /** Who claimed a job last. */
  public record Owner(String node, long token) {}

  /** A member that has left. */
  public record Withdrawn(String job, int member) {}

  Nodes(Lease.Source source, Duration lease) {
    this.source = source;
    this.lease = lease;
    byte[] random = new byte[8];
    new SecureRandom().nextBytes(random);
    this.id = HexFormat.of().formatHex(random);
  }

  /** Of this process. */
  public String id() {
    return id;
  }

  /** The longest time between two looks of a coordinator at who lives. */
  public Duration look() {
    Duration third = lease.dividedBy(3);
    return third.compareTo(LOOK) < 0 ? third : LOOK;
  }

  /** How long one that is not heard of lives. */
  private Duration life() {
    return lease.minus(look());
  }

  /** Lives from now on, until it is closed. */
  void announce(Sql sql, String address, String fingerprint) throws SQLException {
    sql.update("DELETE FROM node WHERE expires < " + Lease.NOW + " - " + REMEMBERED_MILLIS);
    Node self = new Node(id, address, fingerprint);
    lives(sql, self);
    synchronized (this) {
      if (renewal == null && !closed) {
        renewal = Lease.every(life(), () -> beside(renewing -> lives(renewing, self)));
      }
    }
  }

  /** Puts its end off; one that stood still for hours may not be in the table any more. */
  private int lives(Sql sql, Node self) throws SQLException {
    return sql.update(
        "INSERT INTO node (id, address, fingerprint, expires) VALUES (?, ?, ?, "
            + Lease.NOW
            + " + ?) ON CONFLICT (id) DO UPDATE SET expires = EXCLUDED.expires",
        self.id(),
        self.address(),
        self.fingerprint(),
        life().toMillis());
  }

  /** What fails is tried again; if nothing comes through, others claim its jobs. */
  private void beside(Store.Transaction<Integer> work) {
    try (Connection connection = source.connection()) {
      var unused = work.run(new Sql(connection));
      connection.commit();
    } catch (SQLException | RuntimeException e) {
      LOG.warn("event=node-not-renewed node={} cause={}", id, e.toString());
    }
  }

  View view(Sql sql) throws SQLException {
    Map<String, Node> live = new HashMap<>();
    sql.query(
        "SELECT id, address, fingerprint FROM node WHERE expires > " + Lease.NOW,
        row ->
            live.put(
                row.getString(1), new Node(row.getString(1), row.getString(2), row.getString(3))));
    Map<String, Owner> owners = new HashMap<>();
    sql.query(
        "SELECT job, node, token FROM job_owner WHERE node IN"
            + " (SELECT id FROM node WHERE expires > "
            + Lease.NOW
            + ")",
        row -> owners.put(row.getString(1), new Owner(row.getString(2), row.getLong(3))));
    List<String> jobs =
        sql.query("SELECT name FROM submitted_job ORDER BY number", row -> row.getString(1));
    Map<String, JobControl.State> said = new HashMap<>();
    sql.query(
        "SELECT task, state FROM job_control",
        row -> said.put(row.getString(1), JobControl.State.valueOf(row.getString(2))));
    List<Withdrawn> withdrawn =
        sql.query(
            "SELECT task, member FROM member WHERE withdrawn > " + Lease.NOW + " - 3600000",
            row -> new Withdrawn(row.getString(1), row.getInt(2)));
    return new View(live, owners, new ArrayList<>(jobs), said, withdrawn);
  }

  /**
   * Makes a job this coordinator's, if nobody who lives has it. Whatever this process had under way
   * for it under an earlier token is refused from now on.
   */
  boolean claim(Sql sql, String job) throws SQLException {
    sql.update(
        "INSERT INTO job_owner (job, node, token) VALUES (?, '', 0) ON CONFLICT (job) DO NOTHING",
        job);
    int claimed =
        sql.update(
            "UPDATE job_owner SET node = ?, token = token + 1 WHERE job = ? AND (node = ? OR NOT"
                + " EXISTS (SELECT 1 FROM node WHERE node.id = job_owner.node AND node.expires > "
                + Lease.NOW
                + "))",
            id,
            job,
            id);
    if (claimed == 1) {
      tokens.put(
          job,
          sql.query("SELECT token FROM job_owner WHERE job = ?", row -> row.getLong(1), job)
              .get(0));
    }
    return claimed == 1;
  }

  /** Whether somebody has claimed it after this process did. */
  public boolean lost(String job, View view) {
    Owner owner = view.owners().get(job);
    Long token = tokens.get(job);
    return token == null || (owner != null && owner.token() > token);
  }

  /** From now on this process writes nothing of that job. */
  public void forget(String job) {
    tokens.remove(job);
  }

  /** Holds the row of the job until the transaction has ended, and refuses if it is another's. */
  void require(Sql sql, String job) throws SQLException {
    List<Long> now =
        sql.query(
            "SELECT token FROM job_owner WHERE job = ? FOR SHARE", row -> row.getLong(1), job);
    if (now.size() != 1 || !Objects.equals(now.get(0), tokens.get(job))) {
      throw new StoreException(
          StoreException.JOB_TAKEN_OVER,
          "The job "
              + job
              + " goes on at another coordinator, since this one was not heard of for "
              + life().toMillis()
              + " ms. Nothing that it acknowledged is lost.",
          null);
    }
  }

  /** A key of all coordinators: the one that is there, or this one. */
  static ByteString key(Sql sql, String name, byte[] fresh) throws SQLException {
    sql.update(
        "INSERT INTO node_key (name, bytes) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        name,
        fresh);
    return sql.query(
            "SELECT bytes FROM node_key WHERE name = ?",
            row -> ByteString.copyFrom(row.getBytes(1)),
            name)
        .get(0);
  }

  static byte[] secret() {
    byte[] secret = new byte[SECRET];
    new SecureRandom().nextBytes(secret);
    return secret;
  }

  /** Lives no more: others may claim its jobs at once. */
  @Override
  public void close() {
    ScheduledExecutorService renewing;
    synchronized (this) {
      closed = true;
      renewing = renewal;
    }
    if (renewing != null) {
      renewing.shutdownNow();
      beside(sql -> sql.update("UPDATE node SET expires = 0 WHERE id = ?", id));
    }
  }
}
