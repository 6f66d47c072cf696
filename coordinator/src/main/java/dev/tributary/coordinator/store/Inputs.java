package dev.tributary.coordinator.store;

import com.google.protobuf.ByteString;
import dev.tributary.wire.Body;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * The masked inputs of rounds in flight, where every coordinator of a database finds them: whole,
 * in rows of at most 1 MiB. What a member gave first stays; it goes some time after its round.
 */
public final class Inputs {
  private static final int PART = 1 << 20;

  private final Store store;
  private final Semaphore bulk;

  /**
   * Those of a store.
   *
   * @param bulk leaves connections to those who move less
   */
  Inputs(Store store, Semaphore bulk) {
    this.store = store;
    this.bulk = bulk;
  }

  private <T> T bulk(String what, Store.Transaction<T> work) {
    bulk.acquireUninterruptibly();
    try {
      return store.beside(what, work);
    } finally {
      bulk.release();
    }
  }

  /**
   * A round in flight.
   *
   * @param cohort population indices by slot
   */
  public record Running(int round, ByteString plan, List<Integer> cohort) {}

  /** The round in flight of a job, if there is one. */
  public Optional<Running> running(String job) {
    return store.beside(
        "Reading the round in flight of " + job,
        sql ->
            sql
                .query(
                    "SELECT round, plan, cohort FROM round WHERE task = ? AND state = ?",
                    row ->
                        new Running(
                            row.getInt(1),
                            ByteString.copyFrom(row.getBytes(2)),
                            TaskStore.unpacked(row.getBytes(3))),
                    job,
                    RoundRecord.State.RUNNING.name())
                .stream()
                .findFirst());
  }

  /** The number of a member of a job, unless it has withdrawn. */
  public Optional<Integer> member(String job, ByteString identity) {
    return store.beside(
        "Looking for a member of " + job,
        sql ->
            sql
                .query(
                    "SELECT member FROM member WHERE task = ? AND identity = ?"
                        + " AND withdrawn IS NULL",
                    row -> row.getInt(1),
                    job,
                    identity.toByteArray())
                .stream()
                .findFirst());
  }

  /** Keeps a whole input, unless there is one of that member or the round is over. */
  public void keep(String job, int round, int member, Path file) {
    bulk(
        "Writing an input of round " + round + " of " + job,
        sql -> {
          try (InputStream in = Files.newInputStream(file)) {
            boolean wanted =
                !sql.query(
                        "SELECT 1 FROM round WHERE task = ? AND round = ? AND state = ?",
                        row -> 1,
                        job,
                        round,
                        RoundRecord.State.RUNNING.name())
                    .isEmpty();
            byte[] part = in.readNBytes(PART);
            for (int number = 0; wanted && part.length > 0; number++) {
              // Another that writes the same part first is waited for, and what it wrote stays.
              wanted = insert(sql, job, round, member, number, part) == 1;
              part = in.readNBytes(PART);
            }
            return member;
          } catch (IOException e) {
            throw StoreException.of("Reading an upload", e);
          }
        });
  }

  private static int insert(Sql sql, String job, int round, int member, int number, byte[] part)
      throws SQLException {
    return sql.update(
        "INSERT INTO input_part (task, round, member, part, bytes) VALUES (?, ?, ?, ?, ?)"
            + " ON CONFLICT (task, round, member, part) DO NOTHING",
        job,
        round,
        member,
        number,
        part);
  }

  /** Bytes of the whole input of a member; 0 where there is none. */
  public long length(String job, int round, int member) {
    return store.beside(
        "Looking for an input of round " + round + " of " + job,
        sql ->
            sql.query(
                    "SELECT COALESCE(SUM(LENGTH(bytes)), 0) FROM input_part"
                        + " WHERE task = ? AND round = ? AND member = ?",
                    row -> row.getLong(1),
                    job,
                    round,
                    member)
                .get(0));
  }

  /** The input of a member, read part by part. */
  public Body of(String job, int round, int member) {
    long length = length(job, round, member);
    return new Body() {
      @Override
      public long length() {
        return length;
      }

      @Override
      public InputStream open() {
        return new Parts(job, round, member, length);
      }

      @Override
      public String toString() {
        return "Body[input of round " + round + " of " + job + ", " + length + " bytes]";
      }
    };
  }

  /** Reads one part after the other. */
  private final class Parts extends InputStream {
    private final String job;
    private final int round;
    private final int member;
    private final long length;
    private byte[] part = new byte[0];
    private int at;
    private int next;

    Parts(String job, int round, int member, long length) {
      this.job = job;
      this.round = round;
      this.member = member;
      this.length = length;
    }

    @Override
    public int read() {
      return more() ? part[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int from, int count) {
      if (count == 0) {
        return 0;
      }
      if (!more()) {
        return -1;
      }
      int some = Math.min(count, part.length - at);
      System.arraycopy(part, at, into, from, some);
      at += some;
      return some;
    }

    private boolean more() {
      if (at == part.length && next * (long) PART < length) {
        part = Inputs.this.read(job, round, member, next++);
        at = 0;
      }
      return at < part.length;
    }
  }

  private byte[] read(String job, int round, int member, int part) {
    return bulk(
            "Reading an input of round " + round + " of " + job,
            sql ->
                sql.query(
                    "SELECT bytes FROM input_part"
                        + " WHERE task = ? AND round = ? AND member = ? AND part = ?",
                    row -> row.getBytes(1),
                    job,
                    round,
                    member,
                    part))
        .stream()
        .findFirst()
        .orElseThrow(
            () ->
                new StoreException(
                    StoreException.DAMAGED, "An input of round " + round + " is gone.", null));
  }

  /** Removes those of rounds that are over. */
  static void tidy(Sql sql) throws SQLException {
    sql.update(
        "DELETE FROM input_part WHERE NOT EXISTS (SELECT 1 FROM round WHERE round.task ="
            + " input_part.task AND round.round = input_part.round AND round.state = ?)",
        RoundRecord.State.RUNNING.name());
  }
}
