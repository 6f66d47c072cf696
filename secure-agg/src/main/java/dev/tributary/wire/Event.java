package dev.tributary.wire;

import dev.tributary.wire.v1.Envelope;
import org.jspecify.annotations.Nullable;

/** What happens to a {@link Machine}. */
public sealed interface Event {

  /** The first event of a machine, with all the randomness that it may use. */
  record Start(Seed seed) implements Event {}

  /**
   * A message has come.
   *
   * @param from the sender's address, {@link Machine#COORDINATOR} or a member's
   * @param body what travelled beside the message, if anything did
   */
  record Received(int from, Envelope message, @Nullable Body body) implements Event {
    /** A message without a body. */
    public Received(int from, Envelope message) {
      this(from, message, null);
    }
  }

  /** The vector that a client adds to the sum. A machine takes it once. */
  record Input(RingVector vector) implements Event {}

  /** A time asked for by {@link Effect.Wake} has come, or something else woke the machine. */
  record Woken() implements Event {}

  /**
   * A job asked for by {@link Effect.Run} is over.
   *
   * @param result what the work returned, or a {@link Failed}
   */
  record Ran(String job, Object result) implements Event {}

  /** The owner wants the machine to end. */
  record Stop(String reason) implements Event {}
}
