package dev.tributary.secagg;

import dev.tributary.secagg.crypto.Masks;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Envelope;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What one round costs each end in CPU time of one thread, and how far the mask pass is from its
 * floor. Arguments: clients, length, rounds (100, 8192, 5 by default).
 */
public final class SumBench {

  private static final int BLOCK = 16384;
  private static final VarHandle ELEMENT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final Map<String, Long> NANOS = new TreeMap<>();

  private SumBench() {}

  public static void main(String[] arguments) throws Exception {
    int n = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
    int length = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 8192;
    int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5;
    for (int round = 0; round < rounds; round++) {
      round(n, length, round);
    }
    masks(100, 8192);
    masks(100, 1_000_000);
  }

  /** CPU time of this thread, so that other work on the machine counts little. */
  private static long cpu() {
    return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void round(int n, int length, int round) {
    SumParameters p = SumParameters.derive("sa1", Mode.MALICIOUS, n, 0.01, 0.15, 2, 0, 22, length);
    SumWorld world = new SumWorld(timed(), p, round);
    for (int lost = 0; lost < n / 20; lost++) {
      world.drop(lost * 7 % n, Envelope.KindCase.MASKED_INPUT);
    }
    NANOS.clear();
    SumResult result = world.run();
    if (!(result instanceof SumResult.RingSum)) {
      throw new IllegalStateException("no sum: " + result);
    }
    StringBuilder line = new StringBuilder();
    long clients = 0;
    long server = 0;
    for (Map.Entry<String, Long> entry : NANOS.entrySet()) {
      boolean client = entry.getKey().startsWith("client");
      double millis = entry.getValue() / 1e6 / (client ? n : 1);
      line.append(String.format(Locale.ROOT, "  %-26s %8.3f ms%n", entry.getKey(), millis));
      clients += client ? entry.getValue() : 0;
      server += client ? 0 : entry.getValue();
    }
    System.out.printf(
        Locale.ROOT,
        "round %d: n=%d d=%d, 5 %% lost: client %.2f ms, server %.1f ms%n%s",
        round,
        n,
        length,
        clients / 1e6 / n,
        server / 1e6,
        line);
  }

  /** SA1 with a stopwatch on every event, by end and kind. */
  private static SumSuite timed() {
    Sa1 suite = new Sa1();
    return new SumSuite() {
      @Override
      public String id() {
        return suite.id();
      }

      @Override
      public List<Step> steps(SumParameters p) {
        return suite.steps(p);
      }

      @Override
      public List<Violation> check(SumParameters p) {
        return suite.check(p);
      }

      @Override
      public Quorum quorum(SumParameters p) {
        return suite.quorum(p);
      }

      @Override
      public Machine open(SumSession session) {
        Machine machine = suite.open(session);
        String end = session.role() == Role.CLIENT ? "client" : "server";
        return (now, event) -> timed(end, machine, now, event);
      }
    };
  }

  private static List<Effect> timed(String end, Machine machine, Instant now, Event event) {
    long from = cpu();
    List<Effect> effects = machine.on(now, event);
    add(end + " " + name(event), cpu() - from);
    List<Effect> wrapped = new ArrayList<>();
    for (Effect effect : effects) {
      if (effect instanceof Effect.Run run) {
        String job = run.job().replaceAll("/.*", "");
        wrapped.add(
            new Effect.Run(
                run.job(),
                () -> {
                  long start = cpu();
                  Object result = run.work().run();
                  add(end + " job " + job, cpu() - start);
                  return result;
                }));
      } else {
        wrapped.add(effect);
      }
    }
    return wrapped;
  }

  private static String name(Event event) {
    return event instanceof Event.Received received
        ? received.message().getKindCase().name()
        : event.getClass().getSimpleName();
  }

  private static void add(String key, long nanos) {
    NANOS.merge(key, nanos, Long::sum);
  }

  private static void masks(int count, int length) throws Exception {
    Random random = new Random(1);
    int[] sum = new int[length];
    double ours = Double.MAX_VALUE;
    double floor = Double.MAX_VALUE;
    for (int attempt = 0; attempt < 15; attempt++) {
      List<Masks.Mask> masks = new ArrayList<>();
      for (int m = 0; m < count; m++) {
        byte[] key = new byte[32];
        random.nextBytes(key);
        masks.add(new Masks.Mask(key, m % 2 == 0));
      }
      long from = cpu();
      Masks.apply(masks, sum, 0, length);
      ours = Math.min(ours, (cpu() - from) / 1e6 / count);
      floor = Math.min(floor, floor(sum, length));
    }
    System.out.printf(
        Locale.ROOT,
        "mask pass, d=%d, %d masks: %.4f ms a mask; raw AES-256-CTR and add: %.4f ms; ratio %.2f%n",
        length,
        count,
        ours,
        floor,
        ours / floor);
  }

  /**
   * One open cipher, blocks of 16 KiB, one tile that never leaves the cache: what the machine gives
   * without any bookkeeping.
   */
  private static double floor(int[] sum, int length) throws Exception {
    Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
    cipher.init(
        Cipher.ENCRYPT_MODE,
        new SecretKeySpec(new byte[32], "AES"),
        new IvParameterSpec(new byte[16]));
    byte[] zeros = new byte[BLOCK];
    byte[] stream = new byte[BLOCK];
    int[] tile = new int[BLOCK / 4];
    int repeats = Math.max(1, 20_000_000 / length);
    long from = cpu();
    for (int repeat = 0; repeat < repeats; repeat++) {
      for (int at = 0; at < length; at += tile.length) {
        int count = Math.min(tile.length, length - at);
        cipher.update(zeros, 0, 4 * count, stream, 0);
        for (int i = 0; i < count; i++) {
          tile[i] += (int) ELEMENT.get(stream, 4 * i);
        }
      }
    }
    sum[0] += tile[0];
    return (cpu() - from) / 1e6 / repeats;
  }
}
