package dev.tributary.privacy.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.privacy.BitStream;
import dev.tributary.privacy.ChiSquare;
import dev.tributary.privacy.Seeds;
import dev.tributary.privacy.noise.Pmf.Cells;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Samplers against the exact probabilities and against the integer-only oracles: chi-square, mean
 * and variance. Keys are fixed, so an outcome repeats; for a freshly chosen key the whole suite of
 * correct samplers raises a false alarm with probability below 1e-6: fewer than 60 chi-squares at
 * {@value #FALSE_ALARM} each, and fewer than 75 moments at {@value #STANDARD_ERRORS} standard
 * errors, 2e-9 each by normal approximation.
 */
@Tag("statistical")
final class IntegerNoiseTest {
  private static final double FALSE_ALARM = 1e-8;
  private static final double STANDARD_ERRORS = 6;

  /**
   * At this size a sigma 2 % too small adds about 8e-4 of the draws to chi-square: 480, against a
   * limit near 100; and its variance lies 22 standard errors away.
   */
  private static final int DRAWS = 600_000;

  private static final int ORACLE_DRAWS = 20_000;
  private static final double COARSE = 1.0 / 32;

  /**
   * @param of sampler of a sigma (Laplace: of a scale)
   */
  private record Family(
      String name,
      DoubleFunction<IntegerNoise> of,
      DoubleFunction<IntegerNoise> oracle,
      DoubleFunction<Pmf> pmf) {}

  private record Case(Family family, double sigma) {
    IntegerNoise noise() {
      return family.of().apply(sigma);
    }

    IntegerNoise tooNarrow() {
      return family.of().apply(0.98 * sigma);
    }

    Pmf pmf() {
      return family.pmf().apply(sigma);
    }

    @Override
    public String toString() {
      return family.name() + " " + sigma;
    }
  }

  private static final Family GAUSSIAN =
      new Family("gaussian", IntegerNoise::discreteGaussian, Oracles::gaussian, Pmf::gaussian);
  private static final Family LAPLACE =
      new Family("laplace", IntegerNoise::discreteLaplace, Oracles::laplace, Pmf::laplace);
  private static final Family SKELLAM =
      new Family(
          "skellam",
          sigma -> IntegerNoise.skellam(sigma * sigma),
          sigma -> Oracles.skellam(sigma * sigma),
          sigma -> Pmf.skellam(sigma * sigma));

  /** Skellam at 10^6, thousands of draws for each, has a test of its own. */
  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (double sigma : new double[] {0.5, 1, 4, 100, 1e4, 1e6}) {
      cases.add(new Case(GAUSSIAN, sigma));
      if (sigma <= 1e4) {
        cases.add(new Case(LAPLACE, sigma));
        cases.add(new Case(SKELLAM, sigma));
      }
    }
    cases.add(new Case(LAPLACE, 3e4));
    cases.add(new Case(SKELLAM, 5e4));
    return cases;
  }

  /** Where the oracle of Skellam adds up a few Poisson variables, and the others anywhere. */
  static List<Case> casesWithOracle() {
    return cases().stream().filter(c -> c.family() != SKELLAM || c.sigma() <= 4).toList();
  }

  @DisplayName("P17, P20: noise is drawn on the integers, with their exact probabilities")
  @ParameterizedTest
  @MethodSource("cases")
  void sampler_fitsItsDistribution(Case c) {
    Pmf pmf = c.pmf();
    Cells cells = pmf.cells(COARSE);
    long[] draws = draw(c.noise(), DRAWS, 20);
    assertThat(misfit(draws, cells)).as("%s", c).isLessThan(limit(cells));
    assertMoments(c, draws, pmf);
  }

  @ParameterizedTest
  @MethodSource("casesWithOracle")
  void sampler_fitsItsOracle(Case c) {
    Pmf pmf = c.pmf();
    Cells cells = pmf.cells(COARSE);
    long[] draws = draw(c.noise(), DRAWS, 21);
    long[] oracle = draw(c.family().oracle().apply(c.sigma()), ORACLE_DRAWS, 22);
    assertThat(distance(count(draws, cells), count(oracle, cells)))
        .as("%s", c)
        .isLessThan(limit(cells));
    assertMoments(c, oracle, pmf);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sampler_twoPercentTooNarrow_isNoticed(Case c) {
    Pmf pmf = c.pmf();
    Cells cells = pmf.cells(COARSE);
    long[] draws = draw(c.tooNarrow(), DRAWS, 23);
    assertThat(misfit(draws, cells)).as("%s", c).isGreaterThan(limit(cells));
    assertThat(variance(draws))
        .as("%s", c)
        .isLessThan(pmf.variance() - STANDARD_ERRORS * pmf.varianceError(DRAWS));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.2, 15.9, 31.9, 32, 33.3, 64, 2920.7, 36000.25})
  void discreteGaussian_atTheTurnsOfItsLevels_fitsItsDistribution(double sigma) {
    assertFits(IntegerNoise.discreteGaussian(sigma), Pmf.gaussian(sigma), COARSE);
  }

  /**
   * Every integer is a cell of its own near the centre, so that a fault in the lower level shows.
   */
  @ParameterizedTest
  @ValueSource(doubles = {12, 33.3, 64, 100})
  void discreteGaussian_fitsIntegerByInteger(double sigma) {
    assertFits(IntegerNoise.discreteGaussian(sigma), Pmf.gaussian(sigma), 5e-4);
  }

  /**
   * By the closed form of its distribution function, in 32 cells; and one 2 % too narrow is not.
   */
  @Test
  void discreteLaplace_ofAScaleOfAMillion_fitsItsDistribution() {
    double scale = 1e6;
    int count = 32;
    long[] ends = new long[count];
    double[] masses = new double[count];
    double before = 0;
    for (int i = 0; i < count; i++) {
      double p = (i + 1.0) / count;
      ends[i] =
          (long) Math.floor(p <= 0.5 ? scale * Math.log(2 * p) : -scale * Math.log(2 * (1 - p)));
      double below = i == count - 1 ? 1 : laplaceBelow(ends[i], scale);
      masses[i] = below - before;
      before = below;
    }
    ends[count - 1] = Long.MAX_VALUE;
    Cells cells = new Cells(ends, masses);
    long[] draws = draw(IntegerNoise.discreteLaplace(scale), DRAWS, 26);
    long[] narrow = draw(IntegerNoise.discreteLaplace(0.98 * scale), DRAWS, 27);
    // The variance is 2 b^2, of a kurtosis of 6, each off by less than 1e-12.
    double variance = 2 * scale * scale;
    double error = STANDARD_ERRORS * Math.sqrt(5.0 / DRAWS) * variance;
    assertThat(misfit(draws, cells)).isLessThan(limit(cells));
    assertThat(misfit(narrow, cells)).isGreaterThan(limit(cells));
    assertThat(variance(draws)).isCloseTo(variance, within(error));
    assertThat(variance(narrow)).isLessThan(variance - error);
    assertThat(Arrays.stream(draws).asDoubleStream().sum() / DRAWS)
        .isCloseTo(0, within(STANDARD_ERRORS * Math.sqrt(variance / DRAWS)));
  }

  /** P[X at most k], q = exp(-1 / scale). */
  private static double laplaceBelow(long k, double scale) {
    double q = Math.exp(-1 / scale);
    return k < 0 ? Math.exp(k / scale) / (1 + q) : 1 - Math.exp(-(k + 1) / scale) / (1 + q);
  }

  @ParameterizedTest
  @ValueSource(doubles = {31.9, 33.3, 100})
  void discreteLaplace_fitsIntegerByInteger(double scale) {
    assertFits(IntegerNoise.discreteLaplace(scale), Pmf.laplace(scale), 5e-4);
  }

  /** Those with two levels: |k| = K x + y with K the least power of two above sigma / 32. */
  static List<Case> casesWithLevels() {
    List<Case> cases = new ArrayList<>();
    for (double sigma : new double[] {33.3, 100, 2920.7, 1e4}) {
      cases.add(new Case(GAUSSIAN, sigma));
      cases.add(new Case(LAPLACE, sigma));
    }
    return cases;
  }

  /** The lower level alone, y in eighths of K: a rejection by half its cost adds 100 and more. */
  @ParameterizedTest
  @MethodSource("casesWithLevels")
  void lowerLevel_fitsItsDistribution(Case c) {
    int width = Integer.highestOneBit((int) (c.sigma() / 32)) * 2;
    int cells = Math.min(8, width);
    double[] expected = new double[cells];
    Pmf pmf = c.pmf();
    for (int k = 0; k < pmf.size(); k++) {
      expected[k % width * cells / width] += (k == 0 ? 1 : 2) * pmf.at(k) * DRAWS;
    }
    long[] seen = new long[cells];
    for (long draw : draw(c.noise(), DRAWS, 25)) {
      seen[(int) (Math.abs(draw) % width * cells / width)]++;
    }
    assertThat(ChiSquare.statistic(seen, expected))
        .as("%s", c)
        .isLessThan(ChiSquare.limit(Math.max(1, cells - 1), FALSE_ALARM));
  }

  @ParameterizedTest
  @ValueSource(doubles = {15.9, 100})
  void roundedContinuousGaussian_withoutTheMiddle_isNoticed(double sigma) {
    Cells cells = Pmf.gaussian(sigma).cells(5e-4);
    IntegerNoise exact = IntegerNoise.discreteGaussian(sigma);
    IntegerNoise skewed = bits -> exact.sample(bits) | 1;
    assertThat(misfit(draw(skewed, 100_000, 20), cells)).isGreaterThan(limit(cells));
  }

  /** Skellam variables add up to Skellam variables; 64 of variance 4 to one of variance 256. */
  @Test
  void skellam_isClosedUnderSums() {
    IntegerNoise share = IntegerNoise.skellam(4);
    IntegerNoise sum =
        bits -> {
          long total = 0;
          for (int i = 0; i < 64; i++) {
            total += share.sample(bits);
          }
          return total;
        };
    Cells cells = Pmf.skellam(256).cells(COARSE);
    assertThat(misfit(draw(sum, 60_000, 24), cells)).isLessThan(limit(cells));
  }

  /** Above the reach of tables: mean and variance of 2000 draws. */
  @Test
  void sigmaBeyondTheTables_isDrawnInIntegers() {
    double sigma = 0x1p33;
    IntegerNoise noise = IntegerNoise.discreteGaussian(sigma);
    assertThat(noise).isInstanceOf(CanonneKamathSteinke.class);
    long[] draws = draw(noise, 2000, 3);
    double mean = Arrays.stream(draws).mapToDouble(x -> x / sigma).sum() / draws.length;
    double variance =
        Arrays.stream(draws).mapToDouble(x -> x / sigma * x / sigma).sum() / draws.length;
    assertThat(mean).isCloseTo(0, within(STANDARD_ERRORS / Math.sqrt(draws.length)));
    assertThat(variance).isCloseTo(1, within(STANDARD_ERRORS * Math.sqrt(2.0 / draws.length)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void parametersThatAreNone_areRefused(double bad) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IntegerNoise.discreteGaussian(bad))
        .withMessageStartingWith("sigma must be > 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IntegerNoise.discreteLaplace(bad))
        .withMessageStartingWith("scale must be > 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IntegerNoise.skellam(bad))
        .withMessageStartingWith("variance must be >= 2^-10");
  }

  /** 4,096 draws of a table for each of these: of 160,000, 2 % too narrow adds 128. */
  @Tag("nightly")
  @Test
  void skellam_ofASigmaOfAMillion_fitsItsDistribution() {
    int count = 160_000;
    Case c = new Case(SKELLAM, 1e6);
    Pmf pmf = c.pmf();
    Cells cells = pmf.cells(COARSE);
    long[] draws = draw(c.noise(), count, 28);
    assertThat(misfit(draws, cells)).isLessThan(limit(cells));
    assertMoments(c, draws, pmf);
    long[] narrow = draw(c.tooNarrow(), count, 29);
    assertThat(misfit(narrow, cells)).isGreaterThan(limit(cells));
    assertThat(variance(narrow))
        .isLessThan(pmf.variance() - STANDARD_ERRORS * pmf.varianceError(count));
  }

  /** The same by its moments alone; the number of draws of the table is what could be wrong. */
  @Test
  void skellam_ofASigmaOfAMillion_hasItsMoments() {
    Case c = new Case(SKELLAM, 1e6);
    assertMoments(c, draw(c.noise(), 3_000, 30), c.pmf());
  }

  @Test
  void skellam_ofAVarianceAbove2To40_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IntegerNoise.skellam(0x1.0000001p40))
        .withMessageStartingWith("variance must be >= 2^-10 and <= 2^40, was ");
  }

  private static void assertFits(IntegerNoise noise, Pmf pmf, double cell) {
    Cells cells = pmf.cells(cell);
    assertThat(misfit(draw(noise, DRAWS, 20), cells)).isLessThan(limit(cells));
  }

  private static void assertMoments(Case c, long[] draws, Pmf pmf) {
    double mean = Arrays.stream(draws).asDoubleStream().sum() / draws.length;
    double error = Math.sqrt(pmf.variance() / draws.length);
    assertThat(mean).as("mean of %s", c).isCloseTo(0, within(STANDARD_ERRORS * error));
    assertThat(variance(draws))
        .as("variance of %s", c)
        .isCloseTo(pmf.variance(), within(STANDARD_ERRORS * pmf.varianceError(draws.length)));
  }

  /** About the mean 0. */
  private static double variance(long[] draws) {
    return Arrays.stream(draws).mapToDouble(x -> (double) x * x).sum() / draws.length;
  }

  private static double limit(Cells cells) {
    return ChiSquare.limit(Math.max(1, cells.masses().length - 1), FALSE_ALARM);
  }

  private static long[] draw(IntegerNoise noise, int draws, long seed) {
    BitStream bits = Seeds.noise(seed).open("draws");
    long[] drawn = new long[draws];
    Arrays.setAll(drawn, i -> noise.sample(bits));
    return drawn;
  }

  private static long[] count(long[] draws, Cells cells) {
    long[] seen = new long[cells.masses().length];
    for (long draw : draws) {
      seen[cells.of(draw)]++;
    }
    return seen;
  }

  private static double misfit(long[] draws, Cells cells) {
    double[] expected = Arrays.stream(cells.masses()).map(mass -> mass * draws.length).toArray();
    return ChiSquare.statistic(count(draws, cells), expected);
  }

  /** Pearson's chi-square of two samples against their common distribution. */
  private static double distance(long[] one, long[] other) {
    double ones = Arrays.stream(one).sum();
    double others = Arrays.stream(other).sum();
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      double gap = Math.sqrt(others / ones) * one[i] - Math.sqrt(ones / others) * other[i];
      sum += gap * gap / (one[i] + other[i]);
    }
    return sum;
  }
}
