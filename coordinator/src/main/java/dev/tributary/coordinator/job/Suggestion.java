package dev.tributary.coordinator.job;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that was meant, by the number of letters to change. */
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

  private static Optional<String> nearest(String written, Collection<String> known) {
    String lower = written.toLowerCase(Locale.ROOT);
    return known.stream()
        .filter(name -> distance(lower, name.toLowerCase(Locale.ROOT)) <= limit(name))
        .min(Comparator.comparingInt(name -> distance(lower, name.toLowerCase(Locale.ROOT))));
  }

  private static int limit(String name) {
    return Math.max(1, name.length() / 3);
  }

  /** Levenshtein distance: letters inserted, removed or replaced. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
