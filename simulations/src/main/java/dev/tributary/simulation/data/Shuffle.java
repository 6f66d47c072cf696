package dev.tributary.simulation.data;

import java.util.SplittableRandom;

/** Seeded orders of rows. */
final class Shuffle {
  private Shuffle() {}

  /** Fisher-Yates over 0..length-1. */
  static int[] permutation(int length, SplittableRandom random) {
    int[] order = new int[length];
    for (int i = 0; i < length; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** All rows, by label; the order inside a label is random. */
  static int[] stableByLabel(int[] labels, int classes, SplittableRandom random) {
    int[] starts = new int[classes + 1];
    for (int label : labels) {
      starts[label + 1]++;
    }
    for (int k = 0; k < classes; k++) {
      starts[k + 1] += starts[k];
    }
    int[] sorted = new int[labels.length];
    for (int row : permutation(labels.length, random)) {
      sorted[starts[labels[row]]++] = row;
    }
    return sorted;
  }
}
