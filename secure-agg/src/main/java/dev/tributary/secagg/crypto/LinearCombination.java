package dev.tributary.secagg.crypto;

import java.util.Arrays;

/**
 * A sum of multiples of points, k_1 P_1 + k_2 P_2 + .., whose doublings are shared by all points
 * (Straus). Variable time: for public data only.
 *
 * <p>For each power of two there is a list of the digits that stand at it, so that the sum walks
 * through digits that are not 0 and through nothing else.
 */
final class LinearCombination {
  private static final int POSITIONS = 256;

  private final OddMultiples[] points;
  private int size;

  /** For each position the last digit entered, and for each digit the one entered before it. */
  private final int[] last = new int[POSITIONS];

  private int[] before;
  private int[] point;
  private byte[] digit;
  private int digits = 1; // 0 ends a list

  /** A sum of up to the given number of points, for now without any. */
  LinearCombination(int points) {
    this.points = new OddMultiples[points];
    int expected = 48 * points;
    before = new int[expected];
    point = new int[expected];
    digit = new byte[expected];
  }

  /** Adds k times the point whose multiples are given for that width. */
  void add(Scalar k, OddMultiples multiples, int width) {
    points[size] = multiples;
    k.nonAdjacentForm(width, this::enter);
    size++;
  }

  private void enter(int position, int value) {
    if (digits == digit.length) {
      before = Arrays.copyOf(before, 2 * digits);
      point = Arrays.copyOf(point, 2 * digits);
      digit = Arrays.copyOf(digit, 2 * digits);
    }
    before[digits] = last[position];
    point[digits] = size;
    digit[digits] = (byte) value;
    last[position] = digits++;
  }

  /** The sum; its T is not valid. */
  EdwardsPoint sum() {
    EdwardsPoint sum = new EdwardsPoint();
    int position = POSITIONS - 1;
    while (position >= 0 && last[position] == 0) {
      position--;
    }
    for (; position >= 0; position--) {
      sum.twice(last[position] != 0);
      for (int i = last[position]; i != 0; i = before[i]) {
        points[point[i]].addTo(sum, digit[i], before[i] != 0);
      }
    }
    return sum;
  }
}
