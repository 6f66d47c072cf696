package dev.tributary.secagg.graph;

import dev.tributary.secagg.crypto.SecretStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who masks with whom and who holds whose shares, over the indices of a roster (section 5). */
@FunctionalInterface
public interface Graph {

  /** The neighbours of one member. */
  Neighbours of(int index);

  /** Everybody with everybody. */
  static Graph complete(int n) {
    return index -> Neighbours.complete(n, index);
  }

  /**
   * The graph of the members' own choices.
   *
   * @param choices by roster index; may name members that have made none
   */
  static Graph chosen(Map<Integer, int[]> choices) {
    Map<Integer, List<Integer>> choosers = new HashMap<>();
    choices.forEach(
        (chooser, chosen) -> {
          for (int index : chosen) {
            choosers.computeIfAbsent(index, i -> new ArrayList<>()).add(chooser);
          }
        });
    return index ->
        Neighbours.directed(
            index,
            choices.getOrDefault(index, new int[0]),
            choosers.getOrDefault(index, List.of()).stream().mapToInt(i -> i).toArray());
  }

  /**
   * The Harary graph: a ring in the order of a uniform permutation, each member joined to the k / 2
   * nearest on either side. The permutation is Fisher and Yates', from the last place down, drawn
   * from the key stream; member p[r] stands at place r.
   *
   * @param degree k, even and below n
   * @param key 32 bytes that session and roster fix
   */
  static Graph harary(int n, int degree, byte[] key) {
    if (degree < 2 || degree % 2 != 0 || degree >= n) {
      throw new IllegalArgumentException(
          "a ring of " + n + " has an even degree from 2 to " + (n - 1) + ". Provided: " + degree);
    }
    int[] at = new int[n];
    for (int i = 0; i < n; i++) {
      at[i] = i;
    }
    SecretStream stream = new SecretStream(key);
    for (int i = n - 1; i > 0; i--) {
      int j = stream.nextBelow(i + 1);
      int moved = at[i];
      at[i] = at[j];
      at[j] = moved;
    }
    int[] place = new int[n];
    for (int r = 0; r < n; r++) {
      place[at[r]] = r;
    }
    return index -> {
      int[] neighbours = new int[degree];
      for (int d = 1; d <= degree / 2; d++) {
        neighbours[2 * d - 2] = at[Math.floorMod(place[index] - d, n)];
        neighbours[2 * d - 1] = at[(place[index] + d) % n];
      }
      return Neighbours.symmetric(index, neighbours);
    };
  }
}
