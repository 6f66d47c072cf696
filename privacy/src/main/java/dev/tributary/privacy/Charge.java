package dev.tributary.privacy;

/**
 * An event that one unit takes part in {@code count} times.
 *
 * @param count at least 1
 */
public record Charge(PrivacyEvent event, int count) {
  public Charge {
    Checks.atLeast("count", 1, count);
  }
}
