package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WarmUpTest {
  /** 16 members with start, input, roster, shares, survivors, proof; each message is an event. */
  @Test
  void run_goesThroughEveryStep() throws Exception {
    assertThat(WarmUp.run()).isGreaterThan(16 * 11);
  }
}
