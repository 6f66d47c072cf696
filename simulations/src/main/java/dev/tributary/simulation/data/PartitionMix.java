package dev.tributary.simulation.data;

import dev.tributary.nn.data.Dataset;
import java.util.Arrays;
import java.util.List;

/**
 * How rows are shared among clients.
 *
 * @param population how many clients there are
 * @param classes number of labels; 0 where rows carry a number to predict
 * @param counts rows of each client and label, int[clients][classes]; one column without classes
 */
@SuppressWarnings("ArrayRecordComponent") // read by pictures and tables, never compared
public record PartitionMix(int population, int classes, int[][] counts) {
  /** More clients than this are counted by a part of them, evenly chosen. */
  static final int MOST = 10_000;

  /**
   * Rows of all that are counted, about: clients that draw theirs make them when they are asked.
   */
  private static final double MOST_ROWS = 1e7;

  /** Counts the rows that clients train on. */
  public static PartitionMix of(List<Dataset> clients) {
    double rowsEach =
        Arrays.stream(evenly(clients.size(), 5))
            .map(client -> clients.get(client).size())
            .average()
            .orElse(0);
    int most = (int) Math.max(1, Math.min(MOST, MOST_ROWS / Math.max(1, rowsEach)));
    int[] chosen = evenly(clients.size(), most);
    int classes =
        Arrays.stream(chosen).map(client -> clients.get(client).classes()).max().orElse(0);
    int[][] counts = new int[chosen.length][Math.max(1, classes)];
    for (int client = 0; client < counts.length; client++) {
      Dataset rows = clients.get(chosen[client]);
      for (int row = 0; row < rows.size(); row++) {
        counts[client][classes == 0 ? 0 : rows.label(row)]++;
      }
    }
    return new PartitionMix(clients.size(), classes, counts);
  }

  /** How many clients were counted. */
  public int clients() {
    return counts.length;
  }

  /** The number in the population of a client that was counted. */
  public int number(int client) {
    return (int) ((long) client * population / counts.length);
  }

  /** Rows of a client. */
  public int size(int client) {
    return Arrays.stream(counts[client]).sum();
  }

  /** Rows of all clients. */
  public long rows() {
    return Arrays.stream(counts).mapToLong(own -> Arrays.stream(own).asLongStream().sum()).sum();
  }

  /** Rows of each client, the smallest first. */
  public int[] sizes() {
    int[] sizes = new int[counts.length];
    Arrays.setAll(sizes, this::size);
    Arrays.sort(sizes);
    return sizes;
  }

  /** Labels that a client has on average. */
  public double meanLabels() {
    return Arrays.stream(counts)
        .mapToLong(own -> Arrays.stream(own).filter(count -> count > 0).count())
        .average()
        .orElse(0);
  }

  /**
   * How far the labels of a client are from those of all: total variation distance, averaged over
   * clients, from 0 (the same mix everywhere) to 1.
   */
  public double skew() {
    double[] all = new double[counts[0].length];
    double rows = rows();
    for (int[] own : counts) {
      for (int k = 0; k < all.length; k++) {
        all[k] += own[k] / rows;
      }
    }
    double sum = 0;
    for (int client = 0; client < counts.length; client++) {
      double size = Math.max(1, size(client));
      for (int k = 0; k < all.length; k++) {
        sum += Math.abs(counts[client][k] / size - all[k]) / 2;
      }
    }
    return sum / counts.length;
  }

  /** At most so many clients, evenly spaced, the first among them. */
  public int[] sample(int most) {
    return evenly(counts.length, most);
  }

  private static int[] evenly(int all, int most) {
    int count = Math.min(most, all);
    int[] chosen = new int[count];
    Arrays.setAll(chosen, i -> (int) ((long) i * all / count));
    return chosen;
  }
}
