package dev.tributary.client.round;

import dev.tributary.client.Refusal;
import java.util.Objects;

/**
 * How a round ended for this client; the result of {@link ClientRound}'s {@code Finish}.
 *
 * @param task the job, empty when the plan could not be read
 * @param round the number of the round, -1 when the plan could not be read
 * @param code why, stable; empty for {@link Kind#CONTRIBUTED}
 * @param reason why, for people
 */
public record ClientOutcome(Kind kind, String task, int round, String code, String reason) {
  /** Refuses nulls. */
  public ClientOutcome {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(reason, "reason");
  }

  /** The three ends that a round can have here. */
  public enum Kind {
    /** The masked input left, and the protocol went on to its end here. */
    CONTRIBUTED,
    /** The client turned the offer down, and said why; nothing of its data was touched. */
    DECLINED,
    /** The round was left on the way. */
    ABORTED
  }

  static ClientOutcome declined(String task, int round, Refusal why) {
    return new ClientOutcome(Kind.DECLINED, task, round, why.code(), why.reason());
  }

  static ClientOutcome aborted(String task, int round, String code, String reason) {
    return new ClientOutcome(Kind.ABORTED, task, round, code, reason);
  }

  static ClientOutcome contributed(String task, int round) {
    return new ClientOutcome(Kind.CONTRIBUTED, task, round, "", "");
  }
}
