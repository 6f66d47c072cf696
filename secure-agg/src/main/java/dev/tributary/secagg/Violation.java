package dev.tributary.secagg;

/**
 * A rule that parameters break.
 *
 * @param rule the rule with its bound and the value found
 * @param wayOut what would satisfy it
 */
public record Violation(String rule, String wayOut) {

  @Override
  public String toString() {
    return rule + "; " + wayOut;
  }
}
