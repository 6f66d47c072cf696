package dev.tributary.privacy;

/** Every number is checked at the border; the message holds the bound and the value. */
final class Checks {
  private Checks() {}

  static double positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + " must be > 0 and finite, was " + value);
    }
    return value;
  }

  static double positiveOrInfinite(String name, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(name + " must be > 0, was " + value);
    }
    return value;
  }

  static double notNegative(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + " must be >= 0 and finite, was " + value);
    }
    return value;
  }

  /** delta of an (epsilon, delta) guarantee: strictly between 0 and 1. */
  static double delta(double value) {
    if (!(value > 0 && value < 1)) {
      throw new IllegalArgumentException("delta must be > 0 and < 1, was " + value);
    }
    return value;
  }

  /** A sampling rate: greater than 0, at most 1. */
  static double rate(double value) {
    if (!(value > 0 && value <= 1)) {
      throw new IllegalArgumentException("rate must be > 0 and <= 1, was " + value);
    }
    return value;
  }

  /** What sampling may amplify: noise whose amount does not depend on who is in the sample. */
  static PrivacyEvent centralNoise(PrivacyEvent event) {
    if (event instanceof PrivacyEvent.Gaussian || event instanceof PrivacyEvent.DiscreteGaussian) {
      return event;
    }
    throw new IllegalArgumentException(
        "sampling amplifies central Gaussian noise alone, was " + event.canonical());
  }

  static int atLeast(String name, int bound, int value) {
    if (value < bound) {
      throw new IllegalArgumentException(name + " must be >= " + bound + ", was " + value);
    }
    return value;
  }

  static long atLeast(String name, long bound, long value) {
    if (value < bound) {
      throw new IllegalArgumentException(name + " must be >= " + bound + ", was " + value);
    }
    return value;
  }

  static String notBlank(String name, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(name + " must not be blank");
    }
    return value;
  }
}
