package dev.tributary.privacy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What a chain of records amounts to. Records are applied one by one, whether read or just written.
 */
final class LedgerState {
  private enum Stage {
    RESERVED,
    COMMITTED,
    CANCELLED
  }

  private static final class RoundState {
    final LedgerRecord.Reserved reserved;
    Stage stage = Stage.RESERVED;
    boolean seen;

    RoundState(LedgerRecord.Reserved reserved) {
      this.reserved = reserved;
    }
  }

  private final Map<LedgerRecord.Round, RoundState> rounds = new LinkedHashMap<>();
  private final Map<LedgerRecord.Round, PrivacyEvent> spent = new LinkedHashMap<>();

  /**
   * Refuses a record that the rules forbid.
   *
   * @throws IllegalStateException saying which rule
   */
  void check(LedgerRecord record) {
    if (record instanceof LedgerRecord.Reserved reserved) {
      requireNew(reserved.round());
    } else if (record instanceof LedgerRecord.Spent spending) {
      requireNew(spending.round());
    } else if (record instanceof LedgerRecord.Seen seen) {
      requireOpen(seen.round());
    } else if (record instanceof LedgerRecord.Committed committed) {
      requireOpen(committed.round());
    } else if (record instanceof LedgerRecord.Cancelled cancelled) {
      requireOpen(cancelled.round());
    } else {
      throw new IllegalStateException("a ledger is opened once");
    }
  }

  /** Checks, then changes. */
  void apply(LedgerRecord record) {
    check(record);
    if (record instanceof LedgerRecord.Reserved reserved) {
      rounds.put(reserved.round(), new RoundState(reserved));
    } else if (record instanceof LedgerRecord.Spent spending) {
      spent.put(spending.round(), spending.event());
    } else if (record instanceof LedgerRecord.Seen seen) {
      requireOpen(seen.round()).seen = true;
    } else if (record instanceof LedgerRecord.Committed committed) {
      RoundState state = requireOpen(committed.round());
      state.stage = Stage.COMMITTED;
      state.seen = true;
    } else if (record instanceof LedgerRecord.Cancelled cancelled) {
      requireOpen(cancelled.round()).stage = Stage.CANCELLED;
    }
  }

  private void requireNew(LedgerRecord.Round round) {
    if (rounds.containsKey(round) || spent.containsKey(round)) {
      throw new IllegalStateException(
          "round "
              + round.number()
              + " of "
              + round.task()
              + " is in the ledger already: a new attempt is a new round");
    }
  }

  private RoundState requireOpen(LedgerRecord.Round round) {
    RoundState state = rounds.get(round);
    if (state == null) {
      throw new IllegalStateException(
          "round " + round.number() + " of " + round.task() + " was never reserved");
    }
    if (state.stage != Stage.RESERVED) {
      throw new IllegalStateException(
          "round " + round.number() + " of " + round.task() + " is settled: " + state.stage);
    }
    return state;
  }

  boolean seen(LedgerRecord.Round round) {
    RoundState state = rounds.get(round);
    return state != null && state.seen;
  }

  Composition released() {
    return compose(state -> state.stage == Stage.COMMITTED);
  }

  Composition coordinatorView() {
    return compose(state -> state.seen);
  }

  Composition worstCase() {
    return compose(state -> state.seen || state.stage == Stage.RESERVED);
  }

  private Composition compose(Predicate<RoundState> counts) {
    Composition composition = new Composition();
    for (RoundState state : rounds.values()) {
      if (counts.test(state)) {
        LedgerRecord.Reserved reserved = state.reserved;
        composition.declare(reserved.round().task(), reserved.event(), reserved.participations());
      }
    }
    spent.forEach((round, event) -> composition.spend(round.task(), event));
    return composition;
  }

  List<OpenReservation> open() {
    List<OpenReservation> open = new ArrayList<>();
    for (RoundState state : rounds.values()) {
      if (state.stage == Stage.RESERVED) {
        LedgerRecord.Reserved reserved = state.reserved;
        open.add(
            new OpenReservation(
                reserved.round().task(),
                reserved.round().number(),
                reserved.event(),
                reserved.participations(),
                state.seen));
      }
    }
    return open;
  }

  List<Participation> participations() {
    List<Participation> list = new ArrayList<>();
    spent.forEach(
        (round, event) -> list.add(new Participation(round.task(), round.number(), event)));
    return list;
  }
}
