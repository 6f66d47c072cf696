package dev.tributary.simulation.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * For each class k, proportions over clients p_k ~ Dirichlet(alpha), then the rows of class k are
 * cut by p_k (NIID-Bench, arXiv 2102.02079, "distribution-based label imbalance"). A client left
 * without rows gets one from the client that then has most.
 */
final class DirichletPartitioner implements Partitioner {
  private final int clients;
  private final double alpha;

  DirichletPartitioner(int clients, double alpha) {
    if (!(alpha > 0) || Double.isInfinite(alpha)) {
      throw new PartitionException(
          "alpha must be a number above 0. Provided value: %s".formatted(alpha));
    }
    this.clients = clients;
    this.alpha = alpha;
  }

  @Override
  public List<int[]> partition(int[] labels, int classes, long seed) {
    Partitioner.requireRows(clients, labels.length);
    SplittableRandom random = new SplittableRandom(seed);
    int[] byLabel = Shuffle.stableByLabel(labels, classes, random);
    List<List<Integer>> held = new ArrayList<>(clients);
    for (int client = 0; client < clients; client++) {
      held.add(new ArrayList<>());
    }
    int from = 0;
    while (from < byLabel.length) {
      int to = from;
      while (to < byLabel.length && labels[byLabel[to]] == labels[byLabel[from]]) {
        to++;
      }
      deal(byLabel, from, to, proportions(random), held);
      from = to;
    }
    feedTheEmpty(held);
    return held.stream()
        .map(rows -> rows.stream().mapToInt(Integer::intValue).sorted().toArray())
        .toList();
  }

  private void deal(
      int[] byLabel, int from, int to, double[] proportions, List<List<Integer>> held) {
    double cumulated = 0;
    int start = from;
    for (int client = 0; client < clients; client++) {
      cumulated += proportions[client];
      int end = client == clients - 1 ? to : from + (int) ((to - from) * Math.min(1, cumulated));
      for (int i = start; i < end; i++) {
        held.get(client).add(byLabel[i]);
      }
      start = Math.max(start, end);
    }
  }

  private static void feedTheEmpty(List<List<Integer>> held) {
    for (List<Integer> rows : held) {
      if (rows.isEmpty()) {
        List<Integer> richest = held.get(0);
        for (List<Integer> candidate : held) {
          richest = candidate.size() > richest.size() ? candidate : richest;
        }
        rows.add(richest.remove(richest.size() - 1));
      }
    }
  }

  /**
   * Dirichlet(alpha, ..., alpha) as normalised logarithms of gamma draws, so that no small alpha
   * makes all of them underflow.
   */
  private double[] proportions(SplittableRandom random) {
    double[] logs = new double[clients];
    double largest = Double.NEGATIVE_INFINITY;
    for (int client = 0; client < clients; client++) {
      logs[client] = logGamma(random);
      largest = Math.max(largest, logs[client]);
    }
    double sum = 0;
    for (int client = 0; client < clients; client++) {
      logs[client] = StrictMath.exp(logs[client] - largest);
      sum += logs[client];
    }
    double total = sum;
    return Arrays.stream(logs).map(p -> p / total).toArray();
  }

  /**
   * Logarithm of a Gamma(alpha, 1) draw: Marsaglia and Tsang (ACM TOMS 26(3), 2000) at alpha + 1,
   * times U^(1/alpha).
   */
  private double logGamma(SplittableRandom random) {
    double d = alpha + 1 - 1.0 / 3;
    double c = 1 / StrictMath.sqrt(9 * d);
    while (true) {
      double x = gaussian(random);
      double v = 1 + c * x;
      if (v > 0) {
        double cube = v * v * v;
        double u = 1 - random.nextDouble();
        if (StrictMath.log(u) < 0.5 * x * x + d - d * cube + d * StrictMath.log(cube)) {
          return StrictMath.log(d * cube) + StrictMath.log(1 - random.nextDouble()) / alpha;
        }
      }
    }
  }

  /** Marsaglia's polar method. */
  private static double gaussian(SplittableRandom random) {
    while (true) {
      double x = 2 * random.nextDouble() - 1;
      double y = 2 * random.nextDouble() - 1;
      double s = x * x + y * y;
      if (s > 0 && s < 1) {
        return x * StrictMath.sqrt(-2 * StrictMath.log(s) / s);
      }
    }
  }
}
