package dev.tributary.plan;

/** The small checks of this package: each message has the field, the bound and the value. */
final class PlanChecks {

  private PlanChecks() {}

  static void notBlank(String field, String value) {
    if (value.isBlank()) {
      throw new PlanException(field + " must not be blank");
    }
  }

  static void atLeast(String field, long bound, long value) {
    if (value < bound) {
      throw new PlanException(field + " must be >= " + bound + ". Provided: " + value);
    }
  }

  static void atMost(String field, long bound, long value) {
    if (value > bound) {
      throw new PlanException(field + " must be <= " + bound + ". Provided: " + value);
    }
  }

  static void finite(String field, double value) {
    if (!Double.isFinite(value)) {
      throw new PlanException(field + " must be finite. Provided: " + value);
    }
  }
}
