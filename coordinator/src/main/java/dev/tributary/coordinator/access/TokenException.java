package dev.tributary.coordinator.access;

/** A token that cannot be made or revoked as was asked. */
public final class TokenException extends RuntimeException {
  public static final String TAKEN = "token-name-taken";
  public static final String UNKNOWN = "token-name-unknown";
  public static final String MALFORMED = "token-request-malformed";

  private static final long serialVersionUID = 1L;

  private final String code;

  public TokenException(String code, String message) {
    super(message);
    this.code = code;
  }

  /** The entry of docs/errors.md. */
  public String code() {
    return code;
  }
}
