package dev.tributary.secagg.crypto;

import java.util.Arrays;

/**
 * A point of the curve -x^2 + y^2 = 1 + d x^2 y^2 over GF(2^255 - 19), as an accumulator: every
 * operation writes into it. Variable time: for public data only.
 *
 * <p>Extended coordinates x = X/Z, y = Y/Z, T = XY/Z (Hisil, Wong, Carter, Dawson, "Twisted Edwards
 * curves revisited", Asiacrypt 2008, sections 3.1 and 3.3). Only additions read T, so whoever knows
 * that a doubling comes next saves the product. Coordinates are of one term; the comments count the
 * terms of the factors made of them (see {@link FieldElement}).
 */
final class EdwardsPoint {
  static final int BYTES = 32;

  /** Longs in a row of a table. */
  static final int ROW = 20;

  /** Longs in a row of a table of points with Z = 1. */
  static final int AFFINE_ROW = 15;

  private static final FieldElement ONE = FieldElement.ofLimbs(1, 0, 0, 0, 0);

  /** d = -121665/121666. */
  private static final FieldElement D = new FieldElement();

  private static final FieldElement TWICE_D = new FieldElement();

  /** A square root of -1: 2^((p - 1) / 4). */
  private static final FieldElement ROOT_OF_MINUS_ONE = new FieldElement();

  static {
    D.setInverse(FieldElement.ofLimbs(121666, 0, 0, 0, 0));
    D.setProduct(D, FieldElement.ofLimbs(-121665, 0, 0, 0, 0));
    TWICE_D.setProduct(D, FieldElement.ofLimbs(2, 0, 0, 0, 0));
    // (p - 1) / 4 = 2^253 - 5 = 2 (2^252 - 3) + 1
    FieldElement two = FieldElement.ofLimbs(2, 0, 0, 0, 0);
    ROOT_OF_MINUS_ONE.setPowerForRoot(two);
    ROOT_OF_MINUS_ONE.setSquare(ROOT_OF_MINUS_ONE);
    ROOT_OF_MINUS_ONE.setProduct(ROOT_OF_MINUS_ONE, two);
  }

  private final FieldElement x = new FieldElement();
  private final FieldElement y = new FieldElement();
  private final FieldElement z = new FieldElement();
  private final FieldElement t = new FieldElement();

  private final FieldElement a = new FieldElement();
  private final FieldElement b = new FieldElement();
  private final FieldElement c = new FieldElement();
  private final FieldElement e = new FieldElement();
  private final FieldElement f = new FieldElement();
  private final FieldElement g = new FieldElement();
  private final FieldElement h = new FieldElement();

  /** The neutral element. */
  EdwardsPoint() {
    setNeutral();
  }

  void set(EdwardsPoint point) {
    x.set(point.x);
    y.set(point.y);
    z.set(point.z);
    t.set(point.t);
  }

  void setNeutral() {
    x.setSmall(0);
    y.setSmall(1);
    z.setSmall(1);
    t.setSmall(0);
  }

  /**
   * Decodes a point (RFC 8032, section 5.1.3).
   *
   * @return false, with the point undefined, if y is p or more, if no x belongs to y, or if x = 0
   *     comes with the sign bit set
   */
  boolean decode(byte[] bytes, int offset) {
    y.setBytes(bytes, offset);
    int sign = bytes[offset + BYTES - 1] & 0x80;
    if (!hasEncoding(y, sign, bytes, offset)) {
      return false;
    }
    // x^2 = u / v, and x = u v^3 (u v^7)^((p-5)/8) if that or its product with i is a root at all.
    z.setSmall(1);
    t.setSquare(y);
    FieldElement u = a;
    FieldElement v = b;
    u.setDifference(t, ONE);
    v.setProduct(t, D);
    v.setSum(v, ONE);
    c.setSquare(v);
    c.setProduct(c, v);
    c.setProduct(c, u); // u v^3
    e.setSquare(v);
    e.setSquare(e);
    e.setProduct(e, c); // u v^7
    x.setPowerForRoot(e);
    x.setProduct(x, c);
    e.setSquare(x);
    e.setProduct(e, v);
    f.setDifference(e, u);
    if (!f.isZero()) {
      f.setSum(e, u);
      if (!f.isZero()) {
        return false;
      }
      x.setProduct(x, ROOT_OF_MINUS_ONE);
    }
    if (x.isOdd() != (sign != 0)) {
      if (x.isZero()) {
        return false;
      }
      x.setNegative(x);
    }
    t.setProduct(x, y);
    return true;
  }

