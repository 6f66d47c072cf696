package dev.tributary.client;

import dev.tributary.client.round.ClientOutcome;
import java.time.Duration;

/**
 * What the host app may want to know, as it happens. Called on the client's own threads, so an
 * answer should be quick; an exception thrown here is logged and changes nothing.
 */
public interface ClientListener {
  /** The coordinator knows this client now. */
  default void onCheckedIn(String task) {}

  /**
   * A round was offered and meets the policy: this is what would leave the machine in it. Nothing
   * of it has left yet.
   */
  default void onOffer(Preview preview) {}

  /** A round has ended for this client, in exactly one way. */
  default void onRound(ClientOutcome outcome) {}

  /** Something failed that passes by itself; the client asks again after the pause. */
  default void onTrouble(ClientException trouble, Duration pause) {}

  /** The machine is not eligible now; the client waits and asks nobody. */
  default void onWaiting() {}

  /**
   * The client has ended: the job is over, or it was closed, or {@link FederatedClient#awaitDone()}
   * throws why.
   */
  default void onDone() {}
}
