package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.privacy.Charge;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.RdpAccountant;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A client's own limit, over rounds whose noise is correlated. */
final class WholeRunSpendingTest {
  private static final PrivacyEvent.Gaussian GAUSSIAN = new PrivacyEvent.Gaussian(2);
  private static final PrivacyEvent RUN = new PrivacyEvent.WholeRun(20, 4, 5, GAUSSIAN);

  private static Participation participation(String task, int round, PrivacyEvent event) {
    return new Participation("ab".repeat(32), task, round, event);
  }

  @Test
  void mayContribute_countsARunOnce_andEveryTask() {
    double once =
        new RdpAccountant()
            .epsilon(List.of(new Charge(GAUSSIAN, 1)), 1e-5, Unit.USER, Relation.ZERO_OUT)
            .epsilon();
    Policy policy = Policy.atLeast().maximumEpsilon(1.1 * once);
    ClientJournal journal = ClientJournal.inMemory();
    for (int round : new int[] {1, 6, 11}) {
      assertThat(journal.mayContribute(participation("task", round, RUN), policy)).isEmpty();
      journal.contributed(participation("task", round, RUN));
    }
    assertThat(journal.mayContribute(participation("other", 1, RUN), policy))
        .hasValueSatisfying(refusal -> assertThat(refusal.code()).isEqualTo("budget-exhausted"));
    ClientJournal independent = ClientJournal.inMemory();
    independent.contributed(participation("task", 1, GAUSSIAN));
    assertThat(independent.mayContribute(participation("task", 6, GAUSSIAN), policy)).isPresent();
  }
}
