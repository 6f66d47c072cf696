package dev.tributary.simulation.data;

import java.util.ArrayList;
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
      deal(byLabel, from, to, Draws.dirichlet(clients, alpha, random), held);
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
}
