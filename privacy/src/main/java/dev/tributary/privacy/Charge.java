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

  /** What a unit is charged that took part in so many rounds of one task with this event. */
  public static Charge of(PrivacyEvent event, int participations) {
    Checks.atLeast("participations", 1, participations);
    return new Charge(event, event.charged(participations));
  }
}
