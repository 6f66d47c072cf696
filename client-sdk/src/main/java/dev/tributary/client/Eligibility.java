package dev.tributary.client;

/**
 * When this machine may take part. Asked before each check-in and before each round; while the
 * answer is no, the client asks nobody for anything and sends nothing. An app that knows better
 * than the JVM, as a phone app does, gives its own.
 */
@FunctionalInterface
public interface Eligibility {
  /** Whether this machine may train now. Quick, and callable from any thread. */
  boolean mayTrain();

  default Eligibility and(Eligibility other) {
    return () -> mayTrain() && other.mayTrain();
  }

  default Eligibility or(Eligibility other) {
    return () -> mayTrain() || other.mayTrain();
  }

  static Eligibility always() {
    return () -> true;
  }

  /**
   * Not while a battery is being emptied, as Linux tells it; a machine that does not tell counts as
   * plugged in.
   */
  static Eligibility charging() {
    return Power.ofThisMachine()::charging;
  }

  /** Not while every network in use is a mobile one, judged by the names of the interfaces. */
  static Eligibility unmeteredNetwork() {
    return Network::unmetered;
  }
}
