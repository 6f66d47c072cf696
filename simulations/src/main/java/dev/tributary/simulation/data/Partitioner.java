package dev.tributary.simulation.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Deals rows to clients. Every row goes to exactly one client and every client gets at least one
 * row; the result depends on the arguments and the seed alone, on every platform ({@link
 * StrictMath}).
 */
public interface Partitioner {
  /**
   * Says which rows each client holds.
   *
   * @param labels class of each row, 0..classes-1; row i of the result's arrays is index i here
   * @param classes number of classes
   * @param seed decides the deal
   * @return row indices by client, ascending within a client
   * @throws PartitionException when there are fewer rows than clients
   */
  List<int[]> partition(int[] labels, int classes, long seed);

  /** Rows in random order, dealt in equal parts: sizes differ by at most one. */
  static Partitioner iid(int clients) {
    return (labels, classes, seed) -> {
      requireRows(clients, labels.length);
      int[] order = Shuffle.permutation(labels.length, new SplittableRandom(seed));
      return cut(order, clients);
    };
  }

  /**
   * McMahan et al. 2017 (arXiv 1602.05629, section 3): rows sorted by label, cut into {@code
   * clients * perClient} shards, {@code perClient} random shards to each client.
   */
  static Partitioner shards(int clients, int perClient) {
    return (labels, classes, seed) -> {
      requireRows((long) clients * perClient, labels.length);
      int shards = clients * perClient;
      SplittableRandom random = new SplittableRandom(seed);
      int[] byLabel = Shuffle.stableByLabel(labels, classes, random);
      List<int[]> cut = cut(byLabel, shards);
      int[] deal = Shuffle.permutation(shards, random);
      List<int[]> result = new ArrayList<>(clients);
      for (int client = 0; client < clients; client++) {
        int[] rows = new int[0];
        for (int s = 0; s < perClient; s++) {
          rows = concatenate(rows, cut.get(deal[client * perClient + s]));
        }
        Arrays.sort(rows);
        result.add(rows);
      }
      return result;
    };
  }

  /**
   * Class proportions over clients drawn from Dirichlet(alpha); see {@link DirichletPartitioner}.
   */
  static Partitioner dirichlet(int clients, double alpha) {
    return new DirichletPartitioner(clients, alpha);
  }

  /**
   * Sizes drawn from Dirichlet(alpha), labels at random (NIID-Bench, arXiv 2102.02079, "quantity
   * skew"); see {@link SizePartitioner}.
   */
  static Partitioner dirichletSizes(int clients, double alpha) {
    return new SizePartitioner(clients, random -> Draws.dirichlet(clients, alpha, random));
  }

  /**
   * Sizes by a power law, as in the experiments of Li et al. 2020 (arXiv 1812.06127, section 5.1):
   * the client of rank r has r^-exponent of the first one's part; labels at random.
   */
  static Partitioner powerLaw(int clients, double exponent) {
    return new SizePartitioner(clients, random -> SizePartitioner.zipf(clients, exponent, random));
  }

  /** Rows of {@code perClient} labels for each client; see {@link LabelPartitioner}. */
  static Partitioner labels(int clients, int perClient) {
    return new LabelPartitioner(clients, perClient);
  }

  /**
   * One client per distinct value of a column, in the order of the values.
   *
   * @param values the column's value for each row
   */
  static Partitioner byColumn(List<String> values) {
    return (labels, classes, seed) -> {
      if (values.size() != labels.length) {
        throw new PartitionException(
            "the client column has %d values for %d rows".formatted(values.size(), labels.length));
      }
      Map<String, List<Integer>> byValue = new TreeMap<>();
      for (int row = 0; row < labels.length; row++) {
        byValue.computeIfAbsent(values.get(row), v -> new ArrayList<>()).add(row);
      }
      requireRows(1, labels.length);
      return byValue.values().stream()
          .map(rows -> rows.stream().mapToInt(Integer::intValue).toArray())
          .toList();
    };
  }

  private static List<int[]> cut(int[] order, int parts) {
    List<int[]> result = new ArrayList<>(parts);
    for (int part = 0; part < parts; part++) {
      int from = (int) ((long) order.length * part / parts);
      int to = (int) ((long) order.length * (part + 1) / parts);
      int[] rows = Arrays.copyOfRange(order, from, to);
      Arrays.sort(rows);
      result.add(rows);
    }
    return result;
  }

  private static int[] concatenate(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /** Refuses a deal in which somebody would stay without rows. */
  static void requireRows(long parts, int rows) {
    if (parts < 1 || rows < parts) {
      throw new PartitionException(
          "%d rows cannot be dealt to %d clients or shards: each needs at least one row. Name fewer clients."
              .formatted(rows, parts));
    }
  }
}
