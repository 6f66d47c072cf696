package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A budget rises by its operator's signature alone, and the rise stays in the chain. */
final class LedgerRaiseTest {
  private static final PrivacyEvent EVENT = new PrivacyEvent.Gaussian(2);

  private final InMemoryLedgerStorage storage = new InMemoryLedgerStorage();
  private KeyPair operator;
  private Budget budget;

  @BeforeEach
  void key() throws GeneralSecurityException {
    operator = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = operator.getPublic().getEncoded();
    String hex = HexFormat.of().formatHex(encoded, encoded.length - 32, encoded.length);
    budget = new Budget("phones", Unit.USER, Relation.ZERO_OUT, 4, 1e-5, hex);
  }

  private static UnaryOperator<byte[]> signer(PrivateKey key) {
    return message -> {
      try {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(key);
        signature.update(message);
        return signature.sign();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  @Test
  void raise_signed_letsGoOn_andStaysInTheChain() {
    Ledger ledger = Ledger.create(storage, budget);
    ledger.reserve("task", 0, EVENT, 1);
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> Ledger.open(storage, budget).reserve("other", 0, EVENT, 2));
    ledger.raise(9, "the ethics board agreed", signer(operator.getPrivate()));
    assertThat(ledger.budget()).isEqualTo(budget.withEpsilon(9));
    Ledger opened = Ledger.open(storage, budget.withEpsilon(9));
    opened.reserve("other", 0, EVENT, 2);
    LedgerHistory history = LedgerHistory.of(storage.load());
    assertThat(history.opened()).isEqualTo(budget);
    assertThat(history.budget().epsilon()).isEqualTo(9);
    assertThat(history.raises())
        .containsExactly(new LedgerHistory.Raise(9, "the ethics board agreed"));
  }

  @Test
  void raise_unsignedByTheOperator_isRefused_andRecordsNothing() throws GeneralSecurityException {
    Ledger ledger = Ledger.create(storage, budget);
    LedgerHead before = ledger.head();
    PrivateKey other = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate();
    for (UnaryOperator<byte[]> sign :
        List.<UnaryOperator<byte[]>>of(
            message -> new byte[0], message -> new byte[64], signer(other))) {
      assertThatExceptionOfType(OperatorException.class)
          .isThrownBy(() -> ledger.raise(9, "why", sign))
          .withMessageContaining("not signed by its operator");
    }
    UnaryOperator<byte[]> good = signer(operator.getPrivate());
    for (double epsilon : new double[] {4, 3, Double.POSITIVE_INFINITY, Double.NaN}) {
      assertThatExceptionOfType(OperatorException.class)
          .isThrownBy(() -> ledger.raise(epsilon, "why", good))
          .withMessageContaining("finite epsilon above");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> ledger.raise(9, " ", good));
    assertThat(ledger.head()).isEqualTo(before);
    assertThat(storage.load()).hasSize(1);
  }

  @Test
  void raise_ofALedgerWithoutOperator_isRefused() {
    Budget nobody = new Budget("phones", Unit.USER, Relation.ZERO_OUT, 4, 1e-5);
    Ledger ledger = Ledger.create(storage, nobody);
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> ledger.raise(9, "why", signer(operator.getPrivate())))
        .withMessageContaining("names no operator");
  }

  /** Entries with sound hashes but another epsilon, signer, place or population. */
  @Test
  void open_ofARiseThatTheOperatorDidNotSignHere_isDamage() {
    Ledger ledger = Ledger.create(storage, budget);
    ledger.raise(9, "why", signer(operator.getPrivate()));
    LedgerEntry good = storage.load().get(1);
    assertThat(Ledger.open(storage).budget().epsilon()).isEqualTo(9);

    String dearer = good.content().replace("epsilon=0x1.2p3", "epsilon=0x1.3p3");
    assertThat(dearer).isNotEqualTo(good.content());
    refused(storage.load().subList(0, 1), dearer);

    String unsigned = good.content().replaceAll("signature=.*", "signature=");
    refused(storage.load().subList(0, 1), unsigned);

    // The same rise a second time, later in the same chain.
    ledger.reserve("task", 0, EVENT, 1);
    refused(storage.load(), good.content());

    InMemoryLedgerStorage elsewhere = new InMemoryLedgerStorage();
    Ledger.create(
        elsewhere, new Budget("tablets", Unit.USER, Relation.ZERO_OUT, 4, 1e-5, budget.operator()));
    refused(elsewhere.load(), good.content());
  }

  private static void refused(List<LedgerEntry> before, String content) {
    List<LedgerEntry> entries = new ArrayList<>(before);
    LedgerEntry last = entries.get(entries.size() - 1);
    entries.add(LedgerEntry.link(last.index() + 1, last.hash(), content));
    InMemoryLedgerStorage forged = new InMemoryLedgerStorage();
    entries.forEach(forged::append);
    assertThatExceptionOfType(LedgerDamagedException.class)
        .as(content)
        .isThrownBy(() -> Ledger.open(forged));
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(() -> LedgerHistory.of(entries));
  }
}
