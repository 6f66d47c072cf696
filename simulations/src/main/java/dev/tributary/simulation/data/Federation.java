package dev.tributary.simulation.data;

import dev.tributary.coordinator.job.Job;
import dev.tributary.nn.data.Dataset;
import dev.tributary.wire.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The rows of a simulation, dealt.
 *
 * @param clients rows of each client
 * @param test rows that no client holds
 * @param words where the rows come from and how they were dealt
 */
public record Federation(List<Dataset> clients, Dataset test, String words) {

  /**
   * Reads and deals the rows of a job.
   *
   * @param regression whether the label column holds numbers to predict
   * @throws dev.tributary.nn.data.DataException for files that cannot be read
   * @throws PartitionException for a deal that the rows cannot carry
   * @throws UnknownDataException for a name that does not ship
   */
  public static Federation of(Job.Simulation simulation, boolean regression, Seed seed) {
    Job.Partition partition = simulation.partition();
    Rows rows = Rows.read(simulation.data(), partition, regression);
    Dataset all = rows.train();
    boolean[] held = new boolean[all.size()];
    Dataset test = rows.test();
    if (test == null) {
      hold(held, rows, seed.derive("hold-out").toLong());
      test = all.subset(where(held, true));
    }
    int[] kept = where(held, false);
    List<Dataset> clients =
        partitioner(partition, rows.owners(), kept)
            .partition(
                Arrays.stream(kept).map(all::label).toArray(),
                Math.max(1, all.classes()),
                seed.derive("partition").toLong())
            .stream()
            .map(dealt -> all.subset(Arrays.stream(dealt).map(i -> kept[i]).toArray()))
            .toList();
    return new Federation(clients, test, rows.words() + ", " + words(partition));
  }

  /**
   * Marks the rows that are kept for evaluation: the same part of every owner's rows, but never all
   * of them.
   */
  private static void hold(boolean[] held, Rows rows, long seed) {
    Map<String, List<Integer>> byOwner = new LinkedHashMap<>();
    for (int row : Shuffle.permutation(held.length, new SplittableRandom(seed))) {
      String owner = rows.owners().isEmpty() ? "" : rows.owners().get(row);
      byOwner.computeIfAbsent(owner, name -> new ArrayList<>()).add(row);
    }
    for (List<Integer> own : byOwner.values()) {
      long count = Math.min(own.size() - 1L, Math.round(own.size() * rows.holdOut()));
      own.stream().limit(count).forEach(row -> held[row] = true);
    }
  }

  private static int[] where(boolean[] held, boolean value) {
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < held.length; row++) {
      if (held[row] == value) {
        rows.add(row);
      }
    }
    return rows.stream().mapToInt(Integer::intValue).toArray();
  }

  private static Partitioner partitioner(Job.Partition partition, List<String> owners, int[] kept) {
    if (partition instanceof Job.Partition.Iid iid) {
      return Partitioner.iid(iid.clients());
    }
    if (partition instanceof Job.Partition.Dirichlet dirichlet) {
      return Partitioner.dirichlet(dirichlet.clients(), dirichlet.alpha());
    }
    if (partition instanceof Job.Partition.Shards shards) {
      return Partitioner.shards(shards.clients(), shards.perClient());
    }
    return Partitioner.byColumn(Arrays.stream(kept).mapToObj(owners::get).toList());
  }

  private static String words(Job.Partition partition) {
    if (partition instanceof Job.Partition.Iid) {
      return "dealt evenly at random";
    }
    if (partition instanceof Job.Partition.Dirichlet dirichlet) {
      return "labels dealt by a Dirichlet distribution with alpha " + dirichlet.alpha();
    }
    if (partition instanceof Job.Partition.Shards shards) {
      return "%d shards of like labels for each client".formatted(shards.perClient());
    }
    return "one client for each " + ((Job.Partition.ByColumn) partition).column();
  }
}
