package dev.tributary.coordinator.job;

import java.time.Duration;

/**
 * How much is taken of one address and of one client, before anything of a request is read but its
 * head.
 *
 * @param addressPerSecond requests of one address in the long run; of one network of 64 bits with
 *     IPv6
 * @param addressBurst requests of one address at once, and connections that it has open
 * @param clientPerSecond requests under one token in the long run
 * @param clientBurst requests under one token at once
 * @param firstRequest within which a connection asks for something
 * @param slowBody in which a body brings 60 KiB, or its end
 * @param bodies bytes of all bodies together that are in memory, inputs apart
 */
public record Limits(
    int addressPerSecond,
    int addressBurst,
    int clientPerSecond,
    int clientBurst,
    Duration firstRequest,
    Duration slowBody,
    long bodies) {

  /**
   * Ten thousand phones behind one address poll every 30 seconds, which is 333 requests a second,
   * and all of them may come at once when a line is back; a client has some 15 requests a round.
   */
  public static final Limits DEFAULTS =
      new Limits(2_000, 20_000, 100, 1_000, Duration.ofSeconds(20), Duration.ofMinutes(1));

  /** With an eighth of the heap for bodies: each is there twice while it is read. */
  public Limits(
      int addressPerSecond,
      int addressBurst,
      int clientPerSecond,
      int clientBurst,
      Duration firstRequest,
      Duration slowBody) {
    this(
        addressPerSecond,
        addressBurst,
        clientPerSecond,
        clientBurst,
        firstRequest,
        slowBody,
        Runtime.getRuntime().maxMemory() / 8);
  }

  public Limits {
    if (Math.min(addressPerSecond, clientPerSecond) < 1
        || addressBurst < addressPerSecond
        || clientBurst < clientPerSecond) {
      throw new IllegalArgumentException(
          "rates are at least 1 a second, and bursts at least a second's rate. Provided: "
              + addressPerSecond
              + ", "
              + addressBurst
              + ", "
              + clientPerSecond
              + ", "
              + clientBurst);
    }
  }
}
