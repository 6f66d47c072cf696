package dev.tributary.secagg;

/** Which end of a session. */
public enum Role {
  CLIENT,
  COORDINATOR
}
