package dev.tributary.wire;

import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Machine} wants done. A shell carries the effects of one event out in list order; in
 * particular an entry is durable before any later effect of the list leaves.
 */
public sealed interface Effect {

  /**
   * Deliver a message.
   *
   * @param to {@link Machine#COORDINATOR} or a member's address
   * @param body what travels beside the message, if anything does
   */
  record Send(int to, Envelope message, @Nullable Body body) implements Effect {
    /** A message without a body. */
    public Send(int to, Envelope message) {
      this(to, message, null);
    }
  }

  /** Send {@link Event.Woken} at this time. An earlier one does no harm. */
  record Wake(Instant at) implements Effect {}

  /** Run on a worker and send {@link Event.Ran} with the same name. */
  record Run(String job, Work work) implements Effect {}

  /** Make an entry durable. */
  record Persist(Entry entry) implements Effect {}

  /** The machine has ended with this result. It comes once. */
  record Finish(Object result) implements Effect {}
}
