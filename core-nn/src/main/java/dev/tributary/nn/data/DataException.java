package dev.tributary.nn.data;

import java.nio.file.Path;

/**
 * A file of examples that cannot be used; says which, where in it, what is wrong and what to do.
 */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final String where;

  /**
   * Names the trouble.
   *
   * @param where a place in the file, such as {@code line 14, column "age"}; empty for the whole
   */
  public DataException(Path file, String where, String what) {
    super(file + (where.isEmpty() ? "" : ": " + where) + ": " + what);
    this.file = file.toString();
    this.where = where;
  }

  public DataException(Path file, String where, String what, Throwable cause) {
    this(file, where, what);
    initCause(cause);
  }

  public String file() {
    return file;
  }

  public String where() {
    return where;
  }
}
