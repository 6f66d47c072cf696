package dev.tributary.coordinator.store;

import com.google.protobuf.ByteString;
import java.time.Instant;

/**
 * Something that has changed the round in flight, written before anything that follows from it
 * leaves, so that a new process can bring the round to where it was.
 *
 * @param at the round's time
 * @param slot of the sender of a message; 0 otherwise
 * @param content what {@link Kind} says
 */
public record RoundEvent(Instant at, Kind kind, int slot, ByteString content) {

  /** What happened. */
  public enum Kind {
    /** The round began. Content: its seed of 32 bytes, then the bitmap of absent slots. */
    STARTED,
    /** A message came. Content: the envelope; an input beside it lies in the spool. */
    RECEIVED,
    /** A time had come. No content. */
    WOKEN,
    /** Work was done, whose result follows from the events before. Content: its name, UTF-8. */
    RAN
  }

  @Override
  public String toString() {
    return "RoundEvent[" + kind + " of slot " + slot + " at " + at + "]";
  }
}
