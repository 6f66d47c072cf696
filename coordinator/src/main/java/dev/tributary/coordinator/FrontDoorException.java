package dev.tributary.coordinator;

/** A request that the coordinator does not serve: a code, what was wrong, and what to do. */
public final class FrontDoorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of answer it is; transports map it to their own. */
  public enum Kind {
    /** The request has not the form that it must have. */
    MALFORMED,
    /** The token is unknown or has expired: check in again. */
    UNKNOWN_TOKEN,
    /** The client has no part in this job, for good. */
    FORBIDDEN,
    /** There is no such thing. */
    NOT_FOUND,
    /** An upload goes on at another offset. */
    CONFLICT,
    /** The round, or the upload's part of it, is over. */
    OVER,
    /** More bytes than this may have. */
    TOO_LARGE,
    /** Too often, by one address or under one token. */
    TOO_MANY,
    /** Not now: ask again. */
    BUSY,
    /** Not now, but in a moment: ask again soon. */
    MOVING
  }

  private final Kind kind;
  private final String code;
  private final String action;

  public FrontDoorException(Kind kind, String code, String message, String action) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.action = action;
  }

  public Kind kind() {
    return kind;
  }

  /** A stable word for machines. */
  public String code() {
    return code;
  }

  /** What the client should do. */
  public String action() {
    return action;
  }

  static FrontDoorException unknownToken() {
    return new FrontDoorException(
        Kind.UNKNOWN_TOKEN,
        "token-unknown",
        "The token is not known here, or leads to nobody who takes part.",
        "Check in again.");
  }

  static FrontDoorException expiredToken() {
    return new FrontDoorException(
        Kind.UNKNOWN_TOKEN,
        "token-expired",
        "The token was good, and its time is over.",
        "Check in again; a round that runs goes on.");
  }

  public static FrontDoorException stopped() {
    return new FrontDoorException(
        Kind.BUSY,
        "coordinator-stopped",
        "This coordinator has stopped.",
        "Ask again when its operator has started it again.");
  }

  /** Nothing can be written now; the message names no path. */
  public static FrontDoorException paused(String code) {
    return new FrontDoorException(
        Kind.BUSY,
        code,
        "This coordinator cannot write to its disk now, and stands still.",
        "Ask again later; nothing is lost.");
  }

  /** The job is on its way from one coordinator to another. */
  public static FrontDoorException moving() {
    return new FrontDoorException(
        Kind.MOVING,
        "job-moving",
        "The job is being taken over by another coordinator.",
        "Ask again in a moment; nothing is lost.");
  }

  static FrontDoorException roundOver() {
    return new FrontDoorException(
        Kind.OVER,
        "round-over",
        "The round of this session is not running, or does not take this any more.",
        "Wait for the next offer.");
  }
}
