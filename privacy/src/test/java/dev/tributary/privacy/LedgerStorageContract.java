package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a ledger needs of any storage. */
abstract class LedgerStorageContract {
  static final Budget BUDGET = new Budget("phones", Unit.USER, Relation.ZERO_OUT, 4, 1e-5);
  static final PrivacyEvent EVENT = new PrivacyEvent.Gaussian(3.28);

  abstract LedgerStorage storage();

  /** A second view of what {@link #storage} holds, as after a restart. */
  abstract LedgerStorage reopened();

  @Test
  void open_afterRestart_givesBackTheSameGuarantees() {
    Ledger ledger = Ledger.create(storage(), BUDGET);
    ledger.reserve("faces & names", 0, EVENT, 1);
    ledger.commit("faces & names", 0);
    ledger.reserve("faces & names", 1, EVENT, 2);
    ledger.coordinatorSaw("faces & names", 1);
    ledger.reserve("faces & names", 2, EVENT, 3);
    Ledger again = Ledger.open(reopened(), BUDGET);
    assertThat(again.head()).isEqualTo(ledger.head());
    assertThat(again.released()).isEqualTo(ledger.released());
    assertThat(again.coordinatorView()).isEqualTo(ledger.coordinatorView());
    assertThat(again.reservedWorstCase()).isEqualTo(ledger.reservedWorstCase());
    assertThat(again.open()).isEqualTo(ledger.open()).hasSize(2);
  }

  @Test
  void open_nothingThere_isDamage_neverAFreshLedger() {
    LedgerStorage storage = storage();
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(() -> Ledger.open(storage, BUDGET))
        .withMessageContaining("no ledger for phones")
        .withMessageContaining("restore a backup");
    assertThat(storage.load()).isEmpty();
  }

  @Test
  void create_twice_isRefused() {
    Ledger.create(storage(), BUDGET);
    LedgerStorage again = reopened();
    assertThatIllegalStateException()
        .isThrownBy(() -> Ledger.create(again, BUDGET))
        .withMessageContaining("already");
  }

  @Test
  void append_entryThatIsNotTheNext_isAConflict_andChangesNothing() {
    LedgerStorage storage = storage();
    Ledger first = Ledger.create(storage, BUDGET);
    Ledger second = Ledger.open(storage, BUDGET);
    first.reserve("task", 0, EVENT, 1);
    List<LedgerEntry> before = storage.load();
    assertThatExceptionOfType(LedgerConflictException.class)
        .isThrownBy(() -> second.reserve("task", 1, EVENT, 1));
    assertThat(storage.load()).isEqualTo(before);
    Ledger.open(storage, BUDGET).reserve("task", 1, EVENT, 1);
  }

  @Test
  void head_isTheLastEntry() {
    LedgerStorage storage = storage();
    assertThat(storage.head()).isEmpty();
    Ledger ledger = Ledger.create(storage, BUDGET);
    assertThat(storage.head()).contains(ledger.head());
    ledger.spend("task", 0, EVENT);
    assertThat(storage.head()).contains(ledger.head());
  }
}
