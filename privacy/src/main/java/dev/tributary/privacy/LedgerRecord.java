package dev.tributary.privacy;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * What one entry of a ledger says. The text is {@code kind key=value key=value}, values
 * percent-encoded, keys in a fixed order, so that a record has one text.
 */
sealed interface LedgerRecord {
  String content();

  /** The first entry: what the ledger guards. */
  record Opened(Budget budget) implements LedgerRecord {
    @Override
    public String content() {
      return "opened population="
          + encode(budget.population())
          + " unit="
          + budget.unit()
          + " relation="
          + budget.relation()
          + " epsilon="
          + Double.toHexString(budget.epsilon())
          + " delta="
          + Double.toHexString(budget.delta())
          + (budget.operator().isEmpty() ? "" : " operator=" + budget.operator());
    }
  }

  /**
   * The operator raised the budget.
   *
   * @param epsilon the new one
   * @param after hash of the entry before: the signature is good at this place of this chain alone
   * @param signature Ed25519 of {@link #message()}, hexadecimal
   */
  record Raised(double epsilon, String after, String reason, String signature)
      implements LedgerRecord {
    private static final String LABEL = "tributary/ledger-raise";

    @Override
    public String content() {
      return unsigned() + " signature=" + encode(signature);
    }

    private String unsigned() {
      return "raised epsilon="
          + Double.toHexString(epsilon)
          + " after="
          + encode(after)
          + " reason="
          + encode(reason);
    }

    /** What the operator signs. */
    byte[] message() {
      return OperatorSignature.message(LABEL, unsigned());
    }

    /**
     * @throws OperatorException if it is not the operator's, or raises nothing
     */
    void check(Budget budget) {
      if (budget.operator().isEmpty()) {
        throw new OperatorException(
            "the ledger of "
                + budget.population()
                + " names no operator, so nobody may raise its budget. Name one where a ledger"
                + " begins");
      }
      if (!(epsilon > budget.epsilon()) || Double.isInfinite(epsilon)) {
        throw new OperatorException(
            "a budget is raised to a finite epsilon above its "
                + budget.epsilon()
                + ", was "
                + epsilon);
      }
      if (!OperatorSignature.verifies(budget.operator(), message(), signature)) {
        throw new OperatorException(
            "the rise of the budget of "
                + budget.population()
                + " to "
                + epsilon
                + " is not signed by its operator "
                + budget.operator());
      }
    }
  }

  /** Leave to run a round. */
  record Reserved(Round round, PrivacyEvent event, int participations) implements LedgerRecord {
    public Reserved {
      Checks.atLeast("participations", 1, participations);
    }

    @Override
    public String content() {
      return "reserved "
          + round
          + " event="
          + encode(event.canonical())
          + " participations="
          + participations;
    }
  }

  /** One unmasking answer has reached the coordinator. */
  record Seen(Round round) implements LedgerRecord {
    @Override
    public String content() {
      return "seen " + round;
    }
  }

  /** The model of the round is out. */
  record Committed(Round round) implements LedgerRecord {
    @Override
    public String content() {
      return "committed " + round;
    }
  }

  /** The round ended without a model. */
  record Cancelled(Round round, String reason) implements LedgerRecord {
    @Override
    public String content() {
      return "cancelled " + round + " reason=" + encode(reason);
    }
  }

  /** A client took part once. */
  record Spent(Round round, PrivacyEvent event) implements LedgerRecord {
    @Override
    public String content() {
      return "spent " + round + " event=" + encode(event.canonical());
    }
  }

  /** A round of a task. */
  record Round(String task, int number) {
    public Round {
      Checks.notBlank("task", task);
      Checks.atLeast("round", 0, number);
    }

    @Override
    public String toString() {
      return "task=" + encode(task) + " round=" + number;
    }
  }

  /**
   * Reads {@link #content()}.
   *
   * @throws IllegalArgumentException if the text is not exactly the text of a record
   */
  static LedgerRecord parse(String content) {
    LedgerRecord record = read(new Words(content));
    if (!record.content().equals(content)) {
      throw new IllegalArgumentException("not the text of a ledger record: " + content);
    }
    return record;
  }

  private static LedgerRecord read(Words words) {
    String kind = words.next();
    if (kind.equals("opened")) {
      return new Opened(
          new Budget(
              words.value("population"),
              Unit.valueOf(words.value("unit")),
              Relation.valueOf(words.value("relation")),
              Double.parseDouble(words.value("epsilon")),
              Double.parseDouble(words.value("delta")),
              words.more() ? words.value("operator") : ""));
    }
    if (kind.equals("raised")) {
      return new Raised(
          Double.parseDouble(words.value("epsilon")),
          words.value("after"),
          words.value("reason"),
          words.value("signature"));
    }
    Round round = new Round(words.value("task"), Integer.parseInt(words.value("round")));
    return switch (kind) {
      case "reserved" ->
          new Reserved(
              round,
              PrivacyEvent.parse(words.value("event")),
              Integer.parseInt(words.value("participations")));
      case "seen" -> new Seen(round);
      case "committed" -> new Committed(round);
      case "cancelled" -> new Cancelled(round, words.value("reason"));
      case "spent" -> new Spent(round, PrivacyEvent.parse(words.value("event")));
      default -> throw new IllegalArgumentException("unknown kind of ledger record: " + kind);
    };
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The words of a record, one after the other. */
  final class Words {
    private final String[] words;
    private int next;

    Words(String content) {
      words = content.split(" ", -1);
    }

    String next() {
      if (next == words.length) {
        throw new IllegalArgumentException("a ledger record ends too early");
      }
      return words[next++];
    }

    boolean more() {
      return next < words.length;
    }

    String value(String key) {
      String word = next();
      if (!word.startsWith(key + "=")) {
        throw new IllegalArgumentException("expected " + key + " in a ledger record, was " + word);
      }
      return URLDecoder.decode(word.substring(key.length() + 1), StandardCharsets.UTF_8);
    }
  }
}
