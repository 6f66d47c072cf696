package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** The theorem's bound against exact integers, closed forms and mechanisms counted to the end. */
class OneRunAuditTest {
  /** Success three times as likely as failure, so that probabilities are integers over 4^r. */
  private static final double EPSILON = Math.log(3);

  /** P[B >= v] for B ~ Binomial(r, 3/4) and every v from 0 to r. */
  private static BigDecimal[] tails(int r) {
    BigDecimal all = new BigDecimal(BigInteger.valueOf(4).pow(r));
    BigDecimal[] tails = new BigDecimal[r + 1];
    BigInteger sum = BigInteger.ZERO;
    BigInteger weight = BigInteger.valueOf(3).pow(r); // C(r, k) 3^k at k = r
    for (int k = r; k >= 0; k--) {
      sum = sum.add(weight);
      tails[k] = new BigDecimal(sum).divide(all, MathContext.DECIMAL128);
      weight = weight.multiply(BigInteger.valueOf(k)).divide(BigInteger.valueOf(3L * (r - k + 1)));
    }
    return tails;
  }

  @Test
  void pValue_withAndWithoutDelta_isTheTheoremsToTheLastDigits() {
    for (int r : new int[] {1, 2, 5, 17, 60, 200}) {
      BigDecimal[] tails = tails(r);
      for (int v = 0; v <= r; v += Math.max(1, r / 7)) {
        for (double delta : new double[] {0, 1e-6, 1e-3}) {
          int m = r + 40;
          BigDecimal slope = BigDecimal.ZERO;
          for (int i = 1; i <= v; i++) {
            slope =
                slope.max(
                    tails[v - i]
                        .subtract(tails[v])
                        .divide(BigDecimal.valueOf(i), MathContext.DECIMAL128));
          }
          double expected =
              tails[v]
                  .add(slope.multiply(new BigDecimal(2 * m * delta)))
                  .min(BigDecimal.ONE)
                  .doubleValue();
          assertThat(OneRunAudit.pValue(m, r, v, EPSILON, delta))
              .as("m %d, r %d, v %d, delta %s", m, r, v, delta)
              .isCloseTo(expected, Percentage.withPercentage(1e-9));
        }
      }
    }
  }

  @Test
  void pValue_ofManyGuesses_agreesWithSumsOfLogarithms() {
    for (double epsilon : new double[] {0.01, 1, 4, 12}) {
      double p = 1 / (1 + Math.exp(-epsilon));
      for (int v : new int[] {12_000, 15_000, 19_000, 20_000}) {
        double expected = Binomial.atLeast(20_000, p, v);
        assertThat(OneRunAudit.pValue(20_000, 20_000, v, epsilon, 0))
            .as("epsilon %s, v %d", epsilon, v)
            .isCloseTo(expected, within(1e-7 * expected + 1e-300));
      }
    }
  }

  /** All r guesses right: q^r = significance for q = e^epsilon / (1 + e^epsilon). */
  @Test
  void lowerBound_ofAllRight_hasItsClosedForm() {
    for (int r : new int[] {10, 100, 5_000}) {
      double q = Math.pow(0.05, 1.0 / r);
      assertThat(OneRunAudit.epsilonLowerBound(r, r, r, 0, 0.05))
          .isCloseTo(Math.log(q / (1 - q)), within(1e-6));
    }
  }

  /**
   * Randomised response of every bit, but with probability delta all bits as they are: (epsilon,
   * delta)-private for each bit, and counted to the end. Its chance of v right never passes the
   * bound, and does pass the bound without the term for delta.
   */
  @Test
  void pValue_boundsAMechanismThatSometimesShowsAll() {
    boolean needed = false;
    for (double delta : new double[] {0, 1e-4, 1e-2}) {
      for (int m = 1; m <= 10; m++) {
        for (int r = 1; r <= m; r++) {
          BigDecimal[] tails = tails(r);
          for (int v = 0; v <= r; v++) {
            double chance = delta + (1 - delta) * tails[v].doubleValue();
            double bound = OneRunAudit.pValue(m, r, v, EPSILON, delta);
            assertThat(chance)
                .as("m %d, r %d, v %d, delta %s", m, r, v, delta)
                .isLessThanOrEqualTo(bound + 1e-12);
            needed |= chance > OneRunAudit.pValue(m, r, v, EPSILON, 0) + 1e-9;
          }
        }
      }
    }
    assertThat(needed).isTrue();
  }

  /**
   * A mechanism that shows everything when the first bit is 1 and a coin of probability delta
   * falls, summed over all inputs and outputs for every v.
   */
  @Test
  void pValue_boundsAMechanismWhoseLeakDependsOnABit() {
    int m = 6;
    double delta = 0.02;
    double[] reached = new double[m + 2];
    for (int secret = 0; secret < 1 << m; secret++) {
      double shown = (secret & 1) * delta;
      for (int output = 0; output < 1 << m; output++) {
        int right = m - Integer.bitCount(secret ^ output);
        double likely = Math.pow(0.75, right) * Math.pow(0.25, m - right);
        double chance = (1 - shown) * likely + (secret == output ? shown : 0);
        for (int v = 0; v <= right; v++) {
          reached[v] += chance / (1 << m);
        }
      }
    }
    for (int v = 0; v <= m; v++) {
      assertThat(reached[v])
          .as("v %d", v)
          .isLessThanOrEqualTo(OneRunAudit.pValue(m, m, v, EPSILON, delta) + 1e-12);
    }
  }

  @Test
  void pValue_fallsWithRightGuesses_andRisesWithEpsilon() {
    double last = 1;
    for (int v = 0; v <= 100; v++) {
      double p = OneRunAudit.pValue(1_000, 100, v, 1, 0);
      assertThat(p).isLessThanOrEqualTo(last + 1e-12);
      last = p;
    }
    last = 0;
    for (double epsilon = 0; epsilon < 20; epsilon += 0.25) {
      double p = OneRunAudit.pValue(1_000, 100, 90, epsilon, 1e-5);
      assertThat(p).as("epsilon %s", epsilon).isGreaterThanOrEqualTo(last - 1e-12);
      last = p;
    }
    assertThat(OneRunAudit.pValue(10, 10, 10, 1e6, 0)).isEqualTo(1);
  }

  @Test
  void pValue_ofWhatCannotBe_isRefused() {
    assertThatThrownBy(() -> OneRunAudit.pValue(10, 11, 5, 1, 0)).hasMessageContaining("canaries");
    assertThatThrownBy(() -> OneRunAudit.pValue(10, 5, 6, 1, 0)).hasMessageContaining("guesses");
    assertThatThrownBy(() -> OneRunAudit.pValue(10, 5, 5, -1, 0)).hasMessageContaining("epsilon");
    assertThatThrownBy(() -> OneRunAudit.pValue(10, 5, 5, 1, Double.NaN))
        .hasMessageContaining("delta");
    assertThatThrownBy(() -> OneRunAudit.epsilonLowerBound(10, 5, 5, 0, 1))
        .hasMessageContaining("significance");
  }
}
