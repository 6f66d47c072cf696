package dev.tributary.privacy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a ledger tells, for reading only: everything is computed anew from its verified entries.
 * Asking changes nothing.
 */
public final class LedgerHistory {
  /**
   * Where epsilon stood after a round that released a model, or after a participation of the
   * holder.
   *
   * @param number of the releases until then, from 1
   * @param released epsilon of the released models
   * @param coordinatorView epsilon of the sums that the coordinator may have seen
   */
  public record Point(
      int number, String task, int round, double released, double coordinatorView) {}

  /** A raise of the budget, signed by the operator. */
  public record Raise(double epsilon, String reason) {}

  private final List<LedgerEntry> entries;
  private final Budget opened;
  private final LedgerState state;
  private final List<Point> curve = new ArrayList<>();
  private final List<Raise> raises = new ArrayList<>();
  private int cancelled;

  private LedgerHistory(List<LedgerEntry> entries) {
    this.entries = List.copyOf(entries);
    List<LedgerRecord> records = LedgerChain.verify(this.entries);
    if (records.isEmpty() || !(records.get(0) instanceof LedgerRecord.Opened first)) {
      throw new LedgerDamagedException("a ledger begins with what it guards");
    }
    opened = first.budget();
    state = new LedgerState(opened);
    for (int i = 1; i < records.size(); i++) {
      try {
        state.apply(records.get(i));
      } catch (IllegalStateException e) {
        throw new LedgerDamagedException("ledger entry " + i + ": " + e.getMessage(), e);
      }
      take(records.get(i));
    }
  }

  /**
   * Reads a chain.
   *
   * @throws LedgerDamagedException if it is not what was written, or breaks a rule
   */
  public static LedgerHistory of(List<LedgerEntry> entries) {
    return new LedgerHistory(entries);
  }

  private void take(LedgerRecord record) {
    if (record instanceof LedgerRecord.Committed committed) {
      point(committed.round());
    } else if (record instanceof LedgerRecord.Spent spent) {
      point(spent.round());
    } else if (record instanceof LedgerRecord.Cancelled) {
      cancelled++;
    } else if (record instanceof LedgerRecord.Raised raised) {
      raises.add(new Raise(raised.epsilon(), raised.reason()));
    }
  }

  private void point(LedgerRecord.Round round) {
    curve.add(
        new Point(
            curve.size() + 1,
            round.task(),
            round.number(),
            guarantee(state.released()).epsilon(),
            coordinatorView().epsilon()));
  }

  private Guarantee guarantee(Composition view) {
    return Ledger.guarantee(view.charges(), opened);
  }

  public List<LedgerEntry> entries() {
    return entries;
  }

  public LedgerHead head() {
    return entries.get(entries.size() - 1).head();
  }

  /** What the ledger began with. */
  public Budget opened() {
    return opened;
  }

  /** What may be spent now. */
  public Budget budget() {
    return state.budget();
  }

  /** In order. */
  public List<Raise> raises() {
    return List.copyOf(raises);
  }

  /** In the order of the releases. */
  public List<Point> curve() {
    return List.copyOf(curve);
  }

  /** Rounds that ended without a model. */
  public int cancelled() {
    return cancelled;
  }

  /** Rounds that are neither committed nor cancelled. */
  public int open() {
    return state.open().size();
  }

  /** Events that were released, and how often any one unit was in them. */
  public List<Charge> charges() {
    return state.released().charges();
  }

  /** Standard deviation of all noise of an event over its sensitivity. */
  public static double noiseMultiplier(PrivacyEvent event) {
    return EventNoise.multiplier(event);
  }

  public Guarantee released() {
    return guarantee(state.released());
  }

  public Guarantee coordinatorView() {
    return Ledger.guarantee(ObserverRows.unsampled(state.coordinatorView().charges()), opened);
  }

  /** What it amounts to if every open round is released. */
  public Guarantee reservedWorstCase() {
    return guarantee(state.worstCase());
  }

  public ObserverRows rows() {
    return rows(OptionalInt.empty(), OptionalDouble.empty(), opened.delta());
  }

  /**
   * What would be if.
   *
   * @param rounds releases in place of those that there were; each unit is in as large a part of
   *     them, rounded up
   * @param noise noise multiplier of every event, in place of its own
   * @param delta in place of the budget's
   */
  public ObserverRows rows(OptionalInt rounds, OptionalDouble noise, double delta) {
    Budget other =
        new Budget(opened.population(), opened.unit(), opened.relation(), opened.epsilon(), delta);
    return ObserverRows.of(
        changed(state.released(), rounds, noise),
        changed(state.coordinatorView(), rounds, noise),
        other);
  }

  private List<Charge> changed(Composition view, OptionalInt rounds, OptionalDouble noise) {
    rounds.ifPresent(count -> Checks.atLeast("rounds", 1, count));
    noise.ifPresent(z -> Checks.positive("noise", z));
    List<Charge> charges = new ArrayList<>();
    for (Charge charge : view.charges()) {
      PrivacyEvent event = charge.event();
      double own = EventNoise.multiplier(event);
      if (noise.isPresent() && own > 0) {
        event = EventNoise.scaled(event, noise.getAsDouble() / own);
      }
      double part = rounds.isPresent() ? (double) rounds.getAsInt() / Math.max(1, curve.size()) : 1;
      double count = Math.ceil(charge.count() * part);
      if (count > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("rounds must be fewer, was " + rounds);
      }
      charges.add(new Charge(event, event.charged((int) count)));
    }
    return charges;
  }
}
