package dev.tributary.privacy;

import java.util.List;
import java.util.Optional;

/**
 * What was spent on any one unit of a population, and what may still be. Pure rules over a hash
 * chain: no clock, no file, no thread of its own. The chain is the only truth; every guarantee is
 * computed anew from all of it.
 *
 * <p>A round is reserved at its worst case before anyone is asked. It is charged to the
 * coordinator's view once one unmasking answer has arrived, and to the released view when its model
 * is committed. An abort before that cancels the reservation by an entry of its own; after it, the
 * round stays spent in the coordinator's view.
 *
 * <p>A ledger is created once, on purpose. Opening verifies every link: a chain that is corrupt,
 * missing, forked, cut short or older than a head that somebody remembers is refused, and never
 * begun afresh. Entries are written before they count, and the storage refuses an entry that is not
 * the next one, so of two coordinators one gets {@link LedgerConflictException} and opens again.
 * After any exception from the storage, open again.
 *
 * <p>Not safe for use by several threads. A coordinator opens it inside the transaction that it
 * belongs to.
 */
public final class Ledger {
  private static final Accountant ACCOUNTANT = new RdpAccountant();

  private final LedgerStorage storage;
  private final Budget budget;
  private final LedgerState state;
  private LedgerHead head;

  private Ledger(LedgerStorage storage, Budget budget, LedgerState state, LedgerHead head) {
    this.storage = storage;
    this.budget = budget;
    this.state = state;
    this.head = head;
  }

  /**
   * Begins a ledger for a population that has none.
   *
   * @throws IllegalStateException if the storage holds a ledger
   * @throws LedgerDamagedException if the storage remembers one that is gone
   */
  public static Ledger create(LedgerStorage storage, Budget budget) {
    if (!storage.load().isEmpty()) {
      throw new IllegalStateException(
          "there is a ledger for " + budget.population() + " already: open it");
    }
    LedgerChain.requireHolds(List.of(), storage.head(), "the storage");
    String content = new LedgerRecord.Opened(budget).content();
    LedgerEntry first = LedgerEntry.link(0, LedgerEntry.START, content);
    storage.append(first);
    return new Ledger(storage, budget, new LedgerState(), first.head());
  }

  /**
   * Opens and verifies a ledger.
   *
   * @throws LedgerDamagedException if it is not what was written, is missing, or guards another
   *     budget
   */
  public static Ledger open(LedgerStorage storage, Budget budget) {
    return open(storage, budget, Optional.empty());
  }

  /**
   * Opens a ledger of which somebody remembers the head, such as the checkpoint of a model: it must
   * still hold that entry.
   *
   * @throws LedgerDamagedException as for {@link #open(LedgerStorage, Budget)}, and if the ledger
   *     does not hold {@code atLeast}: then it was rolled back or forked
   */
  public static Ledger open(LedgerStorage storage, Budget budget, LedgerHead atLeast) {
    return open(storage, budget, Optional.of(atLeast));
  }

  private static Ledger open(LedgerStorage storage, Budget budget, Optional<LedgerHead> atLeast) {
    List<LedgerEntry> entries = storage.load();
    if (entries.isEmpty()) {
      throw new LedgerDamagedException(
          "there is no ledger for "
              + budget.population()
              + ". If this population was never trained on, create one; else restore a backup");
    }
    LedgerChain.requireHolds(entries, storage.head(), "the storage");
    LedgerChain.requireHolds(entries, atLeast, "the caller");
    List<LedgerRecord> records = LedgerChain.verify(entries);
    if (!records.get(0).equals(new LedgerRecord.Opened(budget))) {
      throw new LedgerDamagedException(
          "the ledger guards [" + records.get(0).content() + "], not " + budget);
    }
    return new Ledger(storage, budget, replay(records), entries.get(entries.size() - 1).head());
  }

  private static LedgerState replay(List<LedgerRecord> records) {
    LedgerState state = new LedgerState();
    for (int i = 1; i < records.size(); i++) {
      try {
        state.apply(records.get(i));
      } catch (IllegalStateException e) {
        throw new LedgerDamagedException("ledger entry " + i + ": " + e.getMessage(), e);
      }
    }
    return state;
  }

  /** The last entry, for others to remember. */
  public LedgerHead head() {
    return head;
  }

  public Budget budget() {
    return budget;
  }