  /** Divides the coordinates by Z; T is valid afterwards, and need not be before. */
  void normalise() {
    a.setInverse(z);
    x.setProduct(x, a);
    y.setProduct(y, a);
    z.setSmall(1);
    t.setProduct(x, y);
  }

  /** Whether a point with Z = 1 is encoded by exactly these bytes (RFC 8032, section 5.1.2). */
  boolean isEncodedBy(byte[] bytes, int offset) {
    return hasEncoding(y, x.isOdd() ? 0x80 : 0, bytes, offset);
  }

  private static boolean hasEncoding(FieldElement y, int sign, byte[] bytes, int offset) {
    byte[] encoded = new byte[BYTES];
    y.toBytes(encoded, 0);
    encoded[BYTES - 1] |= (byte) sign;
    return Arrays.equals(encoded, 0, BYTES, bytes, offset, offset + BYTES);
  }

  void negate() {
    x.setNegative(x);
    t.setNegative(t);
  }

  /** Doubles the point; T is undefined afterwards unless the next operation needs it. */
  void twice(boolean withT) {
    a.setSquare(x);
    b.setSquare(y);
    c.setSquare(z);
    e.setSum(x, y);
    e.setSquare(e);
    h.setSum(a, b); // 2 terms
    e.setDifference(h, e); // 3 terms
    g.setDifference(a, b); // 2 terms
    c.setSum(c, c);
    f.setSum(c, g); // 4 terms
    finish(withT);
  }

  /**
   * Adds a point or its negative, given as a row of a table; T must be valid, and is undefined
   * afterwards unless the next operation needs it.
   */
  void add(long[] table, int row, boolean affine, boolean negative, boolean withT) {
    FieldElement yPlusX = e;
    FieldElement yMinusX = f;
    yPlusX.setLimbs(table, row);
    yMinusX.setLimbs(table, row + 5);
    g.setLimbs(table, row + 10); // 2dT
    a.setDifference(y, x);
    b.setSum(y, x);
    a.setProduct(a, negative ? yPlusX : yMinusX);
    b.setProduct(b, negative ? yMinusX : yPlusX);
    c.setProduct(t, g);
    if (affine) {
      h.setSum(z, z);
    } else {
      h.setLimbs(table, row + 15); // 2Z
      h.setProduct(z, h);
    }
    e.setDifference(b, a); // 2 terms
    if (negative) {
      f.setSum(h, c); // 3 terms
      g.setDifference(h, c);
    } else {
      f.setDifference(h, c);
      g.setSum(h, c);
    }
    h.setSum(b, a);
    finish(withT);
  }

  /** X = EF, Y = GH, Z = FG, T = EH. */
  private void finish(boolean withT) {
    x.setProduct(e, f);
    y.setProduct(g, h);
    z.setProduct(f, g);
    if (withT) {
      t.setProduct(e, h);
    }
  }

  /** Whether 8 times the point is the neutral element; the point is then 8 times itself. */
  boolean timesEightIsNeutral() {
    twice(false);
    twice(false);
    twice(false);
    // A multiple of 8 has odd order, so x = 0 leaves the neutral element alone.
    return x.isZero();
  }

  /** Writes a row that {@link #add} reads: Y + X, Y - X, 2dT, 2Z; T must be valid. */
  void writeRow(long[] table, int row) {
    writeAffineRow(table, row);
    a.setSum(z, z);
    a.toLimbs(table, row + 15);
  }

  /** Writes an affine row, which is one without 2Z; Z must be 1 and T valid. */
  void writeAffineRow(long[] table, int row) {
    a.setSum(y, x);
    a.toLimbs(table, row);
    a.setDifference(y, x);
    a.toLimbs(table, row + 5);
    a.setProduct(t, TWICE_D);
    a.toLimbs(table, row + 10);
  }
}
