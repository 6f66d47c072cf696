package dev.tributary.coordinator.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Statements with their arguments, on one connection. */
final class Sql {
  private final Connection connection;

  Sql(Connection connection) {
    this.connection = connection;
  }

  /** Makes a value of the row that the cursor stands on. */
  @FunctionalInterface
  interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  /** Runs a statement that changes rows, and returns how many. */
  int update(String statement, @Nullable Object... arguments) throws SQLException {
    try (PreparedStatement prepared = prepare(statement, arguments)) {
      return prepared.executeUpdate();
    }
  }

  <T> List<T> query(String statement, Row<T> row, @Nullable Object... arguments)
      throws SQLException {
    try (PreparedStatement prepared = prepare(statement, arguments);
        ResultSet rows = prepared.executeQuery()) {
      List<T> found = new ArrayList<>();
      while (rows.next()) {
        found.add(row.of(rows));
      }
      return found;
    }
  }

  /** A statement that is run many times; whoever asks closes it. */
  PreparedStatement statement(String text) throws SQLException {
    return connection.prepareStatement(text);
  }

  private PreparedStatement prepare(String statement, @Nullable Object... arguments)
      throws SQLException {
    PreparedStatement prepared = connection.prepareStatement(statement);
    for (int i = 0; i < arguments.length; i++) {
      Object argument = arguments[i];
      if (argument instanceof byte[] bytes) {
        prepared.setBytes(i + 1, bytes);
      } else {
        prepared.setObject(i + 1, argument);
      }
    }
    return prepared;
  }
}