  /**
   * Reserves a round at its worst case, or refuses before anyone is asked.
   *
   * @param participations most rounds with this event that any one unit of the population has been
   *     in after this round, as the schedule declares; epsilon composes, per task and event, the
   *     highest of them
   * @throws BudgetExceededException if the budget does not cover it; nothing is recorded
   * @throws RelationException if the event promises nothing under the budget's relation
   * @throws IllegalStateException if the round is in the ledger already: a new attempt is a new
   *     round
   */
  public Reservation reserve(String task, int round, PrivacyEvent event, int participations) {
    LedgerRecord.Round key = new LedgerRecord.Round(task, round);
    LedgerRecord record = new LedgerRecord.Reserved(key, event, participations);
    state.check(record);
    Guarantee asked = declared(task, event, participations);
    if (asked.epsilon() > budget.epsilon()) {
      throw BudgetExceededException.of(
          asked, reservedWorstCase(), budget, most(task, event, participations));
    }
    append(record);
    return new Reservation(task, round, event, participations, asked);
  }

  private Guarantee declared(String task, PrivacyEvent event, int participations) {
    Composition composition = state.worstCase();
    composition.declare(task, event, participations);
    return guarantee(composition);
  }

  /** Most participations that the budget covers, given that {@code tooMany} are not covered. */
  private int most(String task, PrivacyEvent event, int tooMany) {
    int covered = 0;
    int beyond = tooMany;
    while (beyond - covered > 1) {
      int middle = covered + (beyond - covered) / 2;
      if (declared(task, event, middle).epsilon() > budget.epsilon()) {
        beyond = middle;
      } else {
        covered = middle;
      }
    }
    return covered;
  }

  /**
   * Records that one unmasking answer has arrived: the round is spent in the coordinator's view,
   * whatever becomes of it. A second time does nothing.
   *
   * @throws IllegalStateException if the round was never reserved, or was cancelled before
   */
  public void coordinatorSaw(String task, int round) {
    LedgerRecord.Round key = new LedgerRecord.Round(task, round);
    if (!state.seen(key)) {
      append(new LedgerRecord.Seen(key));
    }
  }

  /**
   * Records that the round's model is out. Belongs into the transaction that publishes the model.
   *
   * @throws IllegalStateException if the round was never reserved or is settled, as on a second
   *     commit
   */
  public void commit(String task, int round) {
    append(new LedgerRecord.Committed(new LedgerRecord.Round(task, round)));
  }

  /**
   * Records that the round ended without a model. It costs nothing if the coordinator has seen no
   * unmasking answer; else it stays spent in the coordinator's view.
   *
   * @throws IllegalStateException if the round was never reserved or is settled
   */
  public void cancel(String task, int round, String reason) {
    append(new LedgerRecord.Cancelled(new LedgerRecord.Round(task, round), reason));
  }

  /**
   * Records one participation of the holder, at once: the client's own ledger, written before its
   * first masked byte and charged whatever becomes of the round.
   *
   * @throws BudgetExceededException if the budget does not cover it; nothing is recorded
   * @throws RelationException if the event promises nothing under the budget's relation
   * @throws IllegalStateException if the round is in the ledger already
   */
  public void spend(String task, int round, PrivacyEvent event) {
    LedgerRecord record = new LedgerRecord.Spent(new LedgerRecord.Round(task, round), event);
    state.check(record);
    Composition composition = state.worstCase();
    composition.spend(task, event);
    Guarantee asked = guarantee(composition);
    if (asked.epsilon() > budget.epsilon()) {
      throw BudgetExceededException.of(asked, reservedWorstCase(), budget, 0);
    }
    append(record);
  }

  /** What the published models cost any one unit. */
  public Guarantee released() {
    return guarantee(state.released());
  }

  /**
   * What the sums that the coordinator may have seen cost any one unit; at least {@link
   * #released()}.
   */
  public Guarantee coordinatorView() {
    return guarantee(state.coordinatorView());
  }

  /** What it costs if every open round is released; this is what the budget is held against. */
  public Guarantee reservedWorstCase() {
    return guarantee(state.worstCase());
  }

  /** Rounds that are neither committed nor cancelled, in the order of their reservation. */
  public List<OpenReservation> open() {
    return state.open();
  }

  /** What {@link #spend} recorded, in order. */
  public List<Participation> participations() {
    return state.participations();
  }

  private Guarantee guarantee(Composition composition) {
    return ACCOUNTANT.epsilon(
        composition.charges(), budget.delta(), budget.unit(), budget.relation());
  }

  private void append(LedgerRecord record) {
    state.check(record);
    LedgerEntry entry = LedgerEntry.link(head.index() + 1, head.hash(), record.content());
    storage.append(entry);
    state.apply(record);
    head = entry.head();
  }
}
