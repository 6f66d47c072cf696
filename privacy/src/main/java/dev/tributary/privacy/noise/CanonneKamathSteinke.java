package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;
import java.math.BigInteger;

/**
 * The discrete Gaussian in integer arithmetic alone (Canonne, Kamath, Steinke 2020, Algorithm 3),
 * for any sigma and without tables. Slow: the oracle of {@link TwoLevelGaussian}, and its stand-in
 * for sigmas of 2^30 and more.
 *
 * <p>Symbols: sigma^2 = a / b, t = floor(sigma) + 1.
 */
final class CanonneKamathSteinke implements IntegerNoise {
  private final BigInteger a;
  private final BigInteger t;
  private final BigInteger bt;
  private final BigInteger denominator;

  CanonneKamathSteinke(double sigma) {
    if (!(sigma > 0) || Double.isInfinite(sigma)) {
      throw new IllegalArgumentException("sigma must be > 0 and finite, was " + sigma);
    }
    BigInteger[] square = ExactExp.squareTimes(sigma, 1);
    a = square[0];
    t = a.divide(square[1]).sqrt().add(BigInteger.ONE);
    bt = square[1].multiply(t);
    denominator = a.multiply(bt).multiply(t).shiftLeft(1);
  }

  /**
   * Algorithm 3: a discrete Laplace Y, kept with probability exp(-(|Y| - sigma^2/t)^2 / (2
   * sigma^2)).
   */
  @Override
  public long sample(BitStream stream) {
    IntegerCoins coins = new IntegerCoins(stream);
    while (true) {
      BigInteger y = coins.laplace(BigInteger.ONE, t);
      BigInteger distance = y.abs().multiply(bt).subtract(a);
      if (coins.bernoulliExp(distance.multiply(distance), denominator)) {
        return y.longValueExact();
      }
    }
  }
}
