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
 * Folding and taking masks off both write the sum, on any threads: no mask may come off before the
 * last input is in.
 */
class LateFoldTest {

  /** Holds every fold back until the secrets have been recovered. */
  private static final class SlowFolds implements Machine {
    private final Machine server;
    private final List<Effect> folds = new ArrayList<>();
    private boolean early;

    SlowFolds(Machine server) {
      this.server = server;
    }

    @Override
    public List<Effect> on(Instant now, Event event) {
      List<Effect> effects = new ArrayList<>();
      for (Effect effect : server.on(now, event)) {
        if (effect instanceof Effect.Run run && run.job().startsWith("fold/")) {
          folds.add(run);
        } else {
          early |=
              effect instanceof Effect.Run run
                  && run.job().startsWith("unmask/")
                  && !folds.isEmpty();
          effects.add(effect);
        }
      }
      if (event instanceof Event.Ran ran && ran.job().equals("recover")) {
        effects.addAll(folds);
        folds.clear();
      }
      return effects;
    }
  }

  @Test
  void run_foldsEndAfterRecovery_masksComeOffAfterTheFolds() {
    SumParameters parameters =
        SumParameters.derive("sa1", Mode.MALICIOUS, 10, 0, 0, 2, 0, 32, 1000);
    SumWorld world = new SumWorld(new Sa1(), parameters, 1);
    SlowFolds slow = new SlowFolds(world.server);
    world.server = slow;

    SumResult.RingSum sum = (SumResult.RingSum) world.run();

    assertThat(slow.early).isFalse();
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
  }
}
