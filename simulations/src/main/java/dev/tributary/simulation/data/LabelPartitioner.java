package dev.tributary.simulation.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * Rows of k labels for each client (NIID-Bench, arXiv 2102.02079, "quantity-based label
 * imbalance"): a label's rows are dealt in equal parts to those who own the label. Client i owns
 * label i mod the number of labels, in a random order of them, then labels that nobody owns yet,
 * then others at random; so every label has an owner, and every row goes to exactly one client.
 */
final class LabelPartitioner implements Partitioner {
  private final int clients;
  private final int perClient;

  LabelPartitioner(int clients, int perClient) {
    this.clients = clients;
    this.perClient = perClient;
  }

  @Override
  public List<int[]> partition(int[] labels, int classes, long seed) {
    Partitioner.requireRows(clients, labels.length);
    SplittableRandom random = new SplittableRandom(seed);
    int[] present = Arrays.stream(labels).distinct().sorted().toArray();
    if (perClient > present.length || (long) clients * perClient < present.length) {
      throw new PartitionException(
          "%d labels for each of %d clients cannot be dealt from rows of %d labels: no client can have more labels than there are, and each label needs an owner."
              .formatted(perClient, clients, present.length));
    }
    List<List<Integer>> owners = owners(present.length, random);
    int[] byLabel = Shuffle.stableByLabel(labels, classes, random);
    List<List<Integer>> held = new ArrayList<>(clients);
    for (int client = 0; client < clients; client++) {
      held.add(new ArrayList<>());
    }
    int from = 0;
    for (int label = 0; label < present.length; label++) {
      int to = from;
      while (to < byLabel.length && labels[byLabel[to]] == present[label]) {
        to++;
      }
      List<Integer> own = owners.get(label);
      if (to - from < own.size()) {
        throw new PartitionException(
            "label %d has %d rows for %d clients that own it: each needs at least one. Name fewer clients or fewer labels for each."
                .formatted(present[label], to - from, own.size()));
      }
      for (int i = from; i < to; i++) {
        held.get(own.get((i - from) % own.size())).add(byLabel[i]);
      }
      from = to;
    }
    return held.stream()
        .map(rows -> rows.stream().mapToInt(Integer::intValue).sorted().toArray())
        .toList();
  }

  /** The clients that own each label. */
  private List<List<Integer>> owners(int labels, SplittableRandom random) {
    List<List<Integer>> owners = new ArrayList<>(labels);
    for (int label = 0; label < labels; label++) {
      owners.add(new ArrayList<>());
    }
    int[] order = Shuffle.permutation(labels, random);
    List<TreeSet<Integer>> own = new ArrayList<>(clients);
    for (int client = 0; client < clients; client++) {
      own.add(new TreeSet<>());
      own.get(client).add(order[client % labels]);
    }
    int next = Math.min(clients, labels); // of the order; those before have owners
    for (TreeSet<Integer> mine : own) {
      while (mine.size() < perClient && next < labels) {
        mine.add(order[next++]);
      }
      while (mine.size() < perClient) {
        mine.add(random.nextInt(labels));
      }
    }
    for (int client = 0; client < clients; client++) {
      for (int label : own.get(client)) {
        owners.get(label).add(client);
      }
    }
    return owners;
  }
}
