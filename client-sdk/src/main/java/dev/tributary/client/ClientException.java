package dev.tributary.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong in the SDK, as a code that a program can act on and one sentence that a person
 * can: what happened, where, and what to do. It never carries anything of the client's data.
 */
public final class ClientException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  private final Code code;

  /** How long to leave the coordinator alone. */
  private final Duration window;

  private final transient @Nullable Instant serverTime;

  /** A failure that no other one brought about. */
  public ClientException(Code code, String message) {
    this(code, message, null);
  }

  /** A failure with what brought it about. */
  public ClientException(Code code, String message, @Nullable Throwable cause) {
    this(code, message, cause, Duration.ZERO);
  }

  ClientException(Code code, String message, @Nullable Throwable cause, Duration window) {
    this(code, message, cause, window, null);
  }

  ClientException(
      Code code,
      String message,
      @Nullable Throwable cause,
      Duration window,
      @Nullable Instant serverTime) {
    super(message, cause);
    this.code = code;
    this.window = window;
    this.serverTime = serverTime;
  }

  /** What went wrong, for a program. */
  public Code code() {
    return code;
  }

  /** How long the coordinator asked to be left alone; zero when it said nothing. */
  public Duration window() {
    return window;
  }

  /** What time it is at the coordinator, where it said so. */
  @Nullable Instant serverTime() {
    return serverTime;
  }

  /** The stable names of failures; {@link #text()} is what documents and logs show. */
  public enum Code {
    /**
     * A setting of the builder cannot work, for example a coordinator address that is not https.
     */
    CONFIGURATION_INVALID(false),
    /** Nothing answered at the coordinator's address. */
    COORDINATOR_UNREACHABLE(true),
    /** The proxy on the way to the coordinator wants another login, or one at all. */
    PROXY_REFUSED(false),
    /** The coordinator asked for patience (429 or 503). */
    COORDINATOR_BUSY(true),
    /**
     * The server's certificate is not the pinned one, or no authority that this machine trusts made
     * it.
     */
    CERTIFICATE_MISMATCH(false),
    /** The coordinator signs with another key than the one this client met first. */
    COORDINATOR_KEY_CHANGED(false),
    /** The coordinator knows this client and does not want it (403). */
    CHECK_IN_REFUSED(false),
    /**
     * This machine's clock is too far from the coordinator's, and the coordinator's own time did
     * not serve either.
     */
    CLOCK_WRONG(false),
    /** The token is no longer known; a new check-in gets another. */
    TOKEN_EXPIRED(true),
    /** The round, or this client's part in it, is over on the coordinator's side. */
    ROUND_OVER(false),
    /** The coordinator turned one request down. */
    REQUEST_REFUSED(false),
    /** The coordinator's answer is not a message of the protocol, or larger than agreed. */
    REPLY_INVALID(false),
    /** The model that came is not the one that the plan names. */
    MODEL_TAMPERED(false),
    /** The model is one that the policy does not allow, as its layers or its size show. */
    MODEL_NOT_ALLOWED(false),
    /** The trainer threw, or returned a vector of another length than the model. */
    TRAINING_FAILED(false),
    /** No certificate could be had. */
    ENROLMENT_FAILED(true),
    /** The trust anchors have an older revocation list than this client has seen before. */
    TRUST_OUTDATED(false),
    /** This client was told to withdraw, and the coordinator has not said yet that it has. */
    WITHDRAWAL_PENDING(false),
    /** Another client works in this state directory. */
    STATE_IN_USE(false),
    /**
     * A file in the state directory fails its check; the client refuses to go on rather than to
     * start afresh.
     */
    STATE_DAMAGED(false),
    /** The state directory cannot be written or read. */
    STATE_UNUSABLE(false);

    private final boolean passing;

    Code(boolean passing) {
      this.passing = passing;
    }

    /** Whether waiting and asking again may help. */
    public boolean passing() {
      return passing;
    }

    /** The code as documents and logs show it, for example {@code coordinator-unreachable}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
