package dev.tributary.nn.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Whose row each row of a data set is. Clients are numbered in the order of their first row. */
public final class ClientColumn {
  private final List<String> names;
  private final List<int[]> rows;

  ClientColumn(List<String> cells) {
    Map<String, List<Integer>> byName = new LinkedHashMap<>();
    for (int row = 0; row < cells.size(); row++) {
      byName.computeIfAbsent(cells.get(row), name -> new ArrayList<>()).add(row);
    }
    this.names = List.copyOf(byName.keySet());
    this.rows =
        byName.values().stream()
            .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
            .toList();
  }

  /** The clients' names. */
  public List<String> names() {
    return names;
  }

  /** Number of clients. */
  public int size() {
    return names.size();
  }

  /** The rows of a client, ascending. */
  public int[] rows(int client) {
    return rows.get(client).clone();
  }
}
