package dev.tributary.privacy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
  private final Composition released = new Composition();
  private final Composition coordinatorView = new Composition();
  private final Composition worstCase = new Composition();
  private Budget budget;

  /** Before any round. */
  LedgerState(Budget budget) {
    this.budget = budget;
  }

  /** What may be spent now. */
  Budget budget() {
    return budget;
  }

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
    } else if (record instanceof LedgerRecord.Raised raised) {
      raised.check(budget);
    } else {
      throw new IllegalStateException("a ledger is opened once");
    }
  }

  /** Checks, then changes. */
  void apply(LedgerRecord record) {
    check(record);
    if (record instanceof LedgerRecord.Reserved reserved) {
      rounds.put(reserved.round(), new RoundState(reserved));
      declare(worstCase, reserved);
    } else if (record instanceof LedgerRecord.Spent spending) {
      spent.put(spending.round(), spending.event());
      for (Composition view : List.of(released, coordinatorView, worstCase)) {
        view.spend(spending.round().task(), spending.event());
      }
    } else if (record instanceof LedgerRecord.Seen seen) {
      see(requireOpen(seen.round()));
    } else if (record instanceof LedgerRecord.Committed committed) {
      RoundState state = requireOpen(committed.round());
      see(state);
      state.stage = Stage.COMMITTED;
      declare(released, state.reserved);
    } else if (record instanceof LedgerRecord.Cancelled cancelled) {
      cancel(requireOpen(cancelled.round()));
    } else if (record instanceof LedgerRecord.Raised raised) {
      budget = budget.withEpsilon(raised.epsilon());
    }
  }

  private void see(RoundState state) {
    if (!state.seen) {
      state.seen = true;
      declare(coordinatorView, state.reserved);
    }
  }

  private void cancel(RoundState state) {
    state.stage = Stage.CANCELLED;
    if (!state.seen) {
      LedgerRecord.Reserved reserved = state.reserved;
      worstCase.retract(reserved.round().task(), reserved.event(), reserved.participations());
    }
  }

  private static void declare(Composition view, LedgerRecord.Reserved reserved) {
    view.declare(reserved.round().task(), reserved.event(), reserved.participations());
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
    return released;
  }

  Composition coordinatorView() {
    return coordinatorView;
  }

  /** What it amounts to if every open round is released. */
  Composition worstCase() {
    return worstCase;
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
