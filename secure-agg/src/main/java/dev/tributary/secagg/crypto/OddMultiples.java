package dev.tributary.secagg.crypto;

import java.util.Arrays;

/**
 * The odd multiples P, 3P .. (2^(width-1) - 1)P of a point: what digits of a non-adjacent form of
 * that width name. Immutable; the rows lie in one array, since a batch walks through many tables
 * and waits for memory otherwise.
 */
final class OddMultiples {
  /** The width for points that are met once or a few times. */
  static final int WIDTH = 5;

  /** The width for the base point. */
  static final int BASE_WIDTH = 8;

  private final long[] table;
  private final boolean affine;

  private OddMultiples(long[] table, boolean affine) {
    this.table = table;
    this.affine = affine;
  }

  /**
   * The multiples of a point with valid T, for width {@link #WIDTH}.
   *
   * @param point overwritten
   * @param twice overwritten
   */
  static OddMultiples of(EdwardsPoint point, EdwardsPoint twice) {
    long[] table = new long[EdwardsPoint.ROW << (WIDTH - 2)];
    long[] two = new long[EdwardsPoint.ROW];
    twice.set(point);
    twice.twice(true);
    twice.writeRow(two, 0);
    point.writeRow(table, 0);
    for (int row = EdwardsPoint.ROW; row < table.length; row += EdwardsPoint.ROW) {
      point.add(two, 0, false, false, true);
      point.writeRow(table, row);
    }
    return new OddMultiples(table, false);
  }

  /** The multiples of the base point of Ed25519, for width {@link #BASE_WIDTH}. */
  static OddMultiples ofBase() {
    return Base.MULTIPLES;
  }

  /** sum += digit P, with an odd digit of the width; {@code withT} as for sums of points. */
  void addTo(EdwardsPoint sum, int digit, boolean withT) {
    int row = (Math.abs(digit) >> 1) * (affine ? EdwardsPoint.AFFINE_ROW : EdwardsPoint.ROW);
    sum.add(table, row, affine, digit < 0, withT);
  }

  private static final class Base {
    static final OddMultiples MULTIPLES = multiples();

    private static OddMultiples multiples() {
      byte[] encoded = new byte[EdwardsPoint.BYTES];
      Arrays.fill(encoded, (byte) 0x66);
      encoded[0] = 0x58; // y = 4/5, x even
      EdwardsPoint point = new EdwardsPoint();
      if (!point.decode(encoded, 0)) {
        throw new AssertionError("the base point lies on the curve");
      }
      EdwardsPoint twice = new EdwardsPoint();
      twice.set(point);
      twice.twice(false);
      twice.normalise();
      long[] two = new long[EdwardsPoint.AFFINE_ROW];
      twice.writeAffineRow(two, 0);
      long[] table = new long[EdwardsPoint.AFFINE_ROW << (BASE_WIDTH - 2)];
      point.writeAffineRow(table, 0);
      for (int row = EdwardsPoint.AFFINE_ROW; row < table.length; row += EdwardsPoint.AFFINE_ROW) {
        point.add(two, 0, true, false, false);
        point.normalise();
        point.writeAffineRow(table, row);
      }
      return new OddMultiples(table, true);
    }
  }
}
