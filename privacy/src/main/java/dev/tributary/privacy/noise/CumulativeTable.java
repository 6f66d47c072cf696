package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;
import java.math.BigInteger;

/**
 * Inverse cumulative distribution of x &gt;= 0 from integer weights: thresholds of 127 bits. The
 * first 63 bits decide, 64 more are drawn on a tie. A guide by the leading bits says where to
 * begin.
 */
final class CumulativeTable {
  private static final int LEAST_GUIDE_BITS = 11;
  private static final int MOST_GUIDE_BITS = 18;
  private static final BigInteger LARGEST = BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE);

  private final long[] high;
  private final long[] low;
  private final int[] guide;
  private final int guideShift;

  /**
   * @param weights of 0, 1, 2 and so on, each off by far less than 2^-127 of their sum
   */
  CumulativeTable(BigInteger[] weights) {
    int size = weights.length;
    BigInteger[] cumulative = new BigInteger[size];
    BigInteger sum = BigInteger.ZERO;
    for (int x = 0; x < size; x++) {
      sum = sum.add(weights[x]);
      cumulative[x] = sum;
    }
    high = new long[size];
    low = new long[size];
    for (int x = 0; x < size - 1; x++) {
      BigInteger threshold = cumulative[x].shiftLeft(127).divide(sum).min(LARGEST);
      high[x] = threshold.shiftRight(64).longValueExact();
      low[x] = threshold.longValue();
    }
    high[size - 1] = Long.MAX_VALUE;
    low[size - 1] = -1;
    int wanted = Integer.SIZE - Integer.numberOfLeadingZeros(size) + 2;
    guideShift = 63 - Math.max(LEAST_GUIDE_BITS, Math.min(MOST_GUIDE_BITS, wanted));
    guide = guide(high, guideShift);
  }

  private static int[] guide(long[] high, int shift) {
    int[] guide = new int[1 << (63 - shift)];
    int x = 0;
    for (int g = 0; g < guide.length; g++) {
      while (high[x] < (long) g << shift) {
        x++;
      }
      guide[g] = x;
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
    int x = start(u);
    while (u > high[x]) {
      x++;
    }
    return u == high[x] ? afterTie(u, x, bits.nextLong()) : x;
  }

  /** Where the search for u begins: at the x of the least number with the same leading bits. */
  int start(long u) {
    return guide[(int) (u >>> guideShift)];
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
