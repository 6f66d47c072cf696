package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;
import java.math.BigInteger;

/**
 * The discrete Gaussian in integer arithmetic alone (Canonne, Kamath, Steinke 2020, Algorithms 1 to
 * 3), for any sigma and without tables. Slow: the oracle of {@link TwoLevelGaussian}, and its
 * stand-in for sigmas of 2^30 and more.
 *
 * <p>Symbols: sigma^2 = a / b, t = floor(sigma) + 1.
 */
final class CanonneKamathSteinke implements IntegerNoise {
  private final BigInteger a;
  private final BigInteger b;
  private final BigInteger t;
  private final BigInteger bt;
  private final BigInteger denominator;

  CanonneKamathSteinke(double sigma) {
    if (!(sigma > 0) || Double.isInfinite(sigma)) {
      throw new IllegalArgumentException("sigma must be > 0 and finite, was " + sigma);
    }
    BigInteger[] square = ExactExp.squareTimes(sigma, 1);
    a = square[0];
    b = square[1];
    t = a.divide(b).sqrt().add(BigInteger.ONE);
    bt = b.multiply(t);
    denominator = a.multiply(bt).multiply(t).shiftLeft(1);
  }

  /**
   * Algorithm 3: a discrete Laplace Y, kept with probability exp(-(|Y| - sigma^2/t)^2 / (2
   * sigma^2)).
   */
  @Override
  public long sample(BitStream stream) {
    Bits bits = new Bits(stream);
    while (true) {
      BigInteger y = laplace(bits);
      BigInteger distance = y.abs().multiply(bt).subtract(a);
      if (bernoulliExp(distance.multiply(distance), denominator, bits)) {
        return y.longValueExact();
      }
    }
  }

  /** Algorithm 2: weight exp(-|y| / t). */
  private BigInteger laplace(Bits bits) {
    while (true) {
      BigInteger u = bits.below(t);
      if (!bernoulliExp(u, t, bits)) {
        continue;
      }
      BigInteger v = BigInteger.ZERO;
      while (bernoulliExp(BigInteger.ONE, BigInteger.ONE, bits)) {
        v = v.add(BigInteger.ONE);
      }
      BigInteger y = u.add(t.multiply(v));
      if (!bits.next()) {
        return y;
      }
      if (y.signum() != 0) {
        return y.negate();
      }
    }
  }

  /** Algorithm 1: true with probability exp(-n / d). */
  private static boolean bernoulliExp(BigInteger n, BigInteger d, Bits bits) {
    BigInteger rest = n;
    while (rest.compareTo(d) > 0) {
      if (!bernoulliExpAtMostOne(d, d, bits)) {
        return false;
      }
      rest = rest.subtract(d);
    }
    return bernoulliExpAtMostOne(rest, d, bits);
  }

  private static boolean bernoulliExpAtMostOne(BigInteger n, BigInteger d, Bits bits) {
    long k = 1;
    while (bits.below(d.multiply(BigInteger.valueOf(k))).compareTo(n) < 0) {
      k++;
    }
    return (k & 1) == 1;
  }

  /** Single bits and exact uniform numbers below any bound. */
  private static final class Bits {
    private final BitStream stream;
    private long word;
    private int left;

    Bits(BitStream stream) {
      this.stream = stream;
    }

    boolean next() {
      if (left == 0) {
        word = stream.nextLong();
        left = Long.SIZE;
      }
      boolean bit = (word & 1) != 0;
      word >>>= 1;
      left--;
      return bit;
    }

    BigInteger below(BigInteger bound) {
      int length = bound.bitLength();
      while (true) {
        byte[] bytes = new byte[(length + 7) / 8 + 1];
        for (int i = bytes.length - 1; i > 0; i -= 8) {
          long more = stream.nextLong();
          for (int j = 0; j < 8 && i - j > 0; j++) {
            bytes[i - j] = (byte) (more >>> (8 * j));
          }
        }
        BigInteger value = new BigInteger(bytes).mod(BigInteger.ONE.shiftLeft(length));
        if (value.compareTo(bound) < 0) {
          return value;
        }
      }
    }
  }
}
