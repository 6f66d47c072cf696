package dev.tributary.coordinator.store;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table as bytes, the same for every database: the number of columns and their names,
 * then for each row a 1 and its values, then a 0. A value is a letter and what it stands for:
 * {@code n} null, {@code l} a whole number of 8 bytes, {@code d} a double, {@code t} UTF-8 text and
 * {@code b} bytes, both with their length, 4 bytes, before them. Numbers are big-endian.
 */
final class Rows {
  private static final int AT_A_TIME = 100;
  private static final int COLUMNS = 100;

  private Rows() {}

  /** What is in the way of writing the rows of a result. */
  private record Writing(ResultSet rows, DataOutputStream out) {
    void value(int column) throws SQLException, IOException {
      Object value = rows.getObject(column);
      if (value == null) {
        out.writeByte('n');
      } else if (value instanceof Integer || value instanceof Long) {
        out.writeByte('l');
        out.writeLong(((Number) value).longValue());
      } else if (value instanceof Double number) {
        out.writeByte('d');
        out.writeDouble(number);
      } else if (value instanceof String text) {
        bytes('t', text.getBytes(StandardCharsets.UTF_8));
      } else if (value instanceof byte[] bytes) {
        bytes('b', bytes);
      } else {
        throw new SQLException("a column of " + value.getClass() + " has no place in a backup");
      }
    }

    private void bytes(char kind, byte[] bytes) throws IOException {
      out.writeByte(kind);
      out.writeInt(bytes.length);
      out.write(bytes);
    }
  }

  /** Writes a table, and returns how many rows it has. */
  static long write(Connection from, String table, DataOutputStream out)
      throws SQLException, IOException {
    try (Statement statement = from.createStatement()) {
      statement.setFetchSize(AT_A_TIME);
      try (ResultSet rows = statement.executeQuery("SELECT * FROM " + table)) {
        ResultSetMetaData columns = rows.getMetaData();
        out.writeInt(columns.getColumnCount());
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          out.writeUTF(columns.getColumnName(i).toLowerCase(Locale.ROOT));
        }
        long count = 0;
        Writing writing = new Writing(rows, out);
        while (rows.next()) {
          out.writeByte(1);
          for (int i = 1; i <= columns.getColumnCount(); i++) {
            writing.value(i);
          }
          count++;
        }
        out.writeByte(0);
        return count;
      }
    }
  }

  /**
   * Inserts what was written into a table, and returns how many rows that were.
   *
   * @param length of the whole file: no value is longer
   */
  static long insert(Sql sql, String table, DataInputStream in, long length)
      throws SQLException, IOException {
    int count = in.readInt();
    if (count < 1 || count > COLUMNS) {
      throw BackupFiles.damaged("a table of " + count + " columns");
    }
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = in.readUTF();
      if (!name.matches("[a-z][a-z_]{0,62}")) {
        throw BackupFiles.damaged("a column of table " + table + " has no name that could be");
      }
      columns.add(name);
    }
    String statement =
        "INSERT INTO "
            + table
            + " ("
            + String.join(", ", columns)
            + ") VALUES (?"
            + ", ?".repeat(count - 1)
            + ")";
    long rows = 0;
    try (PreparedStatement insert = sql.statement(statement)) {
      while (in.readByte() == 1) {
        for (int i = 1; i <= count; i++) {
          insert.setObject(i, value(in, length));
        }
        insert.executeUpdate();
        rows++;
      }
    }
    return rows;
  }

  private static @Nullable Object value(DataInputStream in, long length) throws IOException {
    char kind = (char) in.readUnsignedByte();
    return switch (kind) {
      case 'n' -> null;
      case 'l' -> in.readLong();
      case 'd' -> in.readDouble();
      case 't' -> new String(bytes(in, length), StandardCharsets.UTF_8);
      case 'b' -> bytes(in, length);
      default -> throw BackupFiles.damaged("a value of the unknown kind " + (int) kind);
    };
  }

  private static byte[] bytes(DataInputStream in, long length) throws IOException {
    int size = in.readInt();
    if (size < 0 || size > length) {
      throw BackupFiles.damaged("a value of " + size + " bytes");
    }
    return in.readNBytes(size);
  }
}
