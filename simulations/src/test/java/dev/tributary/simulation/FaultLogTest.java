package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.client.round.ClientOutcome;
import org.junit.jupiter.api.Test;

class FaultLogTest {
  /** What a client says of its data and its machine alone tells a researcher what to change. */
  @Test
  void firstDecline_isThatOfAnOfferOrOfATraining_andNoLostRound() {
    FaultLog log = new FaultLog();
    log.ended(1, outcome(ClientOutcome.Kind.ABORTED, "deadline"));
    log.ended(2, outcome(ClientOutcome.Kind.CONTRIBUTED, ""));
    assertThat(log.firstDecline()).isNull();
    ClientOutcome failed = outcome(ClientOutcome.Kind.ABORTED, "training-failed");
    log.ended(3, failed);
    log.ended(4, outcome(ClientOutcome.Kind.DECLINED, "policy"));
    assertThat(log.firstDecline()).isEqualTo(failed);
    FaultLog other = new FaultLog();
    ClientOutcome declined = outcome(ClientOutcome.Kind.DECLINED, "policy");
    other.ended(4, declined);
    assertThat(other.firstDecline()).isEqualTo(declined);
  }

  @Test
  void lostRounds_areThoseThatWereSaidToBe() {
    FaultLog log = new FaultLog();
    log.roundLost(3);
    assertThat(log.lost(3)).isTrue();
    assertThat(log.lost(2)).isFalse();
  }

  private static ClientOutcome outcome(ClientOutcome.Kind kind, String code) {
    return new ClientOutcome(kind, "job", 1, code, "for a reason");
  }
}
