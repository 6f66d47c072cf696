package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;
import java.math.BigInteger;

/**
 * Single bits, uniform numbers below any bound, and Bernoulli(exp(-x)) in integer arithmetic alone:
 * Canonne, Kamath, Steinke 2020, Algorithm 1.
 */
final class IntegerCoins {
  private final BitStream stream;
  private long word;
  private int left;

  IntegerCoins(BitStream stream) {
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

  /** Uniform in [0, bound). */
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

  /** Algorithm 1: true with probability exp(-n / d), for n &gt;= 0 and d &gt; 0. */
  boolean bernoulliExp(BigInteger n, BigInteger d) {
    BigInteger rest = n;
    while (rest.compareTo(d) > 0) {
      if (!bernoulliExpAtMostOne(d, d)) {
        return false;
      }
      rest = rest.subtract(d);
    }
    return bernoulliExpAtMostOne(rest, d);
  }

  private boolean bernoulliExpAtMostOne(BigInteger n, BigInteger d) {
    long k = 1;
    while (below(d.multiply(BigInteger.valueOf(k))).compareTo(n) < 0) {
      k++;
    }
    return (k & 1) == 1;
  }

  /** Algorithm 2: an integer with weight exp(-|y| s / t), for s, t &gt; 0. */
  BigInteger laplace(BigInteger s, BigInteger t) {
    while (true) {
      BigInteger u = below(t);
      if (!bernoulliExp(u, t)) {
        continue;
      }
      BigInteger v = BigInteger.ZERO;
      while (bernoulliExp(BigInteger.ONE, BigInteger.ONE)) {
        v = v.add(BigInteger.ONE);
      }
      BigInteger y = u.add(t.multiply(v)).divide(s);
      if (!next()) {
        return y;
      }
      if (y.signum() != 0) {
        return y.negate();
      }
    }
  }
}
