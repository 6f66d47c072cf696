package dev.tributary.simulation.cli;

import org.jspecify.annotations.Nullable;

/** A command cannot go on; the message says what, where and what to do. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public CommandException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public CommandException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** What kind of end it is. */
  public ErrorCode code() {
    return code;
  }
}
