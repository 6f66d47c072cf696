package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Envelope.KindCase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The coordinator's end of the sum without protection. Client 2 of five is looked at. */
class PlainServerTest {

  private static final int BAD = 2;
  private static final SumParameters FIVE =
      SumParameters.derive(InsecurePlainSum.ID, Mode.CURIOUS, 5, 0, 0.3, 2, 0, 13, 50);

  private final SumWorld world = new SumWorld(new InsecurePlainSum(), FIVE, 9);

  private void exact(Map<Integer, DropReason> dropped) {
    SumResult.RingSum sum = (SumResult.RingSum) world.run();
    assertThat(sum.dropped()).isEqualTo(dropped);
    assertThat(sum.survivors().cardinality()).isEqualTo(5 - dropped.size());
    assertThat(sum.survivors().get(BAD)).isEqualTo(dropped.isEmpty());
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
    assertThat(sum.steps()).extracting(step -> step.name()).containsExactly("input");
    assertThat(world.server).hasToString("SumServer[EndedPhase]");
  }

  @Test
  void run_all_sumIsThePlainSum() {
    exact(Map.of());
  }

  @Test
  void run_oneSilent_sumIsThatOfTheOthers() {
    world.drop(BAD, KindCase.MASKED_INPUT);
    exact(Map.of(BAD, DropReason.NO_INPUT));
  }

  @Test
  void run_bytesThatAreNotThoseOfTheDigest_areLeftOut() {
    world.network(
        Bend.body(
            BAD,
            bytes -> {
              bytes[3] ^= 1;
              return bytes;
            }));
    exact(Map.of(BAD, DropReason.INVALID_MASKED_INPUT));
  }

  /** The result waits for the last fold. */
  @Test
  void run_foldsAfterTheFreeze_areInTheSum() {
    Machine server = world.server;
    List<Effect.Run> folds = new ArrayList<>();
    world.server =
        (now, event) -> {
          List<Effect> effects = new ArrayList<>();
          for (Effect effect : server.on(now, event)) {
            if (effect instanceof Effect.Run run && run.job().startsWith("fold/")) {
              folds.add(run);
            } else {
              effects.add(effect);
            }
          }
          return effects;
        };
    assertThat(world.run()).as("no fold has ended").isNull();
    assertThat(folds).hasSize(5);
    List<Effect> effects = new ArrayList<>();
    Instant now = SumWorld.START.plus(SumWorld.DEADLINE);
    for (Effect.Run fold : folds) {
      assertThat(effects).isEmpty();
      try {
        effects.addAll(server.on(now, new Event.Ran(fold.job(), fold.work().run())));
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    SumResult.RingSum sum = (SumResult.RingSum) ((Effect.Finish) effects.get(0)).result();
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
  }
}
