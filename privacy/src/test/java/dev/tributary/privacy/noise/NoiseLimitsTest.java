package dev.tributary.privacy.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.privacy.BitStream;
import dev.tributary.privacy.ChiSquare;
import dev.tributary.privacy.Seeds;
import dev.tributary.privacy.noise.Pmf.Cells;
import java.lang.reflect.Field;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Edges of the samplers' inputs, and their shape from few draws: {@link IntegerNoiseTest} has the
 * many. Keys are fixed; for a fresh one the chi-squares here raise a false alarm with probability
 * below 1e-6 (40 comparisons at 1e-8).
 */
final class NoiseLimitsTest {
  private static final int DRAWS = 20_000;

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 4, 31.9, 33.3, 100, 1e4})
  void samplers_fitTheirDistributions(double sigma) {
    assertFits(IntegerNoise.discreteGaussian(sigma), Pmf.gaussian(sigma), DRAWS);
    assertFits(IntegerNoise.discreteLaplace(sigma), Pmf.laplace(sigma), DRAWS);
    if (sigma <= 100) {
      assertFits(IntegerNoise.skellam(sigma * sigma), Pmf.skellam(sigma * sigma), DRAWS);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 4, 33.3})
  void oracles_fitTheirDistributions(double sigma) {
    assertFits(new CanonneKamathSteinke(sigma), Pmf.gaussian(sigma), 4000);
    assertFits(Oracles.laplace(sigma), Pmf.laplace(sigma), 4000);
  }

  private static void assertFits(IntegerNoise noise, Pmf pmf, int draws) {
    Cells cells = pmf.cells(1.0 / 32);
    long[] seen = new long[cells.masses().length];
    BitStream bits = Seeds.noise(31).open("draws");
    for (int i = 0; i < draws; i++) {
      seen[cells.of(noise.sample(bits))]++;
    }
    double[] expected = Arrays.stream(cells.masses()).map(mass -> mass * draws).toArray();
    assertThat(ChiSquare.statistic(seen, expected))
        .isLessThan(ChiSquare.limit(Math.max(1, seen.length - 1), 1e-8));
  }

  @Test
  void selfTest_findsNothingHere() {
    assertThat(SelfTest.run()).isEmpty();
  }

  @Test
  void misfit_isTheChiSquareOfSixteenCells() {
    double sigma = 2.5;
    double misfit =
        SelfTest.misfit(
            new TwoLevelGaussian(sigma),
            sigma,
            k -> Math.exp(-0.5 * k * k / (sigma * sigma)),
            new byte[32]);
    long[] seen = new long[16];
    double[] expected = new double[16];
    AesCtrStream stream = new AesCtrStream(new byte[32]);
    IntegerNoise noise = new TwoLevelGaussian(sigma);
    for (int i = 0; i < 1 << 14; i++) {
      seen[cell(noise.sample(stream) / sigma)]++;
    }
    Pmf pmf = Pmf.gaussian(sigma);
    for (int k = 1 - pmf.size(); k < pmf.size(); k++) {
      expected[cell(k / sigma)] += pmf.at(k) * (1 << 14);
    }
    assertThat(misfit).isCloseTo(ChiSquare.statistic(seen, expected), within(1e-6));
  }

  private static int cell(double x) {
    int half = (int) Math.floor(2 * x);
    return half < -8 ? 0 : half > 7 ? 15 : half + 8;
  }

  @Test
  void gaussian_goesOverToIntegersAtTwoToThe30() {
    assertThat(IntegerNoise.discreteGaussian(0x1p30)).isInstanceOf(CanonneKamathSteinke.class);
    assertThat(IntegerNoise.discreteGaussian(Math.nextDown(0x1p30)))
        .isInstanceOf(TwoLevelGaussian.class);
    assertThatIllegalArgumentException().isThrownBy(() -> new TwoLevelGaussian(0x1p30));
    assertThatIllegalArgumentException().isThrownBy(() -> new TwoLevelLaplace(0x1p30));
    new TwoLevelLaplace(Math.nextDown(0x1p30));
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new CanonneKamathSteinke(bad))
          .withMessage("sigma must be > 0 and finite, was " + bad);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new TwoLevelGaussian(bad))
          .withMessage("sigma must be > 0 and < 2^30, was " + bad);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new TwoLevelLaplace(bad))
          .withMessage("scale must be > 0 and < 2^30, was " + bad);
    }
  }

  @Test
  void skellam_fromTwoToTheMinus10_toTwoToThe28() {
    new TabledSkellam(0x1p-10);
    new TabledSkellam(0x1p28);
    for (double bad : new double[] {Math.nextDown(0x1p-10), Math.nextUp(0x1p28), Double.NaN}) {
      assertThatIllegalArgumentException().isThrownBy(() -> new TabledSkellam(bad));
    }
  }

  @Test
  void laplaceWeights_areAGeometricSeries() {
    CumulativeTable table = new CumulativeTable(Weights.laplace(3));
    double total = 0;
    for (int x = table.size() - 1; x >= 0; x--) {
      total += Math.exp(-x / 3.0);
    }
    double cumulative = 0;
    for (int x = 0; x < table.size() - 1; x++) {
      cumulative += Math.exp(-x / 3.0);
      assertThat(table.threshold(x) * 0x1p-63).isCloseTo(cumulative / total, within(1e-14));
    }
    assertThat(total - cumulative).as("what is left out").isLessThan(0x1p-120);
  }

  @Test
  void coins_comeFromTheLowestBit_andWordsAreUsedUp() {
    ScriptedBits bits = new ScriptedBits(0b1011, -1);
    IntegerCoins coins = new IntegerCoins(bits);
    boolean[] first = {coins.next(), coins.next(), coins.next(), coins.next()};
    assertThat(first).containsExactly(true, true, false, true);
    for (int i = 4; i < 64; i++) {
      assertThat(coins.next()).as("bit %s", i).isFalse();
    }
    assertThat(bits.used()).isOne();
    assertThat(coins.next()).isTrue();
    assertThat(bits.used()).isEqualTo(2);
  }

  @Test
  void below_takesTheLowBits_andDrawsAgainFromTheBoundOn() {
    IntegerCoins coins = new IntegerCoins(new ScriptedBits(5, 6, 7, 4));
    BigInteger bound = BigInteger.valueOf(6);
    assertThat(coins.below(bound)).isEqualTo(5);
    assertThat(coins.below(bound)).as("6 and 7 are refused").isEqualTo(4);
    BigInteger wide = BigInteger.ONE.shiftLeft(100);
    coins = new IntegerCoins(new ScriptedBits(3, 1L << 36 | 2));
    // The first word is the low one; 2^100 has 101 bits.
    assertThat(coins.below(wide.shiftLeft(1)))
        .isEqualTo(
            BigInteger.ONE
                .shiftLeft(100)
                .add(BigInteger.valueOf(2).shiftLeft(64))
                .add(BigInteger.valueOf(3)));
  }

  @Test
  void below_aBoundOf64Bits_takesOneWord() {
    ScriptedBits bits = new ScriptedBits(-2);
    BigInteger bound = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    assertThat(new IntegerCoins(bits).below(bound)).isEqualTo(bound.subtract(BigInteger.ONE));
  }

  /** Normal approximation at 6 standard errors: 2e-9 each. */
  @Test
  void bernoulliExp_beyondOne() {
    IntegerCoins coins = new IntegerCoins(Seeds.noise(5).open("coins"));
    for (long n : new long[] {0, 1, 2, 4, 5}) {
      double p = Math.exp(-n / 2.0);
      int seen = 0;
      for (int i = 0; i < DRAWS; i++) {
        seen += coins.bernoulliExp(BigInteger.valueOf(n), BigInteger.TWO) ? 1 : 0;
      }
      assertThat((double) seen)
          .as("exp(-%s / 2)", n)
          .isCloseTo(p * DRAWS, within(6 * Math.sqrt(DRAWS * p * (1 - p)) + 0.5));
    }
  }

  @Test
  void exp_ofANegativeFraction_isRefused() {
    BigInteger one = BigInteger.ONE;
    for (BigInteger bad : new BigInteger[] {BigInteger.ZERO, one.negate()}) {
      assertThatIllegalArgumentException().isThrownBy(() -> ExactExp.negative(one, bad, 64));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> ExactExp.negative(one.negate(), one, 64));
  }

  @Test
  void keyedNoise_isHmacOfNumberAndPurpose() throws Exception {
    byte[] master = new byte[32];
    master[3] = 7;
    KeyedNoise keyed = new KeyedNoise(master);
    long number = 0x0102030405060708L;
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(master, "HmacSHA256"));
    mac.update("tributary/noise\0".getBytes(StandardCharsets.UTF_8));
    mac.update(ByteBuffer.allocate(8).putLong(number).array());
    byte[] key = mac.doFinal("purpose".getBytes(StandardCharsets.UTF_8));
    assertThat(keyed.open(number, "purpose").nextLong())
        .isEqualTo(new AesCtrStream(key).nextLong());
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyedNoise(new byte[31]));
  }

  @Test
  void secureNoise_opensAnotherStreamEachTime() {
    SecureNoise noise = SecureNoise.create();
    long one = noise.open("a").nextLong();
    assertThat(noise.open("a").nextLong()).isNotEqualTo(one);
    assertThat(SecureNoise.create().open("a").nextLong()).isNotEqualTo(one);
    assertThat(noise).hasToString("SecureNoise[redacted]");
  }

  @Test
  void stream_closedOrGrown_holdsNoWordsOfBefore() throws Exception {
    AesCtrStream stream = new AesCtrStream(new byte[32]);
    AesCtrStream same = new AesCtrStream(new byte[32]);
    stream.nextLong();
    byte[] first = buffer(stream);
    assertThat(first).isNotEqualTo(new byte[1024]);
    for (int i = 1; i < 129; i++) {
      stream.nextLong();
    }
    assertThat(first).isEqualTo(new byte[1024]);
    byte[] second = buffer(stream);
    assertThat(second).hasSize(4096);
    stream.close();
    assertThat(second).isEqualTo(new byte[4096]);
    for (int i = 0; i < 640; i++) {
      same.nextLong();
    }
    assertThat(stream.nextLong()).as("after the bytes that were made").isEqualTo(same.nextLong());
    assertThat(buffer(stream)).hasSize(16_384);
    for (int i = 0; i < 5000; i++) {
      stream.nextLong();
    }
    assertThat(buffer(stream)).as("the largest").hasSize(16_384);
  }

  private static byte[] buffer(AesCtrStream stream) throws ReflectiveOperationException {
    Field field = AesCtrStream.class.getDeclaredField("buffer");
    field.setAccessible(true);
    return (byte[]) field.get(stream);
  }
}
