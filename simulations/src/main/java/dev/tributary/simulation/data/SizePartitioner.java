package dev.tributary.simulation.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Rows in random order, cut into parts of given proportions: each client gets one row and its part
 * of the rest. Labels are mixed alike everywhere, only sizes differ.
 */
final class SizePartitioner implements Partitioner {
  private final int clients;
  private final Function<SplittableRandom, double[]> proportions;

  /**
   * @param proportions draws double[clients] that add up to 1
   */
  SizePartitioner(int clients, Function<SplittableRandom, double[]> proportions) {
    this.clients = clients;
    this.proportions = proportions;
  }

  @Override
  public List<int[]> partition(int[] labels, int classes, long seed) {
    Partitioner.requireRows(clients, labels.length);
    SplittableRandom random = new SplittableRandom(seed);
    double[] parts = proportions.apply(random);
    int[] order = Shuffle.permutation(labels.length, random);
    int rest = labels.length - clients;
    List<int[]> result = new ArrayList<>(clients);
    double cumulated = 0;
    int from = 0;
    for (int client = 0; client < clients; client++) {
      cumulated += parts[client];
      int to =
          client == clients - 1
              ? labels.length
              : Math.max(from, client + (int) (rest * Math.min(1, cumulated))) + 1;
      int[] rows = Arrays.copyOfRange(order, from, to);
      Arrays.sort(rows);
      result.add(rows);
      from = to;
    }
    return result;
  }

  /** Zipf's law: rank r has r^-exponent of the first, over the sum; ranks are dealt at random. */
  static double[] zipf(int clients, double exponent, SplittableRandom random) {
    double[] parts = new double[clients];
    double sum = 0;
    int[] ranks = Shuffle.permutation(clients, random);
    for (int client = 0; client < clients; client++) {
      parts[client] = StrictMath.pow(ranks[client] + 1, -exponent);
      sum += parts[client];
    }
    double total = sum;
    return Arrays.stream(parts).map(part -> part / total).toArray();
  }
}
