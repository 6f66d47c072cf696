package dev.tributary.coordinator.job;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with a file, so that one reading reports everything. */
final class Problems {
  private final List<Problem> found = new ArrayList<>();

  void add(Problem problem) {
    found.add(problem);
  }

  boolean none() {
    return found.isEmpty();
  }

  void throwIfAny() {
    if (!found.isEmpty()) {
      List<Problem> sorted = new ArrayList<>(found);
      sorted.sort(Comparator.comparingInt(Problem::line));
      throw new JobFileException(sorted);
    }
  }
}
