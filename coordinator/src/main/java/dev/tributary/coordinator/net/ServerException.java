package dev.tributary.coordinator.net;

/** A server that cannot start. */
public final class ServerException extends RuntimeException {
  public static final String PORT_IN_USE = "port-in-use";
  public static final String CANNOT_LISTEN = "cannot-listen";
  public static final String MODE_NEEDS_AUTHORITY = "mode-needs-authority";
  public static final String POPULATION_MISSING = "population-missing";

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
