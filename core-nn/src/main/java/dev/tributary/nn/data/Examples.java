package dev.tributary.nn.data;

import java.util.List;

/**
 * Rows, and whose they are.
 *
 * @param owners the client of each row by name; empty where the data does not say
 */
public record Examples(Dataset data, List<String> owners) {
  public Examples {
    owners = List.copyOf(owners);
    if (!owners.isEmpty() && owners.size() != data.size()) {
      throw new IllegalArgumentException(
          data.size() + " rows, but " + owners.size() + " owners came");
    }
  }
}
