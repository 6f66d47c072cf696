package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A statement about a ledger holds for that ledger alone, and for its signer alone. */
final class LedgerClaimTest {
  private static final Budget BUDGET = new Budget("phones", Unit.USER, Relation.ZERO_OUT, 4, 1e-5);
  private static final PrivacyEvent EVENT = new PrivacyEvent.Gaussian(4);

  /** One round released, one seen and given up, one open: all five numbers differ. */
  private static LedgerHistory history(Budget budget) {
    InMemoryLedgerStorage storage = new InMemoryLedgerStorage();
    Ledger ledger = Ledger.create(storage, budget);
    for (int round = 1; round <= 3; round++) {
      ledger.reserve("task", round, EVENT, round);
      if (round == 1) {
        ledger.commit("task", 1);
      } else if (round == 2) {
        ledger.coordinatorSaw("task", 2);
        ledger.cancel("task", 2, "lost");
      }
    }
    return LedgerHistory.of(storage.load());
  }

  private static LedgerClaim with(LedgerClaim c, int changed, double factor) {
    double[] n = {c.budget(), c.delta(), c.released(), c.coordinatorView(), c.reservedWorstCase()};
    n[changed] *= factor;
    return new LedgerClaim(
        c.population(), c.unit(), c.relation(), n[0], n[1], n[2], n[3], n[4], c.head());
  }

  @Test
  void contradiction_ofTheTruth_isNone() {
    LedgerHistory history = history(BUDGET);
    LedgerClaim claim = LedgerClaim.of(history);
    assertThat(claim.contradiction(history)).isEmpty();
    assertThat(List.of(claim.released(), claim.coordinatorView(), claim.reservedWorstCase()))
        .containsExactly(
            history.released().epsilon(),
            history.coordinatorView().epsilon(),
            history.reservedWorstCase().epsilon())
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(claim.budget()).isEqualTo(4);
    assertThat(claim.delta()).isEqualTo(1e-5);
    assertThat(claim.head()).isEqualTo(history.head());
  }

  @Test
  void contradiction_ofAnyNumberThatIsOff_isNamed() {
    LedgerHistory history = history(BUDGET);
    LedgerClaim claim = LedgerClaim.of(history);
    String[] names = {"budget is", "delta is", "released epsilon is", "view is", "worst case is"};
    for (int i = 0; i < names.length; i++) {
      assertThat(with(claim, i, 1 + 1e-10).contradiction(history)).as(names[i]).isEmpty();
      assertThat(with(claim, i, 1 - 1e-10).contradiction(history)).as(names[i]).isEmpty();
      for (double factor : new double[] {1 + 1e-8, 1 - 1e-8, 2, 0, -1, Double.NaN}) {
        assertThat(with(claim, i, factor).contradiction(history).orElseThrow())
            .contains(names[i])
            .contains("stated was");
      }
    }
  }

  @Test
  void contradiction_ofAnotherLedger_isNamed() {
    LedgerHistory history = history(BUDGET);
    LedgerClaim c = LedgerClaim.of(history);
    LedgerHead head = new LedgerHead(c.head().index(), "0".repeat(64));
    assertThat(claim("phones", c.unit(), c.relation(), c, head).contradiction(history))
        .hasValueSatisfying(text -> assertThat(text).startsWith("the head is"));
    for (LedgerClaim other :
        List.of(
            claim("tablets", c.unit(), c.relation(), c, c.head()),
            claim("phones", Unit.EXAMPLE, c.relation(), c, c.head()),
            claim("phones", c.unit(), Relation.REPLACE_ONE, c, c.head()))) {
      assertThat(other.contradiction(history))
          .hasValueSatisfying(text -> assertThat(text).startsWith("the ledger is of phones"));
    }
  }

  private static LedgerClaim claim(
      String population, Unit unit, Relation relation, LedgerClaim c, LedgerHead head) {
    return new LedgerClaim(
        population,
        unit,
        relation,
        c.budget(),
        c.delta(),
        c.released(),
        c.coordinatorView(),
        c.reservedWorstCase(),
        head);
  }

  @Test
  void signedBy_holdsForThisClaimKeyAndSignatureAlone() throws GeneralSecurityException {
    LedgerClaim claim = LedgerClaim.of(history(BUDGET));
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = pair.getPublic().getEncoded();
    String key = HexFormat.of().formatHex(encoded, encoded.length - 32, encoded.length);
    Signature signer = Signature.getInstance("Ed25519");
    signer.initSign(pair.getPrivate());
    signer.update(claim.message());
    String signature = HexFormat.of().formatHex(signer.sign());

    assertThat(claim.signedBy(key, signature)).isTrue();
    for (int i = 0; i < 5; i++) {
      assertThat(with(claim, i, 2).signedBy(key, signature)).isFalse();
    }
    assertThat(claim.signedBy(key, "00".repeat(64))).isFalse();
    assertThat(claim.signedBy(key, signature.substring(2))).isFalse();
    assertThat(claim.signedBy(key, signature + "00")).isFalse();
    assertThat(claim.signedBy("ff".repeat(32), signature)).isFalse();
    assertThat(claim.signedBy(key.substring(2), signature)).isFalse();
    assertThat(claim.signedBy("no key", signature)).isFalse();
  }

  @Test
  void entries_areThoseThatWereRead() {
    LedgerHistory history = history(BUDGET);
    assertThat(LedgerHistory.of(history.entries()).head()).isEqualTo(history.head());
    assertThat(history.entries()).hasSize(7);
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(() -> LedgerHistory.of(history.entries().subList(1, 7)));
  }
}
