package dev.tributary.coordinator.job;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that was meant, by the number of letters to change or swap. */
final class Suggestion {
  private Suggestion() {}

  /** A sentence that names the nearest known word, or all of them when none is near. */
  static String among(String written, Collection<String> known) {
    if (known.isEmpty()) {
      return "Nothing may stand here.";
    }
    return nearest(written, known)
        .map(near -> "Did you mean " + near + "?")
        .orElseGet(() -> "Known here: " + String.join(", ", known) + ".");
  }

  /** The nearest known word, where one is near. */
  static Optional<String> nearest(String written, Collection<String> known) {
    String lower = written.toLowerCase(Locale.ROOT);
    return known.stream()
        .filter(name -> distance(lower, name.toLowerCase(Locale.ROOT)) <= limit(name))
        .min(Comparator.comparingInt(name -> distance(lower, name.toLowerCase(Locale.ROOT))));
  }

  private static int limit(String name) {
    return Math.max(1, name.length() / 3);
  }

  /** Edit distance: letters inserted, removed, replaced, or two neighbours swapped. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        d[i][j] = i == 0 || j == 0 ? i + j : step(a, b, d, i, j);
      }
    }
    return d[a.length()][b.length()];
  }

  private static int step(String a, String b, int[][] d, int i, int j) {
    int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int best = Math.min(replaced, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, d[i - 2][j - 2] + 1) : best;
  }
}
