package dev.tributary.privacy.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.privacy.BitStream;
import dev.tributary.privacy.Seeds;
import java.math.BigInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The branches that chance does not reach, and those that it does. */
final class BernoulliExpTest {
  /** With a unit of 1/20000 cost 5000 is t = 1/4. */
  private static final long COST = 5000;

  private static BernoulliExp coin() {
    return new BernoulliExp(1.0 / 20_000, BigInteger.ONE, BigInteger.valueOf(20_000));
  }

  private static BigInteger threshold(int bits) {
    return ExactExp.negative(BigInteger.ONE, BigInteger.valueOf(4), bits);
  }

  @Test
  void drawExactly_uOneUnitBelowTheThreshold_isTrue() {
    long first = threshold(64).longValue() - 1;
    ScriptedBits bits = new ScriptedBits(-1);
    assertThat(coin().drawExactly(first, COST, bits)).isTrue();
  }

  @Test
  void drawExactly_uOneUnitAboveTheThreshold_isFalse() {
    long first = threshold(64).longValue() + 1;
    ScriptedBits bits = new ScriptedBits(0);
    assertThat(coin().drawExactly(first, COST, bits)).isFalse();
  }

  @Test
  void drawExactly_64BitsEqual_theNext64Decide() {
    BigInteger fine = threshold(128);
    long first = fine.shiftRight(64).longValue();
    long second = fine.longValue();
    BernoulliExp coin = coin();
    assertThat(coin.drawExactly(first, COST, new ScriptedBits(second - 100))).isTrue();
    assertThat(coin.drawExactly(first, COST, new ScriptedBits(second + 100))).isFalse();
  }

  @Test
  void drawExactly_128BitsEqual_stillMoreBitsDecide() {
    BigInteger fine = threshold(192);
    long first = fine.shiftRight(128).longValue();
    long second = fine.shiftRight(64).longValue();
    long third = fine.longValue();
    BernoulliExp coin = coin();
    ScriptedBits below = new ScriptedBits(second, third - 100);
    assertThat(coin.drawExactly(first, COST, below)).isTrue();
    assertThat(below.used()).isEqualTo(2);
    assertThat(coin.drawExactly(first, COST, new ScriptedBits(second, third + 100))).isFalse();
  }

  /** The double decides where u is 2^-40 from exp(-t), and takes one word more to do so. */
  @ParameterizedTest
  @ValueSource(longs = {1, 700, 5000, 16_000})
  void draw_turnsAtTheExponential(long cost) {
    BernoulliExp coin = coin();
    BigInteger turn = ExactExp.negative(BigInteger.valueOf(cost), BigInteger.valueOf(20_000), 64);
    for (int side : new int[] {-1, 1}) {
      long u = turn.add(BigInteger.valueOf((long) side << 24)).longValue();
      ScriptedBits bits = new ScriptedBits(u << 32);
      assertThat(coin.draw(u >>> 32, cost, bits)).as("cost %s", cost).isEqualTo(side < 0);
      assertThat(bits.used()).isOne();
    }
  }

  @Test
  void draw_farBelowTheExponential_takesNoMoreBits() {
    ScriptedBits none = new ScriptedBits();
    assertThat(coin().draw(1L << 31, COST, none)).isTrue();
  }

  /** 1 - t decides for true alone, and below it: t = 2^-20, u from 1 - t + 2^-32 on. */
  @Test
  void draw_betweenTheTangentAndOne_isNotTrueByTheTangent() {
    BernoulliExp coin = new BernoulliExp(0x1p-20, BigInteger.ONE, BigInteger.ONE.shiftLeft(20));
    for (long above = 1; above < 4; above++) {
      long first = (1L << 32) - (1L << 12) + above;
      assertThat(coin.draw(first, 1, new ScriptedBits(0, 0))).as("%s", above).isFalse();
    }
    assertThat(coin.draw((1L << 32) - (1L << 12) - 1, 1, new ScriptedBits(-1, 0))).isTrue();
  }

  /** Within 2^-48 the double does not decide: the integers do, with more bits. */
  @Test
  void draw_tooCloseForTheDouble_asksTheIntegers() {
    long u = threshold(64).longValue();
    ScriptedBits above = new ScriptedBits(u << 32, -1);
    assertThat(coin().draw(u >>> 32, COST, above)).isFalse();
    assertThat(above.used()).isEqualTo(2);
    ScriptedBits below = new ScriptedBits(u << 32, 0);
    assertThat(coin().draw(u >>> 32, COST, below)).isTrue();
  }

  /**
   * Counts against exp(-t): binomial, normal approximation at 5.5 standard errors, 4e-8 each, 2e-7
   * in all. The exact decision alone is tested the same way.
   */
  @Tag("statistical")
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 5000, 20_000, 100_000})
  void draw_isTrueWithTheProbabilityOfTheExponential(long cost) {
    double p = Math.exp(-cost / 20_000.0);
    for (boolean exactly : new boolean[] {false, true}) {
      int draws = exactly ? 20_000 : 400_000;
      BitStream bits = Seeds.noise(cost).open("coins");
      BernoulliExp coin = coin();
      int seen = 0;
      for (int i = 0; i < draws; i++) {
        long u = bits.nextLong();
        boolean hit = exactly ? coin.drawExactly(u, cost, bits) : coin.draw(u >>> 32, cost, bits);
        seen += hit ? 1 : 0;
      }
      assertThat(seen)
          .as("cost %s, exactly %s", cost, exactly)
          .isCloseTo((int) (p * draws), within((int) (5.5 * Math.sqrt(draws * p * (1 - p)) + 2)));
    }
  }
}
