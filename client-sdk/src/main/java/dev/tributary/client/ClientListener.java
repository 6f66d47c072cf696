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

  /**
   * A training has come further; told at most once a percent, on the thread that trains.
   *
   * @param done part of the training that is behind, from 0 to 1
   */
  default void onProgress(String task, int round, double done) {}

  /**
   * A training has ended: the preview of its round, with what is known now. The masked input has
   * not left. The norms in it are of this client's data, and stay here.
   */
  default void onTrained(Preview preview) {}

  /** A round has ended for this client, in exactly one way. */
  default void onRound(ClientOutcome outcome) {}

  /** The same with what it cost this machine; nothing where the offer was declined. */
  default void onRound(ClientOutcome outcome, Cost cost) {
    onRound(outcome);
  }

  /** Something failed that passes by itself; the client asks again after the pause. */
  default void onTrouble(ClientException trouble, Duration pause) {}

  /**
   * The coordinator has said when to come back: it does not want this client before, and the client
   * asks for nothing until then.
   *
   * @param pause how long that is, with a random part of the client's own
   */
  default void onToldToComeBack(Duration pause) {}

  /** The machine is not eligible now, or the app paused the client: it waits and asks nobody. */
  default void onWaiting() {}

  /**
   * The client has ended: the job is over, or it was closed, or {@link FederatedClient#awaitDone()}
   * throws why.
   */
  default void onDone() {}
}
