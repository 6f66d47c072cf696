package dev.tributary.privacy;

/**
 * One named stretch of an update, in floats. All segments of an update are clipped together.
 *
 * @param name unique within the update
 * @param length floats, at least 1
 */
public record Segment(String name, int length) {
  public Segment {
    Checks.notBlank("segment name", name);
    Checks.atLeast("segment length", 1, length);
  }
}
