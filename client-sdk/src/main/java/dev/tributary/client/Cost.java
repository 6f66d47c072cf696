package dev.tributary.client;

import java.time.Duration;

/**
 * What a round cost this machine.
 *
 * @param lasted from the offer to the end
 * @param trained of it in the trainer, sleeps between steps included
 * @param sentBytes of messages and inputs, without what HTTP and TLS add
 * @param receivedBytes of messages and models
 */
public record Cost(Duration lasted, Duration trained, long sentBytes, long receivedBytes) {
  static final Cost NONE = new Cost(Duration.ZERO, Duration.ZERO, 0, 0);
}
