package dev.tributary.secagg.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The X25519 function (RFC 7748, section 5): the Montgomery ladder on the u-coordinate, in constant
 * time in the scalar and the point (see {@link FieldElement} for what that rests on). Keys are made
 * elsewhere.
 *
 * <p>The ladder holds two points (x2 : z2) and (x3 : z3) whose difference is the given point. A
 * step doubles one of them, chosen by the bit of the scalar, into (x2 : z2), and adds both into (x3
 * : z3). The sum does not depend on which is which, so only the two factors of the doubling are
 * selected by the bit, and nothing is swapped.
 */
public final class Curve25519 {
  /** Length in bytes of scalars, points and shared secrets. */
  public static final int BYTES = 32;

  /** (A + 2) / 4 for the coefficient A = 486662 of the curve. */
  private static final long A24 = 121666;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Curve25519() {}

  /**
   * Multiplies a point by a scalar.
   *
   * @param scalar the secret scalar, byte[32], clamped here and not changed
   * @param point the other's u-coordinate, byte[32] little-endian; its top bit is ignored, and
   *     values of p and more are reduced, as RFC 7748 demands
   * @param out receives the u-coordinate of the product, byte[32]; may be one of the inputs
   * @return whether the product is a usable secret: false if it is all zero, which happens exactly
   *     for a point of low order; then the secret depends on nothing that the scalar's owner chose
   * @throws IllegalArgumentException if an array is not of 32 bytes
   */
  public static boolean agree(byte[] scalar, byte[] point, byte[] out) {
    return agree(scalar, new byte[][] {point}, new byte[][] {out}) < 0;
  }

  /**
   * Multiplies several points by one scalar, with one inversion for all of them (Montgomery's
   * trick): about a tenth less work for each.
   *
   * @param scalar as above
   * @param points each as above
   * @param out receives the products in the order of the points; all zero if one of them is not
   *     usable
   * @return the index of the first point whose product is all zero, or -1 if there is none
   * @throws IllegalArgumentException if an array is not of 32 bytes, or there are not as many
   *     outputs as points
   */
  public static int agree(byte[] scalar, byte[][] points, byte[][] out) {
    checkLength("scalar", scalar);
    if (out.length != points.length) {
      throw new IllegalArgumentException(points.length + " points, but " + out.length + " outputs");
    }
    for (int i = 0; i < points.length; i++) {
      checkLength("point", points[i]);
      checkLength("output", out[i]);
    }
    long[] k = clamped(scalar);
    Ladder ladder = new Ladder();
    Quotients products = new Quotients(points.length);
    for (byte[] point : points) {
      ladder.start(point);
      ladder.climb(k);
      products.add(ladder.x2, ladder.z2);
    }
    ladder.clear();
    Arrays.fill(k, 0);
    return products.write(out);
  }

  /** The four words of the scalar, lowest first, clamped (RFC 7748, section 5). */
  private static long[] clamped(byte[] scalar) {
    long[] words = new long[4];
    for (int i = 0; i < 4; i++) {
      words[i] = (long) LONGS.get(scalar, 8 * i);
    }
    words[0] &= -8;
    words[3] = (words[3] & Long.MAX_VALUE) | (1L << 62);
    return words;
  }

  private static void checkLength(String what, byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "X25519 " + what + " must have 32 bytes, not " + bytes.length);
    }
  }

  private static final class Ladder {
    private final FieldElement x1 = new FieldElement();
    private final FieldElement x2 = new FieldElement();
    private final FieldElement z2 = new FieldElement();
    private final FieldElement x3 = new FieldElement();
    private final FieldElement z3 = new FieldElement();
    private final FieldElement a = new FieldElement();
    private final FieldElement b = new FieldElement();
    private final FieldElement c = new FieldElement();
    private final FieldElement d = new FieldElement();

    /** The neutral element, and the point: no bit of the scalar has been read. */
    void start(byte[] point) {
      x1.setBytes(point, 0);
      x2.setSmall(1);
      z2.setSmall(0);
      x3.set(x1);
      z3.setSmall(1);
    }

    /** Reads the 255 bits of k downwards; leaves k times the point in (x2 : z2). */
    void climb(long[] k) {
      // A clamped scalar ends with a zero bit, so the last doubling is of the wanted point.
      long last = 0;
      for (int i = 254; i >= 0; i--) {
        long bit = (k[i >>> 6] >>> (i & 63)) & 1;
        step(-(last ^ bit));
        last = bit;
      }
    }

    /** Doubles the second point if mask is all ones, else the first; adds both. */
    private void step(long mask) {
      a.setSum(x2, z2);
      b.setDifference(x2, z2);
      c.setSum(x3, z3);
      d.setDifference(x3, z3);
      x3.setProduct(d, a);
      z3.setProduct(c, b);
      a.setSelected(mask, a, c);
      b.setSelected(mask, b, d);
      a.setSquare(a);
      b.setSquare(b);
      c.setSum(x3, z3);
      d.setDifference(x3, z3);
      x3.setSquare(c);
      d.setSquare(d);
      z3.setProduct(x1, d);
      x2.setProduct(a, b);
      a.setDifference(a, b);
      b.setSumScaled(b, A24, a);
      z2.setProduct(a, b);
    }

    void clear() {
      x1.clear();
      x2.clear();
      z2.clear();
      x3.clear();
      z3.clear();
      a.clear();
      b.clear();
      c.clear();
      d.clear();
    }
  }

  /** Fractions x / z, of which one inversion gives all values. */
  private static final class Quotients {
    private final FieldElement[] x;
    private final FieldElement[] z;

    /** The product of all z before. */
    private final FieldElement[] before;

    private final FieldElement product = new FieldElement();
    private int count;
    private int zero = -1;

    Quotients(int capacity) {
      x = new FieldElement[capacity];
      z = new FieldElement[capacity];
      before = new FieldElement[capacity];
      product.setSmall(1);
    }

    void add(FieldElement numerator, FieldElement denominator) {
      x[count] = new FieldElement();
      x[count].set(numerator);
      z[count] = new FieldElement();
      z[count].set(denominator);
      before[count] = new FieldElement();
      before[count].set(product);
      product.setProduct(product, denominator);
      // Nobody goes on with a zero, so whoever watches the time may know of it.
      if (zero < 0 && (numerator.isZero() || denominator.isZero())) {
        zero = count;
      }
      count++;
    }

    /** Writes the values, or zeros if one of them is zero or infinite, and clears the fractions. */
    int write(byte[][] out) {
      product.setInverse(product);
      for (int i = count - 1; i >= 0; i--) {
        if (zero >= 0) {
          Arrays.fill(out[i], (byte) 0);
        } else {
          before[i].setProduct(before[i], product);
          product.setProduct(product, z[i]);
          x[i].setProduct(x[i], before[i]);
          x[i].toBytes(out[i], 0);
        }
        x[i].clear();
        z[i].clear();
        before[i].clear();
      }
      product.clear();
      return zero;
    }
  }
}
