package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;
import java.math.BigInteger;

/**
 * Inverse cumulative distribution of x &gt;= 0 with weight exp(-x^2 / (2 s^2)), s below 32:
 * thresholds of 127 bits from integer arithmetic. The first 63 bits decide, 64 more are drawn on a
 * tie. A guide by the first 11 bits says where to begin.
 */
final class GaussianTable {
  private static final int PRECISION = 192;
  private static final int GUIDE_BITS = 11;
  private static final int GUIDE_SHIFT = 63 - GUIDE_BITS;
  private static final BigInteger LARGEST = BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE);
  private static final double TAIL = Math.sqrt(2 * 130 * Math.log(2));

  private final long[] high;
  private final long[] low;
  private final short[] guide;

  GaussianTable(double s) {
    int size = (int) Math.ceil(s * TAIL) + 2;
    BigInteger[] cumulative = cumulate(s, size);
    BigInteger total = cumulative[size - 1];
    high = new long[size];
    low = new long[size];
    for (int x = 0; x < size - 1; x++) {
      BigInteger threshold = cumulative[x].shiftLeft(127).divide(total).min(LARGEST);
      high[x] = threshold.shiftRight(64).longValueExact();
      low[x] = threshold.longValue();
    }
    high[size - 1] = Long.MAX_VALUE;
    low[size - 1] = -1;
    guide = guide(high);
  }

  /**
   * Weights by p(x+1) = p(x) r(x), r(x+1) = r(x) q, with r(0) = exp(-1/(2 s^2)), q = exp(-1/s^2).
   */
  private static BigInteger[] cumulate(double s, int size) {
    BigInteger[] square = ExactExp.squareTimes(s, 2);
    BigInteger ratio = ExactExp.negative(square[1], square[0], PRECISION);
    BigInteger step = ExactExp.negative(square[1].shiftLeft(1), square[0], PRECISION);
    BigInteger weight = BigInteger.ONE.shiftLeft(PRECISION);
    BigInteger sum = BigInteger.ZERO;
    BigInteger[] cumulative = new BigInteger[size];
    for (int x = 0; x < size; x++) {
      sum = sum.add(weight);
      cumulative[x] = sum;
      weight = weight.multiply(ratio).shiftRight(PRECISION);
      ratio = ratio.multiply(step).shiftRight(PRECISION);
    }
    return cumulative;
  }

  private static short[] guide(long[] high) {
    short[] guide = new short[1 << GUIDE_BITS];
    int x = 0;
    for (int g = 0; g < guide.length; g++) {
      while (high[x] < (long) g << GUIDE_SHIFT) {
        x++;
      }
      guide[g] = (short) x;
    }
    return guide;
  }

  /**
   * The x of a uniform number.
   *
   * @param u its first 63 bits
   * @param bits where more come from
   */
  int at(long u, BitStream bits) {
    int x = guide[(int) (u >>> GUIDE_SHIFT)];
    while (u > high[x]) {
      x++;
    }
    return u == high[x] ? afterTie(u, x, bits.nextLong()) : x;
  }

  private int afterTie(long u, int first, long more) {
    int x = first;
    while (x < high.length - 1 && high[x] == u && Long.compareUnsigned(more, low[x]) >= 0) {
      x++;
    }
    return x;
  }

  int size() {
    return high.length;
  }

  long threshold(int x) {
    return high[x];
  }
}
