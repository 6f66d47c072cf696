package dev.tributary.secagg.server;

import dev.tributary.secagg.crypto.Masks;
import dev.tributary.wire.RingVector;
import java.util.List;
import java.util.Objects;

/** The running sum, Z_2^w[d]. Blocks may be added from several threads. */
final class Accumulator {

  private final int[] sum;
  private final int bits;

  Accumulator(int length, int bits) {
    this.sum = new int[length];
    this.bits = bits;
  }

  int length() {
    return sum.length;
  }

  /** Adds {@code block[0, count)} to elements from {@code from} on. */
  synchronized void add(int from, int[] block, int count) {
    Objects.checkFromIndexSize(from, count, sum.length);
    for (int i = 0; i < count; i++) {
      sum[from + i] += block[i];
    }
  }

  /** Applies masks to a range that no other thread touches meanwhile. */
  void unmask(List<Masks.Mask> masks, int from, int count) {
    Masks.apply(masks, sum, from, count);
  }

  /** The sum, once nothing more is added. */
  RingVector result() {
    return RingVector.of(bits, sum);
  }
}
