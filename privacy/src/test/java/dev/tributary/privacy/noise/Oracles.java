package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;
import java.math.BigDecimal;
import java.math.BigInteger;

/** Samplers without tables and without floating point, slow and short. */
final class Oracles {
  private Oracles() {}

  static IntegerNoise gaussian(double sigma) {
    return new CanonneKamathSteinke(sigma);
  }

  /** Canonne, Kamath, Steinke 2020, Algorithm 2. */
  static IntegerNoise laplace(double scale) {
    BigInteger[] fraction = ExactExp.fraction(new BigDecimal(scale));
    return bits -> new IntegerCoins(bits).laplace(fraction[1], fraction[0]).longValueExact();
  }

  /** Poisson variables of mean at most 1, added up: for small variances. */
  static IntegerNoise skellam(double variance) {
    BigInteger[] mean = ExactExp.fraction(new BigDecimal(variance / 2));
    return bits -> {
      long up = poisson(mean, bits);
      long down = poisson(mean, bits);
      return up - down;
    };
  }

  /** A Poisson variable of mean ceil(mean), each of its events kept with mean / ceil(mean). */
  private static long poisson(BigInteger[] mean, BitStream bits) {
    IntegerCoins coins = new IntegerCoins(bits);
    BigInteger whole = mean[0].add(mean[1]).subtract(BigInteger.ONE).divide(mean[1]);
    long kept = 0;
    for (long left = whole.longValueExact(); left > 0; left--) {
      for (long event = poissonOfMeanOne(coins); event > 0; event--) {
        if (coins.below(mean[1].multiply(whole)).compareTo(mean[0]) < 0) {
          kept++;
        }
      }
    }
    return kept;
  }

  /**
   * 1 / (e n!) by rejection: a geometric n of weight 2^-n is kept with probability 2^(n-1) / n!.
   */
  private static long poissonOfMeanOne(IntegerCoins coins) {
    while (true) {
      int n = 0;
      BigInteger factorial = BigInteger.ONE;
      while (coins.next()) {
        n++;
        factorial = factorial.multiply(BigInteger.valueOf(n));
      }
      BigInteger weight = BigInteger.ONE.shiftLeft(n);
      if (coins.below(factorial.shiftLeft(1)).compareTo(weight) < 0) {
        return n;
      }
    }
  }
}
