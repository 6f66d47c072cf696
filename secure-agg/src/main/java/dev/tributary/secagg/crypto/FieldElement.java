package dev.tributary.secagg.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A mutable element of GF(p), p = 2^255 - 19, with constant-time arithmetic. Every operation writes
 * its result into {@code this}, which may be one of the operands.
 *
 * <p><b>Representation.</b> The value is l0 + 2^51 l1 + 2^102 l2 + 2^153 l3 + 2^204 l4 with signed
 * limbs; it is reduced to [0, p) only in {@link #toBytes}. A limb is <i>carried</i> if it lies in
 * (-2^25, 2^51 + 2^25). Products, squares and decoded elements are carried; sums and differences
 * are not, they only add limbs. An element is <i>of n terms</i> if it is a signed sum of n carried
 * elements: its limbs then lie in one interval that contains 0 and whose width is below n (2^51 +
 * 2^26). So both |li| and |li - lj| stay below that width. {@link #setProduct} and {@link
 * #setSquare} take operands of up to four terms; W below is four times the width, 2^53 + 2^28.
 *
 * <p><b>Product.</b> Column k is the integer Pk, the sum of ai bj over i + j = k, plus 19 times the
 * same sum over i + j = k + 5, since 2^255 = 19. It has up to 113 bits, and Java has no 128-bit
 * integer. Two sums stand for it: L, which is Pk modulo 2^64, from ordinary wrapping products; and
 * H, the sum of {@code Math.multiplyHigh(ai << s, bj)}, each of which is ai bj / 2^(64-s) rounded
 * down. Hence Pk = H 2^(64-s) + r, with r from 0 to 2^(64-s) times the number of roundings; and r
 * is exactly {@code L - (H << (64 - s))} in wrapping arithmetic as long as it is below 2^63. This
 * needs no carry flag, and no mask for each product. H 2^(64-s) is H 2^(13-s) in the next column;
 * out of column 4 it moves to column 0 with factor 19.
 *
 * <p>Pairs ai bj + aj bi are computed as ai bi + aj bj + (ai - aj)(bj - bi), which leaves 15 of 25
 * products (Karatsuba's identity, applied to each pair). Rounded terms are only ever added, with
 * weight 1 or 19.
 *
 * <p><b>Why nothing overflows</b>, with s = 9 in a product:
 *
 * <ul>
 *   <li>ai - aj, shifted, is below 2^9 W, that is 2^62.01.
 *   <li>Pk is at most (1 + 4 * 19) W^2, that is 2^112.28, so 2^4 H is below 2^61.28. P4 is at most
 *       5 W^2, so 19 * 2^4 H4 is below 2^61.58.
 *   <li>Column 0 has the most roundings, one and 19 times six: r is below 115 * 2^55, that is
 *       2^61.85; in the others it is below 79 * 2^55, that is 2^61.31.
 *   <li>So a column, which is its r and the H moved into it, stays below 2^62.73.
 * </ul>
 *
 * <p>A square has three products in each column, some of them with factor 2 or 19, and s = 8: twice
 * a limb, shifted, is below 2^62.01, and r below 3 * 2^56. The other bounds are the same.
 *
 * <p>Columns below 2^63 carry at most 2^12 into the next limb, and 19 times that, less than 2^17,
 * into limb 0: one parallel carry gives carried limbs.
 *
 * <p><b>Constant time.</b> No branch and no index depends on a value. The claim rests on the JIT
 * compiler turning additions, shifts, masks and multiplications into such instructions, as it does
 * on HotSpot for x86-64 and AArch64, and on those instructions taking a fixed time.
 */
final class FieldElement {
  static final int BYTES = 32;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long MASK = (1L << 51) - 1;
  private static final int PRODUCT_SHIFT = 9;
  private static final int SQUARE_SHIFT = 8;

  private long l0;
  private long l1;
  private long l2;
  private long l3;
  private long l4;

  /** Zero. */
  FieldElement() {}

  /** The element with the given limbs. */
  static FieldElement ofLimbs(long l0, long l1, long l2, long l3, long l4) {
    FieldElement element = new FieldElement();
    element.setLimbs(l0, l1, l2, l3, l4);
    return element;
  }

  private void setLimbs(long l0, long l1, long l2, long l3, long l4) {
    this.l0 = l0;
    this.l1 = l1;
    this.l2 = l2;
    this.l3 = l3;
    this.l4 = l4;
  }

  /** Sets this to a small number, 0 <= value < 2^51. */
  void setSmall(long value) {
    setLimbs(value, 0, 0, 0, 0);
  }

  void set(FieldElement a) {
    setLimbs(a.l0, a.l1, a.l2, a.l3, a.l4);
  }

  /** Reads the five limbs, lowest first, that stand in an array from an index on. */
  void setLimbs(long[] limbs, int from) {
    setLimbs(limbs[from], limbs[from + 1], limbs[from + 2], limbs[from + 3], limbs[from + 4]);
  }

  /** Writes the five limbs, lowest first, into an array from an index on. */
  void toLimbs(long[] limbs, int from) {
    limbs[from] = l0;
    limbs[from + 1] = l1;
    limbs[from + 2] = l2;
    limbs[from + 3] = l3;
    limbs[from + 4] = l4;
  }

  /** Overwrites the value with zero. */
  void clear() {
    setSmall(0);
  }

  /**
   * Reads 32 little-endian bytes; the top bit is ignored, and the value may be p or more (RFC 7748,
   * section 5).
   */
  void setBytes(byte[] bytes, int offset) {
    long w0 = (long) LONGS.get(bytes, offset);
    long w1 = (long) LONGS.get(bytes, offset + 8);
    long w2 = (long) LONGS.get(bytes, offset + 16);
    long w3 = (long) LONGS.get(bytes, offset + 24);
    setLimbs(
        w0 & MASK,
        ((w0 >>> 51) | (w1 << 13)) & MASK,
        ((w1 >>> 38) | (w2 << 26)) & MASK,
        ((w2 >>> 25) | (w3 << 39)) & MASK,
        (w3 >>> 12) & MASK);
  }

  /** Writes the value in [0, p) as 32 little-endian bytes; up to four terms. */
  void toBytes(byte[] bytes, int offset) {
    long a0 = l0;
    long a1 = l1;
    long a2 = l2;
    long a3 = l3;
    long a4 = l4;
    // The first pass leaves the value within 2^10 of [0, 2^255), the second one in [0, 2^255).
    for (int pass = 0; pass < 2; pass++) {
      a1 += a0 >> 51;
      a2 += a1 >> 51;
      a3 += a2 >> 51;
      a4 += a3 >> 51;
      a0 = (a0 & MASK) + 19 * (a4 >> 51);
      a1 &= MASK;
      a2 &= MASK;
      a3 &= MASK;
      a4 &= MASK;
    }
    // The carry out of value + 19 is 1 exactly if value >= p; then value + 19 - 2^255 = value - p.
    long carry = (a0 + 19) >> 51;
    carry = (a1 + carry) >> 51;
    carry = (a2 + carry) >> 51;
    carry = (a3 + carry) >> 51;
    carry = (a4 + carry) >> 51;
    a0 += 19 * carry;
    a1 += a0 >> 51;
    a2 += a1 >> 51;
    a3 += a2 >> 51;
    a4 += a3 >> 51;
    a0 &= MASK;
    a1 &= MASK;
    a2 &= MASK;
    a3 &= MASK;
    a4 &= MASK;
    LONGS.set(bytes, offset, a0 | (a1 << 51));
    LONGS.set(bytes, offset + 8, (a1 >>> 13) | (a2 << 38));
    LONGS.set(bytes, offset + 16, (a2 >>> 26) | (a3 << 25));
    LONGS.set(bytes, offset + 24, (a3 >>> 39) | (a4 << 12));
  }

  /** this = a + b: the terms of a and b together. */
  void setSum(FieldElement a, FieldElement b) {
    setLimbs(a.l0 + b.l0, a.l1 + b.l1, a.l2 + b.l2, a.l3 + b.l3, a.l4 + b.l4);
  }

  /** this = a - b: the terms of a and b together. */
  void setDifference(FieldElement a, FieldElement b) {
    setLimbs(a.l0 - b.l0, a.l1 - b.l1, a.l2 - b.l2, a.l3 - b.l3, a.l4 - b.l4);
  }

  /** this = -a: the terms of a. */
  void setNegative(FieldElement a) {
    setLimbs(-a.l0, -a.l1, -a.l2, -a.l3, -a.l4);
  }

  /** this = b if mask is all ones, a if mask is zero; mask is nothing else. */
  void setSelected(long mask, FieldElement a, FieldElement b) {
    setLimbs(
        a.l0 ^ (mask & (a.l0 ^ b.l0)),
        a.l1 ^ (mask & (a.l1 ^ b.l1)),
        a.l2 ^ (mask & (a.l2 ^ b.l2)),
        a.l3 ^ (mask & (a.l3 ^ b.l3)),
        a.l4 ^ (mask & (a.l4 ^ b.l4)));
  }

  /** this = a b, of operands of up to four terms each. */
  void setProduct(FieldElement a, FieldElement b) {
    long a0 = a.l0;
    long a1 = a.l1;
    long a2 = a.l2;
    long a3 = a.l3;
    long a4 = a.l4;
    long b0 = b.l0;
    long b1 = b.l1;
    long b2 = b.l2;
    long b3 = b.l3;
    long b4 = b.l4;
    // Products of equal indices, and their sums from the low end (i to j) and from the high end.
    long h00 = high(a0, b0);
    long h11 = high(a1, b1);
    long h22 = high(a2, b2);
    long h33 = high(a3, b3);
    long h44 = high(a4, b4);
    long h01 = h00 + h11;
    long h02 = h01 + h22;
    long h03 = h02 + h33;
    long h04 = h03 + h44;
    long h34 = h33 + h44;
    long h24 = h22 + h34;
    long h14 = h11 + h24;
    long p00 = a0 * b0;
    long p11 = a1 * b1;
    long p22 = a2 * b2;
    long p33 = a3 * b3;
    long p44 = a4 * b4;
    long p01 = p00 + p11;
    long p02 = p01 + p22;
    long p03 = p02 + p33;
    long p04 = p03 + p44;
    long p34 = p33 + p44;
    long p24 = p22 + p34;
    long p14 = p11 + p24;
    // The columns, without the part that moves up from the column below.
    long h0 = h00 + 19 * (h14 + high(a1 - a4, b4 - b1) + high(a2 - a3, b3 - b2));
    long p0 = p00 + 19 * (p14 + (a1 - a4) * (b4 - b1) + (a2 - a3) * (b3 - b2));
    long h1 = h01 + high(a0 - a1, b1 - b0) + 19 * (h24 + high(a2 - a4, b4 - b2));
    long p1 = p01 + (a0 - a1) * (b1 - b0) + 19 * (p24 + (a2 - a4) * (b4 - b2));
    long h2 = h02 + high(a0 - a2, b2 - b0) + 19 * (h34 + high(a3 - a4, b4 - b3));
    long p2 = p02 + (a0 - a2) * (b2 - b0) + 19 * (p34 + (a3 - a4) * (b4 - b3));
    long h3 = h03 + high(a0 - a3, b3 - b0) + high(a1 - a2, b2 - b1) + 19 * h44;
    long p3 = p03 + (a0 - a3) * (b3 - b0) + (a1 - a2) * (b2 - b1) + 19 * p44;
    long h4 = h04 + high(a0 - a4, b4 - b0) + high(a1 - a3, b3 - b1);
    long p4 = p04 + (a0 - a4) * (b4 - b0) + (a1 - a3) * (b3 - b1);
    carry(PRODUCT_SHIFT, h0, p0, h1, p1, h2, p2, h3, p3, h4, p4);
  }

  private static long high(long a, long b) {
    return Math.multiplyHigh(a << PRODUCT_SHIFT, b);
  }

  /** this = a^2, of an operand of up to four terms. */
  void setSquare(FieldElement a) {
    long a0 = a.l0;
    long a1 = a.l1;
    long a2 = a.l2;
    long a3 = a.l3;
    long a4 = a.l4;
    long d0 = 2 * a0;
    long d1 = 2 * a1;
    long d2 = 2 * a2;
    long d3 = 2 * a3;
    long n3 = 19 * a3;
    long n4 = 19 * a4;
    long h0 = highSq(a0, a0) + highSq(d1, n4) + highSq(d2, n3);
    long p0 = a0 * a0 + d1 * n4 + d2 * n3;
    long h1 = highSq(d0, a1) + highSq(d2, n4) + highSq(a3, n3);
    long p1 = d0 * a1 + d2 * n4 + a3 * n3;
    long h2 = highSq(d0, a2) + highSq(a1, a1) + highSq(d3, n4);
    long p2 = d0 * a2 + a1 * a1 + d3 * n4;
    long h3 = highSq(d0, a3) + highSq(d1, a2) + highSq(a4, n4);
    long p3 = d0 * a3 + d1 * a2 + a4 * n4;
    long h4 = highSq(d0, a4) + highSq(d1, a3) + highSq(a2, a2);
    long p4 = d0 * a4 + d1 * a3 + a2 * a2;
    carry(SQUARE_SHIFT, h0, p0, h1, p1, h2, p2, h3, p3, h4, p4);
  }

  private static long highSq(long a, long b) {
    return Math.multiplyHigh(a << SQUARE_SHIFT, b);
  }

  /** this = a^(2^count), count >= 1. */
  void setSquare(FieldElement a, int count) {
    setSquare(a);
    for (int i = 1; i < count; i++) {
      setSquare(this);
    }
  }

  /** Joins the two sums of each column, moves the high parts up and carries once, in parallel. */
  private void carry(
      int shift,
      long h0,
      long p0,
      long h1,
      long p1,
      long h2,
      long p2,
      long h3,
      long p3,
      long h4,
      long p4) {
    int low = 64 - shift;
    int up = 13 - shift;
    long c0 = p0 - (h0 << low) + 19 * (h4 << up);
    long c1 = p1 - (h1 << low) + (h0 << up);
    long c2 = p2 - (h2 << low) + (h1 << up);
    long c3 = p3 - (h3 << low) + (h2 << up);
    long c4 = p4 - (h4 << low) + (h3 << up);
    l0 = (c0 & MASK) + 19 * (c4 >> 51);
    l1 = (c1 & MASK) + (c0 >> 51);
    l2 = (c2 & MASK) + (c1 >> 51);
    l3 = (c3 & MASK) + (c2 >> 51);
    l4 = (c4 & MASK) + (c3 >> 51);
  }

  /**
   * this = a + k b with 0 <= k < 2^18, a of one term, b of up to two: an element of two terms,
   * since limbs of k b are below 2^51 + 19 * 2^20.
   */
  void setSumScaled(FieldElement a, long k, FieldElement b) {
    long scaled = k << 13;
    long b0 = b.l0;
    long b1 = b.l1;
    long b2 = b.l2;
    long b3 = b.l3;
    long b4 = b.l4;
    setLimbs(
        a.l0 + ((b0 * k) & MASK) + 19 * Math.multiplyHigh(b4, scaled),
        a.l1 + ((b1 * k) & MASK) + Math.multiplyHigh(b0, scaled),
        a.l2 + ((b2 * k) & MASK) + Math.multiplyHigh(b1, scaled),
        a.l3 + ((b3 * k) & MASK) + Math.multiplyHigh(b2, scaled),
        a.l4 + ((b4 * k) & MASK) + Math.multiplyHigh(b3, scaled));
  }

  /** this = 1 / a, or 0 if a is 0: a^(p - 2) by 254 squares and 11 products. */
  void setInverse(FieldElement a) {
    FieldElement a11 = new FieldElement();
    FieldElement power = new FieldElement();
    FieldElement t = new FieldElement();
    power.setPowerOf250Ones(a, a11, t);
    power.setSquare(power, 5);
    setProduct(power, a11);
    a11.clear();
    power.clear();
    t.clear();
  }

  /** this = a^(2^252 - 3), the exponent (p - 5) / 8 of square roots. */
  void setPowerForRoot(FieldElement a) {
    FieldElement power = new FieldElement();
    power.setPowerOf250Ones(a, new FieldElement(), new FieldElement());
    power.setSquare(power, 2);
    setProduct(power, a);
  }

  boolean isZero() {
    byte[] bytes = new byte[BYTES];
    toBytes(bytes, 0);
    int union = 0;
    for (byte b : bytes) {
      union |= b;
    }
    return union == 0;
  }

  /** Whether the value in [0, p) is odd: the sign of RFC 8032. */
  boolean isOdd() {
    byte[] bytes = new byte[BYTES];
    toBytes(bytes, 0);
    return (bytes[0] & 1) != 0;
  }

  /** this = a^(2^250 - 1), and a11 = a^11 (the addition chain of Bernstein's Curve25519). */
  private void setPowerOf250Ones(FieldElement a, FieldElement a11, FieldElement t) {
    FieldElement ones = new FieldElement();
    FieldElement ones50 = new FieldElement();
    a11.setSquare(a);
    t.setSquare(a11, 2);
    t.setProduct(t, a);
    a11.setProduct(a11, t);
    ones.setSquare(a11);
    ones.setProduct(ones, t); // 2^5 - 1
    t.setSquare(ones, 5);
    ones.setProduct(t, ones); // 2^10 - 1
    t.setSquare(ones, 10);
    ones50.setProduct(t, ones); // 2^20 - 1
    t.setSquare(ones50, 20);
    ones50.setProduct(t, ones50); // 2^40 - 1
    t.setSquare(ones50, 10);
    ones50.setProduct(t, ones); // 2^50 - 1
    t.setSquare(ones50, 50);
    ones.setProduct(t, ones50); // 2^100 - 1
    t.setSquare(ones, 100);
    ones.setProduct(t, ones); // 2^200 - 1
    t.setSquare(ones, 50);
    setProduct(t, ones50);
    ones.clear();
    ones50.clear();
  }
}
