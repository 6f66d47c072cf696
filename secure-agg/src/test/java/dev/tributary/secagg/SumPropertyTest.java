package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.secagg.testing.SeedProgress;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.v1.Envelope.KindCase;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whoever drops out, and when, the result is the plain sum over exactly the survivors, or a clean
 * abort where too few are left. The ordinary build runs 1,000 seeds; {@code -Dseeds=a..b} runs
 * others, from a to below b, and with the profile {@code nightly} a run that was broken off goes
 * on.
 */
@Tag("slow")
class SumPropertyTest {

  /** The seven points at which a member may fail. */
  private enum Point {
    BEFORE_ADVERTISE(KindCase.ADVERTISE_KEYS),
    BEFORE_SHARES(KindCase.SHARE_KEYS),
    BEFORE_INPUT(KindCase.MASKED_INPUT),
    BEFORE_SIGNING(KindCase.SIGNED_SURVIVORS),
    BEFORE_ANSWER(KindCase.UNMASK),
    LATE_INPUT(KindCase.KIND_NOT_SET),
    DUPLICATES(KindCase.KIND_NOT_SET);

    private final KindCase dropBefore;

    Point(KindCase dropBefore) {
      this.dropBefore = dropBefore;
    }

    boolean inTheSum() {
      return this == BEFORE_SIGNING || this == BEFORE_ANSWER || this == DUPLICATES;
    }

    boolean lost() {
      return this != DUPLICATES;
    }
  }

  @Test
  void row5_anyDropouts_sumIsExactOrTheRoundIsGivenUp() {
    String others = System.getProperty("seeds");
    String[] range = (others == null ? "0..1000" : others).split("\\.\\.", -1);
    long from = Long.parseLong(range[0]);
    long to = Long.parseLong(range[1]);
    String progress = System.getProperty("seeds.progress");
    List<String> wrong =
        others == null || progress == null
            ? LongStream.range(from, to)
                .parallel()
                .mapToObj(SumPropertyTest::fault)
                .filter(f -> !f.isEmpty())
                .toList()
            : new SeedProgress(Path.of(progress), from, to, SumPropertyTest::fault).run();
    assertThat(wrong).isEmpty();
  }

  /** Log-uniform in 2..60. Neighbouring seeds of {@link java.util.Random} would draw it alike. */
  private static int size(SplittableRandom random) {
    return (int) Math.floor(2 * Math.pow(30.5, random.nextDouble()));
  }

  @Test
  void seeds_ofEveryBuild_coverAllSizes() {
    int[] sizes =
        LongStream.range(0, 1000).mapToInt(seed -> size(new SplittableRandom(seed))).toArray();
    assertThat(sizes).contains(2, 3, 60);
    assertThat(IntStream.of(sizes).distinct().count()).isGreaterThan(55);
    assertThat(IntStream.of(sizes).filter(n -> n <= 10).count()).isBetween(400L, 550L);
  }

  private static String fault(long seed) {
    try {
      check(seed, new SplittableRandom(seed));
      return "";
    } catch (AssertionError | RuntimeException e) {
      return "seed " + seed + ": " + e;
    }
  }

  private static void check(long seed, SplittableRandom random) {
    int n = size(random);
    Mode mode = random.nextInt(3) == 0 ? Mode.CURIOUS : Mode.MALICIOUS;
    int bits = 8 + (int) Math.floorMod(seed, 25L);
    // One round in sixteen, as it takes several times as long, is a post-quantum one.
    Sa1 suite = Sa1.of(Math.floorMod(seed, 16L) == 5 ? Sa1.POST_QUANTUM : Sa1.ID);
    if (n < Topology.FEWEST_CLIENTS) {
      assertThatThrownBy(() -> SumParameters.derive(suite.id(), mode, n, 0, 0, 2, 0, bits, 1))
          .isInstanceOf(SumParametersException.class);
      return;
    }
    Topology topology = Topology.complete(mode, n);
    double dropout = Math.floor(1000.0 * topology.toleratedLoss() / n) / 1000;
    SumParameters parameters =
        SumParameters.derive(suite.id(), mode, n, 0, dropout, 2, 0, bits, 1 + random.nextInt(40));
    SumWorld world = new SumWorld(suite, parameters, seed, random.nextInt(16) == 0);
    if (random.nextBoolean()) {
      world.inputsFirst();
    }
    if (random.nextBoolean()) {
      world.declaringDrops();
    }
    BitSet expected = new BitSet();
    expected.set(0, n);
    BitSet lost = new BitSet();
    BitSet duplicating = new BitSet();
    // One more than the protocol survives, now and then; usually a few.
    int failing = random.nextInt(Math.max(2, Math.min(n, n - parameters.floor() + 2)));
    for (int f = 0; f < failing; f++) {
      int client = random.nextInt(n);
      if (lost.get(client) || duplicating.get(client)) {
        continue;
      }
      Point point = Point.values()[random.nextInt(Point.values().length)];
      expected.set(client, point.inTheSum());
      (point.lost() ? lost : duplicating).set(client);
      if (point == Point.LATE_INPUT) {
        world.lateInput(client);
      } else if (point.lost()) {
        world.drop(client, point.dropBefore);
      }
    }
    world.network(
        (from, send) ->
            duplicating.get(from < 0 ? send.to() : from) ? List.of(send, send) : List.of(send));
    SumResult result = world.run();

    if (result instanceof SumResult.RingSum sum) {
      assertThat(sum.survivors()).isEqualTo(expected);
      assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
      assertThat(sum.wrongShares()).isEmpty();
      assertThat(sum.survivors().cardinality()).isGreaterThanOrEqualTo(parameters.floor());
    } else {
      assertThat(((SumResult.Aborted) result).code()).isEqualTo("NOT_ENOUGH_CLIENTS");
      assertThat(n - lost.cardinality()).isLessThan(parameters.floor());
    }
    for (int client = 0; client < n; client++) {
      if (!lost.get(client)) {
        // Whoever has answered is done, also where the round is given up for want of others.
        assertThat(world.results[client])
            .as("client %d", client)
            .isInstanceOfAny(
                result instanceof SumResult.RingSum
                    ? new Class<?>[] {SumResult.Contributed.class}
                    : new Class<?>[] {SumResult.Contributed.class, SumResult.Aborted.class});
      }
    }
  }
}
