package dev.tributary.privacy.noise;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** exp(-t) in fixed point with a proven error. */
final class ExactExp {
  private static final int GUARD_BITS = 48;

  private ExactExp() {}

  /**
   * exp(-numerator / denominator) 2^bits, off by less than 1.
   *
   * <p>The argument is halved r times to below 2^-8, the Taylor series summed and the result
   * squared r times, all with 48 guard bits: each of at most bits terms is cut by less than one
   * unit, and each squaring doubles the error at most and adds one unit, so the error stays below
   * 2^(r + 1) (bits + 2) units of 2^-(bits + 48). For arguments below 2^12 and up to 1024 bits that
   * is less than 2^-14.
   */
  static BigInteger negative(BigInteger numerator, BigInteger denominator, int bits) {
    if (numerator.signum() < 0 || denominator.signum() <= 0) {
      throw new IllegalArgumentException("exp(-t) needs t >= 0");
    }
    int precision = bits + GUARD_BITS;
    int halvings = Math.max(0, numerator.bitLength() - denominator.bitLength() + 1) + Byte.SIZE;
    if (halvings > 12 + Byte.SIZE + 1) {
      return BigInteger.ZERO;
    }
    BigInteger one = BigInteger.ONE.shiftLeft(precision);
    BigInteger x = numerator.shiftLeft(precision - halvings).divide(denominator);
    BigInteger sum = one;
    BigInteger term = one;
    for (int k = 1; term.signum() != 0; k++) {
      term = term.multiply(x).shiftRight(precision).divide(BigInteger.valueOf(k));
      sum = (k & 1) == 1 ? sum.subtract(term) : sum.add(term);
    }
    for (int i = 0; i < halvings; i++) {
      sum = sum.multiply(sum).shiftRight(precision);
    }
    return sum.shiftRight(GUARD_BITS);
  }

  /**
   * A positive finite double squared, times {@code factor}, as the fraction {numerator,
   * denominator} in lowest terms.
   */
  static BigInteger[] squareTimes(double value, int factor) {
    return fraction(new BigDecimal(value).pow(2).multiply(BigDecimal.valueOf(factor)));
  }

  /** A positive decimal as the fraction {numerator, denominator} in lowest terms. */
  static BigInteger[] fraction(BigDecimal exact) {
    int scale = Math.max(0, exact.scale());
    BigInteger numerator =
        exact.movePointRight(scale).setScale(0, RoundingMode.UNNECESSARY).toBigIntegerExact();
    BigInteger denominator = BigInteger.TEN.pow(scale);
    BigInteger common = numerator.gcd(denominator);
    return new BigInteger[] {numerator.divide(common), denominator.divide(common)};
  }
}
