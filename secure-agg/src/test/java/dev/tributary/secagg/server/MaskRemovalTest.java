package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Envelope;
import java.lang.reflect.Field;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The jobs that take masks off: many or few, cut short, and what they leave behind. */
class MaskRemovalTest {

  private static final byte[] NOTHING = new byte[32];

  /** Keeps jobs of one kind instead of running them. */
  private static final class Withheld implements Machine {
    private final Machine server;
    private final String prefix;
    private final List<Effect.Run> jobs = new ArrayList<>();

    Withheld(Machine server, String prefix) {
      this.server = server;
      this.prefix = prefix;
    }

    @Override
    public List<Effect> on(Instant now, Event event) {
      List<Effect> effects = new ArrayList<>();
      for (Effect effect : server.on(now, event)) {
        if (effect instanceof Effect.Run run && run.job().startsWith(prefix)) {
          jobs.add(run);
        } else {
          effects.add(effect);
        }
      }
      return effects;
    }
  }

  private static SumWorld world(int clients, int length) {
    SumParameters p = SumParameters.derive("sa1", Mode.CURIOUS, clients, 0, 0.3, 2, 0, 32, length);
    return new SumWorld(new Sa1(), p, clients).drop(1, Envelope.KindCase.MASKED_INPUT);
  }

  /** One job: the sum is exact. */
  @Test
  void run_inOneJob_sumIsThePlainSum() {
    assertExact(new int[] {4, 100, 1});
  }

  /** Several parts of the masks, several ranges: each sum is exact. */
  @Tag("slow")
  @Test
  void run_anyCutIntoJobs_sumIsThePlainSum() {
    assertExact(new int[] {9, 30_000, 2}, new int[] {4, 600_001, 17});
  }

  private static void assertExact(int[]... cases) {
    for (int[] each : cases) {
      SumWorld world = world(each[0], each[1]);
      List<String> jobs = new ArrayList<>();
      Machine server = world.server;
      world.server =
          (now, event) -> {
            if (event instanceof Event.Ran ran && ran.job().startsWith("unmask/")) {
              jobs.add(ran.job());
            }
            return server.on(now, event);
          };
      SumResult.RingSum sum = (SumResult.RingSum) world.run();
      assertThat(SumWorld.values(sum.sum()))
          .as("n = %d, d = %d", each[0], each[1])
          .isEqualTo(world.plainSum(sum.survivors()));
      assertThat(jobs).as("n = %d, d = %d", each[0], each[1]).hasSize(each[2]);
    }
  }

  @Test
  void stop_whileMasksComeOff_cancelsTheJobsAndClearsTheKeys() throws Exception {
    SumWorld world = world(4, 1000);
    Withheld withheld = new Withheld(world.server, "unmask/");
    Machine sumServer = world.server;
    world.server = withheld;
    assertThat(world.run()).isNull();
    Recovery recovery = recovery(sumServer);
    assertThat(keys(recovery)).isNotEmpty().noneMatch(key -> java.util.Arrays.equals(key, NOTHING));

    List<Effect> effects = sumServer.on(SumWorld.START, new Event.Stop("enough"));

    assertThat(effects.get(effects.size() - 1)).isInstanceOf(Effect.Finish.class);
    assertThat(keys(recovery)).isNotEmpty().allMatch(key -> java.util.Arrays.equals(key, NOTHING));
    for (Effect.Run job : withheld.jobs) {
      assertThatThrownBy(() -> job.work().run()).isInstanceOf(CancellationException.class);
    }
  }

  /** The job that recovers secrets gives up as well, and leaves no key. */
  @Test
  void stop_beforeSecretsAreRecovered_recoversNone() throws Exception {
    SumWorld world = world(4, 1000);
    Withheld withheld = new Withheld(world.server, "recover");
    Machine sumServer = world.server;
    world.server = withheld;
    assertThat(world.run()).isNull();
    Recovery recovery = recovery(sumServer);

    sumServer.on(SumWorld.START, new Event.Stop("enough"));

    assertThat(withheld.jobs).hasSize(1);
    withheld.jobs.get(0).work().run();
    assertThat(keys(recovery)).isEmpty();
    assertThat(recovery.pending().isEmpty()).isFalse();
  }

  @Test
  void result_afterTheSum_leavesNoKey() throws Exception {
    SumWorld world = world(4, 1000);
    Machine server = world.server;
    Recovery[] seen = new Recovery[1];
    world.server =
        (now, event) -> {
          List<Effect> effects = server.on(now, event);
          if (event instanceof Event.Ran ran && ran.job().equals("recover")) {
            seen[0] = recovery(server);
          }
          return effects;
        };
    assertThat(world.run()).isInstanceOf(SumResult.RingSum.class);
    assertThat(keys(seen[0])).isNotEmpty().allMatch(key -> java.util.Arrays.equals(key, NOTHING));
  }

  private static Recovery recovery(Machine server) {
    return (Recovery) field(field(server, "phase"), "recovery");
  }

  private static List<byte[]> keys(Recovery recovery) {
    List<byte[]> keys = new ArrayList<>();
    recovery.masks().forEach(mask -> keys.add((byte[]) field(mask, "key")));
    return keys;
  }

  private static Object field(Object owner, String name) {
    try {
      Field field = owner.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return field.get(owner);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
