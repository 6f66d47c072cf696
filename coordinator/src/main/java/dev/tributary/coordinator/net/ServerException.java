package dev.tributary.coordinator.net;

/** A server that cannot start, or whose job came to nothing. */
public final class ServerException extends RuntimeException {
  public static final String PORT_IN_USE = "port-in-use";
  public static final String CANNOT_LISTEN = "cannot-listen";
  public static final String MODE_NEEDS_AUTHORITY = "mode-needs-authority";
  public static final String POPULATION_MISSING = "population-missing";
  public static final String MODEL_DOES_NOT_FIT = "model-does-not-fit";
  public static final String NO_ROUND_COMPLETED = "no-round-completed";

  private static final long serialVersionUID = 1L;

  private final String code;

  public ServerException(String code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public ServerException(String code, String message) {
    super(message);
    this.code = code;
  }

  /** The entry of docs/errors.md. */
  public String code() {
    return code;
  }
}
