package dev.tributary.privacy;

import java.util.List;

@SuppressWarnings("DoNotCallSuggester")
public final class Ledger {
  private Ledger() {}

  public static Ledger create(LedgerStorage storage, Budget budget) {
    throw new IllegalStateException("not yet");
  }

  public static Ledger open(LedgerStorage storage, Budget budget) {
    throw new IllegalStateException("not yet");
  }

  /** Opens a ledger of which somebody remembers the head: it must still hold that entry. */
  public static Ledger open(LedgerStorage storage, Budget budget, LedgerHead atLeast) {
    throw new IllegalStateException("not yet");
  }

  public LedgerHead head() {
    throw new IllegalStateException("not yet");
  }

  public Reservation reserve(String task, int round, PrivacyEvent event, int participations) {
    throw new IllegalStateException("not yet");
  }

  public void coordinatorSaw(String task, int round) {
    throw new IllegalStateException("not yet");
  }

  public void commit(String task, int round) {
    throw new IllegalStateException("not yet");
  }

  public void cancel(String task, int round, String reason) {
    throw new IllegalStateException("not yet");
  }

  public void spend(String task, int round, PrivacyEvent event) {
    throw new IllegalStateException("not yet");
  }

  public Guarantee released() {
    throw new IllegalStateException("not yet");
  }

  public Guarantee coordinatorView() {
    throw new IllegalStateException("not yet");
  }

  public Guarantee reservedWorstCase() {
    throw new IllegalStateException("not yet");
  }

  public List<OpenReservation> open() {
    throw new IllegalStateException("not yet");
  }
}
