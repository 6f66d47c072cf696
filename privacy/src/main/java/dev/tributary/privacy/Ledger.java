package dev.tributary.privacy;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What was spent on any one unit of a population, and what may still be. Pure rules over a hash
 * chain: no clock, no file, no thread of its own. The chain is the only truth; every guarantee
 * composes all of it, kept together by events as entries come, so that an answer costs the same
 * after any number of rounds.
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

  private final Budget part;
  private final LedgerState state;
  private LedgerStorage storage;
  private LedgerHead head;

  private Ledger(LedgerStorage storage, Budget part, LedgerState state, LedgerHead head) {
    this.storage = storage;
    this.part = part;
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
    return new Ledger(storage, budget, new LedgerState(budget), first.head());
  }

  /**
   * Opens and verifies a ledger.
   *
   * @param budget of the task that opens it: a part of the population's, of the same unit, relation
   *     and delta
   * @throws LedgerDamagedException if it is not what was written, is missing, or guards another
   *     budget
   * @throws BudgetExceededException if the part is more than the population has
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

  private static Ledger open(LedgerStorage storage, Budget part, Optional<LedgerHead> atLeast) {
    List<LedgerEntry> entries = storage.load();
    if (entries.isEmpty()) {
      throw new LedgerDamagedException(
          "there is no ledger for "
              + part.population()
              + ". If this population was never trained on, create one; else restore a backup");
    }
    LedgerChain.requireHolds(entries, storage.head(), "the storage");
    LedgerChain.requireHolds(entries, atLeast, "the caller");
    LedgerState state = LedgerReplay.of(entries);
    if (!part.isPartOf(state.budget())) {
      throw new LedgerDamagedException("the ledger guards " + state.budget() + ", not " + part);
    }
    if (part.epsilon() > state.budget().epsilon()) {
      throw BudgetExceededException.ofPart(
          part, state.budget(), guarantee(state.worstCase().charges(), state.budget()));
    }
    return new Ledger(storage, part, state, entries.get(entries.size() - 1).head());
  }

  /**
   * Opens a ledger with all that it guards, whatever that is.
   *
   * @throws LedgerDamagedException if it is not what was written, or missing
   */
  public static Ledger open(LedgerStorage storage) {
    List<LedgerEntry> entries = storage.load();
    if (entries.isEmpty()) {
      throw new LedgerDamagedException("there is no ledger. Restore a backup");
    }
    return open(storage, LedgerReplay.of(entries).budget());
  }

  /**
   * Goes on over another view of the same ledger, such as the next transaction of a database: what
   * was read is not read again, and what others appended is.
   *
   * @throws LedgerDamagedException if that does not hold this ledger's last entry, or not as its
   *     own last one remembers: it was changed, cut short, rolled back or forked
   */
  public void attach(LedgerStorage other) {
    List<LedgerEntry> tail = other.loadFrom(head.index());
    if (tail.isEmpty() || !tail.get(0).head().equals(head)) {
      throw new LedgerDamagedException(
          "the ledger of "
              + part.population()
              + " does not hold its entry "
              + head.index()
              + " any more: it was cut short, rolled back or forked. Restore the newest backup");
    }
    LedgerHead last = tail.get(tail.size() - 1).head();
    Optional<LedgerHead> stored = other.head();
    if (stored.isPresent() && !stored.get().equals(last)) {
      throw new LedgerDamagedException(
          "the storage remembers ledger entry "
              + stored.get().index()
              + ", and the chain ends at "
              + last.index()
              + ". Restore the newest backup");
    }
    LedgerReplay.apply(state, tail.subList(1, tail.size()), head);
    head = last;
    storage = other;
  }

  /** The last entry, for others to remember. */
  public LedgerHead head() {
    return head;
  }

  /** What all tasks of the population may spend together, with every rise. */
  public Budget budget() {
    return state.budget();
  }

  /**
   * Reserves a round at its worst case, or refuses before anyone is asked. Two limits hold: the
   * task by itself must keep the epsilon that the ledger was opened with, and all tasks together
   * that of the population.
   *
   * @param participations most rounds with this event that any one unit of the population has been
   *     in after this round, as the schedule declares; epsilon composes, per task and event, the
   *     highest of them
   * @throws BudgetExceededException if a budget does not cover it; nothing is recorded
   * @throws RelationException if the event promises nothing under the budget's relation
   * @throws IllegalStateException if the round is in the ledger already: a new attempt is a new
   *     round
   */
  public Reservation reserve(String task, int round, PrivacyEvent event, int participations) {
    LedgerRecord.Round key = new LedgerRecord.Round(task, round);
    LedgerRecord record = new LedgerRecord.Reserved(key, event, participations);
    state.check(record);
    Composition view = state.worstCase();
    Guarantee whole = ifDeclared(task, event, participations, view::charges);
    Guarantee alone = ifDeclared(task, event, participations, () -> view.charges(task));
    if (!covers(whole, alone)) {
      int most = most(task, event, participations);
      throw whole.epsilon() > budget().epsilon()
          ? BudgetExceededException.of(whole, reservedWorstCase(), budget(), most)
          : BudgetExceededException.ofTask(task, alone, spentBy(task), part, most);
    }
    append(record);
    return new Reservation(task, round, event, participations, whole);
  }

  private boolean covers(Guarantee whole, Guarantee alone) {
    return whole.epsilon() <= budget().epsilon() && alone.epsilon() <= part.epsilon();
  }

  /** What a view of the worst case costs with one more declaration. */
  private Guarantee ifDeclared(
      String task, PrivacyEvent event, int participations, Supplier<List<Charge>> charges) {
    state.worstCase().declare(task, event, participations);
    try {
      return guarantee(charges.get(), part);
    } finally {
      state.worstCase().retract(task, event, participations);
    }
  }

  /** Most participations that the budgets cover, given that {@code tooMany} are not covered. */
  private int most(String task, PrivacyEvent event, int tooMany) {
    Composition view = state.worstCase();
    int covered = 0;
    int beyond = tooMany;
    while (beyond - covered > 1) {
      int middle = covered + (beyond - covered) / 2;
      Guarantee whole = ifDeclared(task, event, middle, view::charges);
      Guarantee alone = ifDeclared(task, event, middle, () -> view.charges(task));
      if (covers(whole, alone)) {
        covered = middle;
      } else {
        beyond = middle;
      }
    }
    return covered;
  }

  private Guarantee spentBy(String task) {
    return guarantee(state.worstCase().charges(task), part);
  }

  /**
   * Raises the population's budget: the operator signs, and the signed rise stays in the chain.
   *
   * @param epsilon the new one, above the old
   * @param reason for whoever reads the ledger
   * @param sign makes the operator's Ed25519 signature, 64 bytes, of what it is given
   * @throws OperatorException if the ledger names no operator, or somebody else signed; nothing is
   *     recorded
   */
  public void raise(double epsilon, String reason, UnaryOperator<byte[]> sign) {
    Checks.notBlank("reason", reason);
    LedgerRecord.Raised draft = new LedgerRecord.Raised(epsilon, head.hash(), reason, "");
    String signature = HexFormat.of().formatHex(sign.apply(draft.message()));
    append(new LedgerRecord.Raised(epsilon, head.hash(), reason, signature));
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
    Guarantee asked = ifSpent(task, event);
    if (asked.epsilon() > Math.min(budget().epsilon(), part.epsilon())) {
      throw BudgetExceededException.of(asked, reservedWorstCase(), budget(), 0);
    }
    append(record);
  }

  private Guarantee ifSpent(String task, PrivacyEvent event) {
    state.worstCase().spend(task, event);
    try {
      return reservedWorstCase();
    } finally {
      state.worstCase().unspend(task, event);
    }
  }

  /** What the published models cost any one unit. */
  public Guarantee released() {
    return guarantee(state.released().charges(), part);
  }

  /**
   * What the sums that the coordinator may have seen cost any one unit, with their noise; at least
   * {@link #released()}. It knows who was in them, so that no sampling counts.
   */
  public Guarantee coordinatorView() {
    return guarantee(ObserverRows.unsampled(state.coordinatorView().charges()), part);
  }

  /** What it costs if every open round is released; this is what the budget is held against. */
  public Guarantee reservedWorstCase() {
    return guarantee(state.worstCase().charges(), part);
  }

  /** Rounds that are neither committed nor cancelled, in the order of their reservation. */
  public List<OpenReservation> open() {
    return state.open();
  }

  /** What {@link #spend} recorded, in order. */
  public List<Participation> participations() {
    return state.participations();
  }

  static Guarantee guarantee(List<Charge> charges, Budget budget) {
    return ACCOUNTANT.epsilon(charges, budget.delta(), budget.unit(), budget.relation());
  }

  private void append(LedgerRecord record) {
    state.check(record);
    LedgerEntry entry = LedgerEntry.link(head.index() + 1, head.hash(), record.content());
    storage.append(entry);
    state.apply(record);
    head = entry.head();
  }
}
