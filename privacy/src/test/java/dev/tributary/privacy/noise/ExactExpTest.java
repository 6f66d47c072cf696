package dev.tributary.privacy.noise;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ExactExpTest {
  /** Digits by mpmath 1.3.0 at 60 digits. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 0.3678794411714423215955237701614608674458111310317678345078",
    "7, 2, 0.03019738342231850073978629236361984507166053224765700667134",
    "1, 1000, 0.999000499833374991668055357167655974702355902360082059052",
    "100, 1, 3.720075976020835962959695803863118337358892292376781967121e-44",
    "0, 1, 1"
  })
  void negative_isWithinOneUnitOfKnownDigits(long numerator, long denominator, BigDecimal digits) {
    int bits = 150;
    BigInteger fixed =
        ExactExp.negative(BigInteger.valueOf(numerator), BigInteger.valueOf(denominator), bits);
    BigDecimal expected = digits.multiply(new BigDecimal(BigInteger.TWO.pow(bits)));
    assertThat(expected.subtract(new BigDecimal(fixed)).abs()).isLessThan(BigDecimal.valueOf(1.01));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void negative_isWithinOneUnitOfItselfAtMorePrecision(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 200; i++) {
      BigInteger numerator = BigInteger.valueOf(random.nextLong(1L << 40));
      BigInteger denominator = BigInteger.valueOf(1 + random.nextLong(1L << 40));
      int bits = 64 + random.nextInt(200);
      BigInteger coarse = ExactExp.negative(numerator, denominator, bits);
      BigInteger fine = ExactExp.negative(numerator, denominator, bits + 200).shiftRight(200);
      assertThat(coarse.subtract(fine).abs())
          .as("seed %s: exp(-%s/%s) to %s bits", seed, numerator, denominator, bits)
          .isLessThanOrEqualTo(BigInteger.ONE);
    }
  }

  @Test
  void negative_farOut_isZero() {
    assertThat(ExactExp.negative(BigInteger.ONE.shiftLeft(40), BigInteger.ONE, 192)).isZero();
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 0.1, 0.5, 1, 3.7, 2920.123, 1.05e6, 1e300})
  void squareTimes_isExact(double value) {
    BigInteger[] fraction = ExactExp.squareTimes(value, 2);
    BigDecimal back =
        new BigDecimal(fraction[0]).divide(new BigDecimal(fraction[1]), MathContext.UNLIMITED);
    assertThat(back)
        .isEqualByComparingTo(new BigDecimal(value).pow(2).multiply(BigDecimal.valueOf(2)));
  }
}
