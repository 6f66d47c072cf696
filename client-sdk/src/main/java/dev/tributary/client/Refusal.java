package dev.tributary.client;

import java.util.Objects;

/**
 * Why a client will not take part in a round: a code for counters and a sentence for people. Both
 * go to the coordinator, so neither says anything about the client's data.
 */
public record Refusal(String code, String reason) {
  /** Refuses nulls. */
  public Refusal {
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(reason, "reason");
  }

  @Override
  public String toString() {
    return code + ": " + reason;
  }
}
