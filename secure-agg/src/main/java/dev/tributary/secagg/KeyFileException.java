package dev.tributary.secagg;

/**
 * A key, certificate or trust file that cannot be used. The message names the file and what to do.
 */
public final class KeyFileException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** An exception with this message. */
  public KeyFileException(String message) {
    super(message);
  }

  /** An exception with this message and cause. */
  public KeyFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
