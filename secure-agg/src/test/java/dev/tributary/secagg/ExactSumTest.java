package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.v1.Envelope.KindCase;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sum equals the plain sum over exactly the survivors, whoever drops out and when. */
@Tag("slow")
class ExactSumTest {

  private static final List<KindCase> BEFORE =
      List.of(
          KindCase.ADVERTISE_KEYS,
          KindCase.SHARE_KEYS,
          KindCase.MASKED_INPUT,
          KindCase.SIGNED_SURVIVORS,
          KindCase.UNMASK);

  static LongStream seeds() {
    return LongStream.range(0, 12);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void run_randomDrops_sumIsExact(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Mode mode = random.nextInt(3) == 0 ? Mode.CURIOUS : Mode.MALICIOUS;
    int n = 3 + random.nextInt(38);
    SumParameters all = SumParameters.derive("sa1", mode, n, 0, 0, 2, 0, 32, 1);
    double loss = all.toleratedLoss() == 0 ? 0 : (double) all.toleratedLoss() / n;
    SumParameters parameters =
        SumParameters.derive(
            "sa1",
            mode,
            n,
            0,
            Math.floor(loss * 1000) / 1000,
            2,
            0,
            8 + random.nextInt(25),
            1 + random.nextInt(random.nextBoolean() ? 50 : 20_000));
    SumWorld world = new SumWorld(new Sa1(), parameters, seed);
    if (random.nextBoolean()) {
      world.inputsFirst();
    }
    if (random.nextBoolean()) {
      world.declaringDrops();
    }
    int drops = random.nextInt(n - parameters.floor() + 1);
    BitSet expected = new BitSet();
    expected.set(0, n);
    for (int d = 0; d < drops; d++) {
      int client = random.nextInt(n);
      KindCase before = BEFORE.get(random.nextInt(BEFORE.size()));
      world.drop(client, before);
      expected.set(client, BEFORE.indexOf(before) > 2);
    }
    SumResult result = world.run();
    assertThat(result)
        .as("seed %s, clients %s", seed, java.util.Arrays.toString(world.results))
        .isInstanceOf(SumResult.RingSum.class);
    SumResult.RingSum sum = (SumResult.RingSum) result;
    assertThat(sum.survivors()).isEqualTo(expected);
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void run_plainSum_sumIsExact(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = 3 + random.nextInt(20);
    SumParameters parameters =
        SumParameters.derive(
            InsecurePlainSum.ID,
            Mode.CURIOUS,
            n,
            0,
            0.3,
            2,
            0,
            8 + random.nextInt(25),
            1 + random.nextInt(20_000));
    SumWorld world = new SumWorld(new InsecurePlainSum(), parameters, seed);
    if (n > 5) {
      world.drop(random.nextInt(n), KindCase.MASKED_INPUT);
    }
    SumResult.RingSum sum = (SumResult.RingSum) world.run();
    assertThat(sum.survivors().cardinality()).isEqualTo(n > 5 ? n - 1 : n);
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
  }
}
