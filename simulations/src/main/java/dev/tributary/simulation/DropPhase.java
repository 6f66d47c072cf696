package dev.tributary.simulation;

import dev.tributary.wire.v1.Envelope;
import java.util.Locale;

/**
 * The message that a client that drops out never sends. Up to {@link #INPUT} its input is not in
 * the sum, after that it is.
 */
public enum DropPhase {
  ADVERTISE,
  SHARE,
  INPUT,
  SIGN,
  UNMASK;

  /** The word of the job file. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The phase with that word.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static DropPhase of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** Whether a client that drops at this phase keeps this message of a client to itself. */
  boolean silences(Envelope message) {
    return switch (message.getKindCase()) {
      case ADVERTISE_KEYS -> compareTo(ADVERTISE) <= 0;
      case SHARE_KEYS -> compareTo(SHARE) <= 0;
      case MASKED_INPUT -> compareTo(INPUT) <= 0;
      case SIGNED_SURVIVORS -> compareTo(SIGN) <= 0;
      case UNMASK -> compareTo(UNMASK) <= 0;
      default -> false;
    };
  }
}
