package dev.tributary.privacy;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What somebody states that a ledger amounts to, so that it can be signed, and checked by whoever
 * has the entries. The head's hash fixes every entry.
 *
 * @param budget epsilon that may be spent, with every rise
 * @param released epsilon of the released models
 * @param coordinatorView epsilon of the sums that the coordinator may have seen
 * @param reservedWorstCase epsilon if every open round is released
 */
public record LedgerClaim(
    String population,
    Unit unit,
    Relation relation,
    double budget,
    double delta,
    double released,
    double coordinatorView,
    double reservedWorstCase,
    LedgerHead head) {
  private static final String LABEL = "tributary/ledger-report";

  /** Two machines may differ in the last digits of a logarithm. */
  private static final double TOLERANCE = 1e-9;

  /** What a ledger does amount to. */
  public static LedgerClaim of(LedgerHistory history) {
    Budget budget = history.budget();
    return new LedgerClaim(
        budget.population(),
        budget.unit(),
        budget.relation(),
        budget.epsilon(),
        budget.delta(),
        history.released().epsilon(),
        history.coordinatorView().epsilon(),
        history.reservedWorstCase().epsilon(),
        history.head());
  }

  /** What is signed. */
  public byte[] message() {
    StringBuilder text = new StringBuilder();
    text.append(population.getBytes(StandardCharsets.UTF_8).length)
        .append(':')
        .append(population)
        .append(' ')
        .append(unit)
        .append(' ')
        .append(relation);
    for (double number :
        new double[] {budget, delta, released, coordinatorView, reservedWorstCase}) {
      text.append(' ').append(Double.toHexString(number));
    }
    text.append(' ').append(head.index()).append(' ').append(head.hash());
    return OperatorSignature.message(LABEL, text.toString());
  }

  /**
   * Whether the holder of an Ed25519 key signed this.
   *
   * @param key 64 hex digits
   * @param signature 128 hex digits
   */
  public boolean signedBy(String key, String signature) {
    return OperatorSignature.verifies(key, message(), signature);
  }

  /** The first thing in which this is not what the ledger amounts to, computed anew. */
  public Optional<String> contradiction(LedgerHistory history) {
    LedgerClaim own = of(history);
    if (!head.equals(own.head())) {
      return Optional.of("the head is " + own.head() + ", stated was " + head);
    }
    if (!population.equals(own.population()) || unit != own.unit() || relation != own.relation()) {
      return Optional.of(
          "the ledger is of %s, %s, %s; stated was %s, %s, %s"
              .formatted(own.population, own.unit, own.relation, population, unit, relation));
    }
    String[] names = {
      "budget", "delta", "released epsilon", "epsilon of the coordinator's view", "worst case"
    };
    double[] stated = {budget, delta, released, coordinatorView, reservedWorstCase};
    double[] found = {
      own.budget, own.delta, own.released, own.coordinatorView, own.reservedWorstCase
    };
    for (int i = 0; i < names.length; i++) {
      boolean same =
          stated[i] == found[i] || Math.abs(stated[i] - found[i]) <= TOLERANCE * found[i];
      if (!same) {
        return Optional.of(names[i] + " is " + found[i] + ", stated was " + stated[i]);
      }
    }
    return Optional.empty();
  }
}
