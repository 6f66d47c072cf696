package dev.tributary.coordinator.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Blobs as rows of at most 1 MiB, written in one transaction each, for databases that several
 * machines reach. {@link #file} keeps a copy in a folder of this machine, which may be lost at any
 * time.
 */
final class BlobRows implements Blobs {
  private static final int PART = 1 << 20;

  /** Transactions that need no lease: a blob that no row names is harmless. */
  @FunctionalInterface
  interface Transactions {
    <T> T run(String what, Store.Transaction<T> work);
  }

  private final Transactions transactions;
  private final BlobFiles copies;

  BlobRows(Transactions transactions, BlobFiles copies) {
    this.transactions = transactions;
    this.copies = copies;
  }

  @Override
  public String put(byte[] bytes) {
    String digest = Blobs.digest(bytes);
    return transactions.run(
        "Writing a blob of " + bytes.length + " bytes",
        sql -> {
          // Of no bytes there is one part too, so that an empty blob is there.
          for (int part = 0; part == 0 || part * (long) PART < bytes.length; part++) {
            int from = part * PART;
            insert(
                sql,
                digest,
                part,
                Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + PART)));
          }
          return digest;
        });
  }

  @Override
  public Draft draft(RoomWait room) {
    return copies.draft(room);
  }

  @Override
  public String put(Draft draft) {
    String digest = draft.digest();
    transactions.run(
        "Writing a blob of " + draft.length() + " bytes",
        sql -> {
          try (InputStream bytes = Files.newInputStream(draft.file())) {
            int part = 0;
            do {
              insert(sql, digest, part, bytes.readNBytes(PART));
              part++;
            } while (part * (long) PART < draft.length());
            return digest;
          } catch (IOException e) {
            throw StoreException.of("Reading a blob again", e);
          }
        });
    return copies.put(draft);
  }

  private static int insert(Sql sql, String digest, int part, byte[] bytes) throws SQLException {
    return sql.update(
        "INSERT INTO blob_part (digest, part, bytes, at) VALUES (?, ?, ?, "
            + Lease.NOW
            + ") ON CONFLICT (digest, part) DO UPDATE SET at = EXCLUDED.at",
        digest,
        part,
        bytes);
  }

  @Override
  public byte[] read(String digest) {
    copies.file(digest);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<Integer> parts =
        transactions.run(
            "Reading blob " + digest,
            sql ->
                sql.query(
                    "SELECT part, bytes FROM blob_part WHERE digest = ? ORDER BY part",
                    row -> {
                      bytes.writeBytes(row.getBytes(2));
                      return row.getInt(1);
                    },
                    digest));
    if (parts.isEmpty()) {
      throw Blobs.damaged(digest, "is missing");
    }
    byte[] read = bytes.toByteArray();
    if (!Blobs.digest(read).equals(digest)) {
      throw Blobs.damaged(digest, "has other bytes than its name says");
    }
    return read;
  }

  @Override
  public Path file(String digest) {
    Path file = copies.file(digest);
    if (!Files.exists(file)) {
      copy(digest);
    }
    return file;
  }

  /** One part at a time: a driver may take a whole answer into memory. */
  private void copy(String digest) {
    try (Draft draft = copies.draft(new RoomWait(Clock.systemUTC()))) {
      long length = 0;
      for (List<byte[]> bytes = part(digest, 0); !bytes.isEmpty(); ) {
        draft.write(length, bytes.get(0));
        length += bytes.get(0).length;
        bytes = bytes.get(0).length < PART ? List.of() : part(digest, (int) (length / PART));
      }
      draft.seal();
      if (!draft.digest().equals(digest)) {
        throw Blobs.damaged(
            digest, length == 0 ? "is missing" : "has other bytes than its name says");
      }
      copies.put(draft);
    }
  }

  private List<byte[]> part(String digest, int part) {
    return transactions.run(
        "Reading blob " + digest,
        sql ->
            sql.query(
                "SELECT bytes FROM blob_part WHERE digest = ? AND part = ?",
                row -> row.getBytes(1),
                digest,
                part));
  }

  @Override
  public void forget(String digest) {
    copies.remove(digest);
  }

  @Override
  public void remove(String digest) {
    copies.remove(digest);
    transactions.run(
        "Removing blob " + digest,
        sql -> sql.update("DELETE FROM blob_part WHERE digest = ?", digest));
  }

  /** Removes old blobs that no row names; one that is written again meanwhile stays. */
  static void tidy(Sql sql, long olderThanMillis) throws SQLException {
    sql.update(
        "DELETE FROM blob_part WHERE at < "
            + Lease.NOW
            + " - ? AND digest NOT IN ("
            + Store.REFERENCED
            + ")",
        olderThanMillis);
  }

  @Override
  public void removeAllBut(Set<String> kept) {
    copies.removeAllBut(kept);
    List<String> all =
        transactions.run(
            "Reading which blobs there are",
            sql -> sql.query("SELECT DISTINCT digest FROM blob_part", row -> row.getString(1)));
    all.stream().filter(digest -> !kept.contains(digest)).forEach(this::remove);
  }
}
