package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Folding and taking masks off both add to the sum, on any threads and in any order; the result
 * waits for the last of both.
 */
class LateFoldTest {

  /** Holds every fold back until all masks are off. */
  private static final class SlowFolds implements Machine {
    private final Machine server;
    private final List<Effect> folds = new ArrayList<>();
    private int unmasking;
    private boolean finishedEarly;

    SlowFolds(Machine server) {
      this.server = server;
    }

    @Override
    public List<Effect> on(Instant now, Event event) {
      List<Effect> effects = new ArrayList<>();
      for (Effect effect : server.on(now, event)) {
        if (effect instanceof Effect.Run run && run.job().startsWith("fold/")) {
          folds.add(run);
          continue;
        }
        finishedEarly |= effect instanceof Effect.Finish && !folds.isEmpty();
        unmasking += effect instanceof Effect.Run run && run.job().startsWith("unmask/") ? 1 : 0;
        effects.add(effect);
      }
      if (event instanceof Event.Ran ran
          && ran.job().startsWith("unmask/")
          && --unmasking == 0
          && !finishedEarly) {
        effects.addAll(folds);
        folds.clear();
      }
      return effects;
    }
  }

  @Test
  void run_foldsEndAfterTheMasksAreOff_sumIsThePlainSum() {
    SumParameters parameters =
        SumParameters.derive("sa1", Mode.MALICIOUS, 10, 0, 0, 2, 0, 32, 1000);
    SumWorld world = new SumWorld(new Sa1(), parameters, 1);
    SlowFolds slow = new SlowFolds(world.server);
    world.server = slow;

    SumResult.RingSum sum = (SumResult.RingSum) world.run();

    assertThat(slow.finishedEarly).isFalse();
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
  }
}
