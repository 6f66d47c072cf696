package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LedgerTest {
  private static final Budget BUDGET = new Budget("phones", Unit.USER, Relation.ZERO_OUT, 4, 1e-5);
  private static final PrivacyEvent EVENT =
      new PrivacyEvent.DistributedDiscreteGaussian(8192, 2930, 84, 8192);

  private final InMemoryLedgerStorage storage = new InMemoryLedgerStorage();

  private static double epsilon(PrivacyEvent event, int count) {
    return new RdpAccountant()
        .epsilon(List.of(new Charge(event, count)), 1e-5, Unit.USER, Relation.ZERO_OUT)
        .epsilon();
  }

  private Ledger fresh() {
    return Ledger.create(storage, BUDGET);
  }

  @Test
  void round_movesFromReservedToSeenToReleased() {
    Ledger ledger = fresh();
    assertThat(ledger.reservedWorstCase().epsilon()).isZero();
    Reservation reservation = ledger.reserve("task", 0, EVENT, 1);
    double one = epsilon(EVENT, 1);
    assertThat(reservation.worstCase().epsilon()).isEqualTo(one);
    assertThat(ledger.reservedWorstCase().epsilon()).isEqualTo(one);
    assertThat(ledger.coordinatorView().epsilon()).isZero();
    assertThat(ledger.open()).containsExactly(new OpenReservation("task", 0, EVENT, 1, false));
    ledger.coordinatorSaw("task", 0);
    assertThat(ledger.coordinatorView().epsilon()).isEqualTo(one);
    assertThat(ledger.released().epsilon()).isZero();
    assertThat(ledger.open()).containsExactly(new OpenReservation("task", 0, EVENT, 1, true));
    ledger.commit("task", 0);
    assertThat(ledger.released().epsilon()).isEqualTo(one);
    assertThat(ledger.open()).isEmpty();
  }

  @Test
  void commit_withoutCoordinatorSaw_chargesBothViews() {
    Ledger ledger = fresh();
    ledger.reserve("task", 0, EVENT, 1);
    ledger.commit("task", 0);
    assertThat(ledger.coordinatorView()).isEqualTo(ledger.released());
    assertThat(ledger.released().epsilon()).isPositive();
  }

  @Test
  void cancel_beforeAnyAnswer_costsNothing() {
    Ledger ledger = fresh();
    ledger.reserve("task", 0, EVENT, 1);
    ledger.cancel("task", 0, "too few\tclients\nleft");
    assertThat(ledger.reservedWorstCase().epsilon()).isZero();
    assertThat(ledger.open()).isEmpty();
    assertThat(Ledger.open(storage, BUDGET).reservedWorstCase().epsilon()).isZero();
  }

  @Test
  void cancel_afterAnAnswer_staysSpentInTheCoordinatorView() {
    Ledger ledger = fresh();
    ledger.reserve("task", 0, EVENT, 1);
    ledger.coordinatorSaw("task", 0);
    ledger.cancel("task", 0, "unmasking failed");
    assertThat(ledger.coordinatorView().epsilon()).isEqualTo(epsilon(EVENT, 1));
    assertThat(ledger.reservedWorstCase().epsilon()).isEqualTo(epsilon(EVENT, 1));
    assertThat(ledger.released().epsilon()).isZero();
  }

  /** A schedule of 40 rounds in which every client is twice at most. */
  @Test
  void rounds_composeAsTheParticipationsDeclared() {
    Ledger ledger = fresh();
    for (int round = 0; round < 40; round++) {
      ledger.reserve("task", round, EVENT, round < 20 ? 1 : 2);
      ledger.commit("task", round);
    }
    assertThat(ledger.released().epsilon()).isEqualTo(epsilon(EVENT, 2));
  }

  /** One client can be in every task of its population. */
  @Test
  void tasks_addUp_andSoDoEventsOfOneTask() {
    Ledger ledger = fresh();
    ledger.reserve("first", 0, EVENT, 2);
    ledger.reserve("second", 0, EVENT, 3);
    assertThat(ledger.reservedWorstCase().epsilon()).isEqualTo(epsilon(EVENT, 5));
    PrivacyEvent other = new PrivacyEvent.Gaussian(10);
    ledger.reserve("first", 1, other, 1);
    assertThat(ledger.reservedWorstCase().epsilon()).isGreaterThan(epsilon(EVENT, 5));
  }

  @Test
  void reserve_beyondTheBudget_isRefusedWithAWayOut_andRecordsNothing() {
    Ledger ledger = fresh();
    ledger.reserve("task", 0, EVENT, 3);
    LedgerHead before = ledger.head();
    int covered = 1;
    while (epsilon(EVENT, covered + 1) <= 4) {
      covered++;
    }
    int beyond = covered + 5;
    int fits = covered;
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> ledger.reserve("task", 1, EVENT, beyond))
        .withMessageContaining("covers " + fits + " participations")
        .withMessageContaining("more noise")
        .satisfies(
            e -> {
              assertThat(e.asked().epsilon()).isEqualTo(epsilon(EVENT, beyond));
              assertThat(e.spent().epsilon()).isEqualTo(epsilon(EVENT, 3));
              assertThat(e.budget()).isEqualTo(BUDGET);
            });
    assertThat(ledger.head()).isEqualTo(before);
    assertThat(storage.load()).hasSize(2);
    ledger.reserve("task", 1, EVENT, fits);
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> ledger.reserve("other", 0, EVENT, 1))
        .withMessageContaining("End here");
  }

  @Test
  void openReservations_countAgainstTheBudget() {
    Ledger ledger = fresh();
    int round = 0;
    while (ledger.reservedWorstCase().epsilon() < epsilon(EVENT, 7)) {
      ledger.reserve("task " + round, round++, EVENT, 1);
    }
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> ledger.reserve("last", 0, new PrivacyEvent.Gaussian(1), 1));
    ledger.cancel("task 0", 0, "no clients");
    ledger.reserve("last", 0, EVENT, 1);
  }

  @Test
  void nonPrivateEvent_needsABudgetWithoutLimit() {
    Ledger ledger = fresh();
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> ledger.reserve("task", 0, new PrivacyEvent.NonPrivate(), 1));
    Budget unlimited =
        new Budget("lab", Unit.USER, Relation.ZERO_OUT, Double.POSITIVE_INFINITY, 1e-5);
    Ledger recording = Ledger.create(new InMemoryLedgerStorage(), unlimited);
    recording.reserve("task", 0, new PrivacyEvent.NonPrivate(), 1);
    recording.commit("task", 0);
    assertThat(recording.released().epsilon()).isInfinite();
  }

  @Test
  void eventWithoutGuaranteeUnderTheRelation_isRefused_andRecordsNothing() {
    Budget budget = new Budget("phones", Unit.USER, Relation.ADD_REMOVE, 4, 1e-5);
    Ledger ledger = Ledger.create(storage, budget);
    assertThatExceptionOfType(RelationException.class)
        .isThrownBy(() -> ledger.reserve("task", 0, EVENT, 1));
    assertThatExceptionOfType(RelationException.class)
        .isThrownBy(() -> ledger.spend("task", 0, EVENT));
    assertThat(storage.load()).hasSize(1);
  }

  @Test
  void movesOutOfTurn_areRefused_andRecordNothing() {
    Ledger ledger = fresh();
    assertThatIllegalStateException()
        .isThrownBy(() -> ledger.commit("task", 0))
        .withMessage("round 0 of task was never reserved");
    assertThatIllegalStateException().isThrownBy(() -> ledger.coordinatorSaw("task", 0));
    assertThatIllegalStateException().isThrownBy(() -> ledger.cancel("task", 0, "why"));
    ledger.reserve("task", 0, EVENT, 1);
    assertThatIllegalStateException()
        .isThrownBy(() -> ledger.reserve("task", 0, EVENT, 1))
        .withMessageContaining("a new attempt is a new round");
    assertThatIllegalStateException().isThrownBy(() -> ledger.spend("task", 0, EVENT));
    ledger.commit("task", 0);
    assertThatIllegalStateException()
        .isThrownBy(() -> ledger.commit("task", 0))
        .withMessage("round 0 of task is settled: COMMITTED");
    assertThatIllegalStateException().isThrownBy(() -> ledger.cancel("task", 0, "why"));
    assertThat(storage.load()).hasSize(3);
    assertThatIllegalArgumentException().isThrownBy(() -> ledger.reserve("task", 1, EVENT, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> ledger.reserve(" ", 1, EVENT, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> ledger.reserve("task", -1, EVENT, 1));
  }

  @Test
  void coordinatorSaw_twice_isOnce() {
    Ledger ledger = fresh();
    ledger.reserve("task", 0, EVENT, 1);
    ledger.coordinatorSaw("task", 0);
    ledger.coordinatorSaw("task", 0);
    assertThat(storage.load()).hasSize(3);
    ledger.commit("task", 0);
    ledger.coordinatorSaw("task", 0);
    assertThat(storage.load()).hasSize(4);
  }

  @Test
  void spend_countsEveryParticipationOfTheHolder() {
    Ledger ledger = fresh();
    ledger.spend("a", 3, EVENT);
    ledger.spend("a", 5, EVENT);
    ledger.spend("b", 1, EVENT);
    assertThat(ledger.released().epsilon()).isEqualTo(epsilon(EVENT, 3));
    assertThat(ledger.coordinatorView().epsilon()).isEqualTo(epsilon(EVENT, 3));
    assertThat(Ledger.open(storage, BUDGET).participations())
        .containsExactly(
            new Participation("a", 3, EVENT),
            new Participation("a", 5, EVENT),
            new Participation("b", 1, EVENT));
    assertThatIllegalStateException().isThrownBy(() -> ledger.spend("a", 5, EVENT));
  }

  @Test
  void spend_beyondTheBudget_isRefused() {
    Ledger ledger = fresh();
    int round = 0;
    while (epsilon(EVENT, round + 1) <= 4) {
      ledger.spend("a", round++, EVENT);
    }
    int next = round;
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> ledger.spend("a", next, EVENT))
        .withMessageContaining("phones");
    assertThat(ledger.participations()).hasSize(round);
  }

  /** What costs exactly the budget is covered. */
  @Test
  void spendAndReserve_exactlyTheBudget_areCovered() {
    Budget exact = new Budget("phones", Unit.USER, Relation.ZERO_OUT, epsilon(EVENT, 1), 1e-5);
    Ledger own = Ledger.create(new InMemoryLedgerStorage(), exact);
    own.spend("a", 1, EVENT);
    assertThat(own.participations()).hasSize(1);
    Ledger shared = Ledger.create(storage, exact);
    shared.reserve("a", 1, EVENT, 1);
    assertThat(shared.open()).hasSize(1);
  }

  /** A round twice is a mistake of the caller, whatever it would cost. */
  @Test
  void roundTwice_isToldBeforeItsCost() {
    Ledger ledger = fresh();
    ledger.spend("a", 1, EVENT);
    ledger.reserve("a", 2, EVENT, 2);
    PrivacyEvent costly = new PrivacyEvent.Gaussian(0.01);
    assertThatIllegalStateException().isThrownBy(() -> ledger.spend("a", 1, costly));
    assertThatIllegalStateException().isThrownBy(() -> ledger.reserve("a", 2, costly, 1));
  }

  @Test
  void open_ofNothing_isDamage() {
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(() -> Ledger.open(new InMemoryLedgerStorage()))
        .withMessageContaining("there is no ledger");
  }

  @Test
  void open_withAnotherBudget_isRefused() {
    fresh();
    for (Budget other :
        List.of(
            new Budget("tablets", Unit.USER, Relation.ZERO_OUT, 4, 1e-5),
            new Budget("phones", Unit.EXAMPLE, Relation.ZERO_OUT, 4, 1e-5),
            new Budget("phones", Unit.USER, Relation.REPLACE_ONE, 4, 1e-5),
            new Budget("phones", Unit.USER, Relation.ZERO_OUT, 4, 1e-5, "ab".repeat(32)),
            new Budget("phones", Unit.USER, Relation.ZERO_OUT, 4, 1e-4))) {
      assertThatExceptionOfType(LedgerDamagedException.class)
          .isThrownBy(() -> Ledger.open(storage, other))
          .withMessageContaining("guards");
    }
  }

  @Test
  void open_rolledBackOrForked_isNoticedByWhoeverRemembersTheHead() {
    Ledger ledger = fresh();
    ledger.reserve("task", 0, EVENT, 1);
    List<LedgerEntry> common = storage.load();
    ledger.commit("task", 0);
    LedgerHead remembered = ledger.head();
    assertThat(Ledger.open(storage, BUDGET, remembered).head()).isEqualTo(remembered);

    LedgerStorage rolledBack = holding(common);
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(() -> Ledger.open(rolledBack, BUDGET, remembered))
        .withMessageContaining("rolled back or forked");

    LedgerStorage forked = holding(common);
    Ledger.open(forked, BUDGET).cancel("task", 0, "another history");
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(() -> Ledger.open(forked, BUDGET, remembered));
  }

  private static LedgerStorage holding(List<LedgerEntry> entries) {
    InMemoryLedgerStorage storage = new InMemoryLedgerStorage();
    entries.forEach(storage::append);
    return storage;
  }

  /** A storage that keeps whatever it is given, in a list that the test may change. */
  private static LedgerStorage holdingAnything(List<LedgerEntry> entries) {
    return new LedgerStorage() {
      @Override
      public List<LedgerEntry> load() {
        return entries;
      }

      @Override
      public void append(LedgerEntry entry) {
        entries.add(entry);
      }
    };
  }

  @Test
  void open_everyChangedField_isDamage() {
    Ledger ledger = fresh();
    ledger.reserve("task", 0, EVENT, 1);
    ledger.commit("task", 0);
    List<LedgerEntry> entries = storage.load();
    for (int i = 0; i < entries.size(); i++) {
      LedgerEntry e = entries.get(i);
      List<LedgerEntry> variants = new ArrayList<>();
      variants.add(new LedgerEntry(e.index() + 1, e.previous(), e.content(), e.hash()));
      variants.add(new LedgerEntry(e.index(), other(e.previous()), e.content(), e.hash()));
      variants.add(new LedgerEntry(e.index(), e.previous(), e.content() + " ", e.hash()));
      variants.add(
          new LedgerEntry(
              e.index(), e.previous(), e.content(), e.hash().toUpperCase(java.util.Locale.ROOT)));
      variants.add(LedgerEntry.link(i, e.previous(), "committed task=task round=7"));
      for (LedgerEntry variant : variants) {
        List<LedgerEntry> changed = new ArrayList<>(entries);
        changed.set(i, variant);
        assertThatExceptionOfType(LedgerDamagedException.class)
            .as("entry %s as %s", i, variant)
            .isThrownBy(() -> Ledger.open(holdingAnything(changed), BUDGET));
      }
    }
  }

  private static String other(String hash) {
    return (hash.charAt(0) == '1' ? "2" : "1") + hash.substring(1);
  }

  /** Entries that hash well and say what the rules forbid, or nothing at all. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "committed task=task round=1",
        "committed task=task round=x",
        "committed task=task",
        "committed task=task round=0 more=1",
        "committed task=task  round=0",
        "reserved task=task round=0 event=gaussian%28noiseMultiplier%3D0x1.0p1%29 participations=1",
        "reserved task=task round=5 event=unknown participations=1",
        "reserved task=task round=5 event=gaussian%28noiseMultiplier%3D0x1.0p1%29 participations=0",
        "reserved task=%zz round=5",
        "opened population=phones unit=USER relation=ZERO_OUT epsilon=0x1.0p2 delta=0x1.4f8b588e368f1p-17"
      })
  void open_soundEntryThatMakesNoSense_isDamage(String content) {
    Ledger ledger = fresh();
    ledger.reserve("task", 0, EVENT, 1);
    List<LedgerEntry> entries = new ArrayList<>(storage.load());
    entries.add(LedgerEntry.link(2, ledger.head().hash(), content));
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(() -> Ledger.open(holdingAnything(entries), BUDGET))
        .withMessageContaining("ledger entry 2");
  }

  /**
   * Random histories with a crash and a reopening after every step; the views stay ordered and
   * never fall.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomHistories_neverForgetACharge(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    PrivacyEvent event = new PrivacyEvent.Gaussian(20);
    Ledger ledger = fresh();
    int next = 0;
    double released = 0;
    double seen = 0;
    for (int step = 0; step < 200; step++) {
      ledger = Ledger.open(storage, BUDGET, ledger.head());
      List<OpenReservation> open = ledger.open();
      if (open.isEmpty() || random.nextInt(3) == 0) {
        try {
          ledger.reserve("task " + random.nextInt(3), next++, event, 1 + next / 8);
        } catch (BudgetExceededException e) {
          assertThat(e.asked().epsilon()).isGreaterThan(4);
        }
      } else {
        OpenReservation one = open.get(random.nextInt(open.size()));
        switch (random.nextInt(3)) {
          case 0 -> ledger.coordinatorSaw(one.task(), one.round());
          case 1 -> ledger.commit(one.task(), one.round());
          default -> ledger.cancel(one.task(), one.round(), "seed " + seed);
        }
      }
      assertThat(ledger.released().epsilon()).as("seed %s", seed).isGreaterThanOrEqualTo(released);
      assertThat(ledger.coordinatorView().epsilon())
          .as("seed %s", seed)
          .isGreaterThanOrEqualTo(seen);
      released = ledger.released().epsilon();
      seen = ledger.coordinatorView().epsilon();
      assertThat(seen).as("seed %s", seed).isGreaterThanOrEqualTo(released);
      assertThat(ledger.reservedWorstCase().epsilon()).as("seed %s", seed).isBetween(seen, 4.0);
    }
    assertThat(released).as("seed %s: something was released", seed).isPositive();
  }

  @Test
  void budget_numbersThatAreNone_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Budget("p", Unit.USER, Relation.ZERO_OUT, 0, 1e-5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Budget("p", Unit.USER, Relation.ZERO_OUT, Double.NaN, 1e-5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Budget("p", Unit.USER, Relation.ZERO_OUT, 1, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Budget("p", Unit.USER, Relation.ZERO_OUT, 1, 1e-19))
        .withMessageContaining("2^-60");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Budget("", Unit.USER, Relation.ZERO_OUT, 1, 1e-5));
  }

  /** A task's budget is a part of the population's: it holds for the task, the whole for all. */
  @Test
  void reserve_beyondTheTasksPart_isRefused_whatTheOthersLeftToo() {
    fresh();
    double one = epsilon(EVENT, 1);
    Budget part = BUDGET.withEpsilon(epsilon(EVENT, 2));
    Ledger first = Ledger.open(storage, part);
    first.reserve("first", 0, EVENT, 2);
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> first.reserve("first", 1, EVENT, 3))
        .withMessageContaining("task first has")
        .withMessageContaining("covers 2 participations");
    first.reserve("second", 0, EVENT, 2);
    int left = 0;
    while (epsilon(EVENT, 4 + left + 1) <= 4) {
      left++;
    }
    int beyond = left + 1;
    assertThat(one).isLessThan(4);
    Ledger whole = Ledger.open(storage, BUDGET);
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> whole.reserve("third", 0, EVENT, beyond))
        .withMessageContaining("phones has");
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> Ledger.open(storage, BUDGET.withEpsilon(8)))
        .withMessageContaining("tributary privacy raise");
    assertThat(whole.reservedWorstCase().epsilon()).isEqualTo(epsilon(EVENT, 4));
  }

  /** Whatever becomes of rounds, the kept composition is that of the whole chain read anew. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void composition_keptUp_isThatOfTheReplayedChain(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Budget wide = BUDGET.withEpsilon(1000);
    Ledger ledger = Ledger.create(storage, wide);
    for (int round = 0; round < 60; round++) {
      String task = "task" + random.nextInt(3);
      PrivacyEvent event = random.nextBoolean() ? EVENT : new PrivacyEvent.Gaussian(5);
      ledger.reserve(task, round, event, 1 + random.nextInt(4));
      if (random.nextInt(3) == 0) {
        ledger.coordinatorSaw(task, round);
      }
      int end = random.nextInt(3);
      if (end == 0) {
        ledger.commit(task, round);
      } else if (end == 1) {
        ledger.cancel(task, round, "why not");
      }
      Ledger replayed = Ledger.open(storage, wide);
      assertThat(replayed.released()).as("seed %s", seed).isEqualTo(ledger.released());
      assertThat(replayed.coordinatorView()).isEqualTo(ledger.coordinatorView());
      assertThat(replayed.reservedWorstCase()).isEqualTo(ledger.reservedWorstCase());
      assertThat(LedgerHistory.of(storage.load()).released()).isEqualTo(ledger.released());
    }
  }

  /** Two views of one ledger: each takes what the other appended, and notices what is gone. */
  @Test
  void attach_takesWhatOthersAppended_andNoticesAnotherHistory() {
    Ledger first = fresh();
    first.reserve("task", 0, EVENT, 1);
    List<LedgerEntry> early = storage.load();
    Ledger second = Ledger.open(storage, BUDGET);
    second.commit("task", 0);
    first.attach(storage);
    assertThat(first.head()).isEqualTo(second.head());
    assertThat(first.released()).isEqualTo(second.released());
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(() -> first.attach(holding(early)))
        .withMessageContaining("rolled back");
    LedgerStorage forked = holding(early);
    Ledger.open(forked, BUDGET).cancel("task", 0, "another history");
    assertThatExceptionOfType(LedgerDamagedException.class).isThrownBy(() -> first.attach(forked));
    List<LedgerEntry> bad = new ArrayList<>(storage.load());
    second.reserve("task", 1, EVENT, 1);
    LedgerEntry next = storage.load().get(bad.size());
    bad.add(new LedgerEntry(next.index(), next.previous(), next.content() + "0", next.hash()));
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(() -> first.attach(holdingAnything(bad)))
        .withMessageContaining("not what was written");
  }

  /** A view that is shorter than its own head says, or than this ledger. */
  @Test
  void attach_toAViewThatWasCutShort_isDamage() {
    Ledger ledger = fresh();
    ledger.reserve("task", 0, EVENT, 1);
    List<LedgerEntry> entries = storage.load();
    LedgerStorage emptied = holding(entries.subList(0, 1));
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(() -> ledger.attach(emptied))
        .withMessageContaining("rolled back");
    LedgerHead later = new LedgerHead(2, "0".repeat(64));
    LedgerStorage cut =
        new LedgerStorage() {
          @Override
          public List<LedgerEntry> load() {
            return entries;
          }

          @Override
          public void append(LedgerEntry entry) {
            throw new UnsupportedOperationException();
          }

          @Override
          public java.util.Optional<LedgerHead> head() {
            return java.util.Optional.of(later);
          }
        };
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(() -> ledger.attach(cut))
        .withMessageContaining("remembers ledger entry 2");
  }

  /** Chains are read by later programs: the text that is hashed stays. */
  @Test
  void firstEntry_isWrittenAsEver() {
    fresh();
    assertThat(storage.load().get(0).content())
        .isEqualTo(
            "opened population=phones unit=USER relation=ZERO_OUT epsilon=0x1.0p2"
                + " delta=0x1.4f8b588e368f1p-17");
  }
}
