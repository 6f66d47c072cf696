package dev.tributary.coordinator.store;

import dev.tributary.privacy.LedgerConflictException;
import dev.tributary.privacy.LedgerEntry;
import dev.tributary.privacy.LedgerHead;
import dev.tributary.privacy.LedgerStorage;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * A population's ledger inside a running transaction: what is appended becomes durable with the
 * transaction, and with whatever else it writes.
 */
final class SqlLedger implements LedgerStorage {
  private final Sql sql;
  private final String population;

  SqlLedger(Sql sql, String population) {
    this.sql = sql;
    this.population = population;
  }

  /** What one transaction at a time asks for, before it reads what it appends to. */
  static String lock(String population) {
    return "ledger " + population;
  }

  @Override
  public List<LedgerEntry> load() {
    return loadFrom(0);
  }

  @Override
  public List<LedgerEntry> loadFrom(long index) {
    try {
      return sql.query(
          "SELECT position, entry FROM ledger WHERE population = ? AND position >= ?"
              + " ORDER BY position",
          row -> parse(row.getLong(1), row.getString(2)),
          population,
          index);
    } catch (SQLException e) {
      throw StoreException.of("Reading the ledger of population " + population, e);
    }
  }

  @Override
  public void append(LedgerEntry entry) {
    try {
      long stored = next();
      if (entry.index() != stored) {
        throw conflict(entry, stored);
      }
      String line = entry.previous() + '\t' + entry.content() + '\t' + entry.hash();
      sql.update(
          "INSERT INTO ledger (population, position, entry) VALUES (?, ?, ?)",
          population,
          entry.index(),
          line);
      int moved =
          sql.update(
              "UPDATE ledger_head SET position = ?, hash = ? WHERE population = ?",
              entry.index(),
              entry.hash(),
              population);
      if (moved == 0) {
        sql.update(
            "INSERT INTO ledger_head (population, position, hash) VALUES (?, ?, ?)",
            population,
            entry.index(),
            entry.hash());
      }
    } catch (SQLException e) {
      throw StoreException.of("Appending to the ledger of population " + population, e);
    }
  }

  @Override
  public Optional<LedgerHead> head() {
    try {
      return sql
          .query(
              "SELECT position, hash FROM ledger_head WHERE population = ?",
              row -> new LedgerHead(row.getLong(1), row.getString(2)),
              population)
          .stream()
          .findFirst();
    } catch (SQLException e) {
      throw StoreException.of("Reading the ledger of population " + population, e);
    }
  }

  /** The index after the last; found by the key, however long the chain is. */
  private long next() throws SQLException {
    return sql.query(
            "SELECT COALESCE(MAX(position) + 1, 0) FROM ledger WHERE population = ?",
            row -> row.getLong(1),
            population)
        .get(0);
  }

  /** A line that has lost its shape still is an entry, whose hash the ledger will find wrong. */
  private static LedgerEntry parse(long index, String line) {
    String[] fields = line.split("\t", -1);
    return fields.length == 3
        ? new LedgerEntry(index, fields[0], fields[1], fields[2])
        : new LedgerEntry(index, "", line, "");
  }

  private LedgerConflictException conflict(LedgerEntry entry, long stored) {
    return new LedgerConflictException(
        "entry "
            + entry.index()
            + " was to be appended to the ledger of population "
            + population
            + ", which has "
            + stored
            + " entries: somebody else was first");
  }
}
