package dev.tributary.client;

import java.time.Clock;

/** A client with another clock, whose waits are shortened so that a test need not sit them out. */
public final class ClientHooks {
  private ClientHooks() {}

  /** The same builder, whose client waits no longer than that at once. */
  public static FederatedClient.Builder with(
      FederatedClient.Builder builder, Clock clock, long longestWaitMillis) {
    return builder
        .clock(clock)
        .pause(wait -> Thread.sleep(Math.min(wait.toMillis(), longestWaitMillis)));
  }
}
