package dev.tributary.privacy;

/** Whose presence a guarantee hides. The two are never added into one number. */
public enum Unit {
  /** All records of one client. */
  USER,
  /** One record. */
  EXAMPLE
}
