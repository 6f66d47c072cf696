package dev.tributary.simulation.data;

import dev.tributary.client.NnTrainer;
import dev.tributary.client.Trainer;
import dev.tributary.coordinator.job.Job;
import dev.tributary.nn.data.Csv;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.data.Normalisation;
import dev.tributary.nn.engine.Engine;
import dev.tributary.wire.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a simulation, dealt.
 *
 * @param clients rows of each client to train on; made when they are asked for, where they are
 *     drawn
 * @param test rows that no client trains on
 * @param tests rows of each client that it does not train on ({@code split: perClient}), kept of
 *     its own or, where the data says whose its test rows are, those; else empty. A client may have
 *     none. Together they are {@code test}, unless the data has test rows of its own.
 * @param words where the rows come from and how they were dealt
 * @param sums that clients need before they can train: their numeric columns are standardised with
 *     what these say of all of them; null where nothing is missing
 */
public record Federation(
    List<Dataset> clients,
    Dataset test,
    List<Dataset> tests,
    String words,
    @Nullable ColumnSums sums) {
  private static final int MOST_COLUMNS = 20;

  public Federation {
    clients = clients instanceof DrawnClients ? clients : List.copyOf(clients);
    tests = List.copyOf(tests);
  }

  /**
   * Reads and deals the rows of a job.
   *
   * @param regression whether the label column holds numbers to predict
   * @throws dev.tributary.nn.data.DataException for files that cannot be read
   * @throws PartitionException for a deal that the rows cannot carry
   * @throws UnknownDataException for a name that does not ship
   */
  public static Federation of(Job.Simulation simulation, boolean regression, Seed seed) {
    return of(simulation, regression, false, seed);
  }

  /**
   * The same.
   *
   * @param clientsEvaluate whether clients keep rows even where the data has test rows of its own
   */
  public static Federation of(
      Job.Simulation simulation, boolean regression, boolean clientsEvaluate, Seed seed) {
    Job.Partition partition = simulation.partition();
    Rows rows = Rows.read(simulation.data(), partition, regression, seed.derive("synthetic"));
    boolean perClient =
        simulation.split() == Job.Split.PER_CLIENT && (clientsEvaluate || rows.test() == null);
    Dataset all = rows.train();
    boolean[] held = new boolean[all.size()];
    Dataset test = rows.test();
    if (test == null && !perClient) {
      hold(held, rows, seed.derive("hold-out").toLong());
      test = all.subset(where(held, true));
    }
    int[] kept = where(held, false);
    if (partition instanceof Job.Partition.Drawn drawn) {
      if (test == null) {
        throw new PartitionException(
            "clients that draw their rows keep none of them for evaluation. Write split: pooled.");
      }
      List<Dataset> clients =
          new DrawnClients(
              all.subset(kept),
              drawn.clients(),
              drawn.rows(),
              drawn.alpha(),
              seed.derive("partition"));
      return new Federation(clients, test, List.of(), rows.words() + ", " + words(partition), null);
    }
    List<Dataset> clients =
        partitioner(partition, rows, kept)
            .partition(
                Arrays.stream(kept).map(all::label).toArray(),
                Math.max(1, all.classes()),
                seed.derive("partition").toLong())
            .stream()
            .map(dealt -> all.subset(Arrays.stream(dealt).map(i -> kept[i]).toArray()))
            .toList();
    if (partition instanceof Job.Partition.FeatureNoise noise) {
      clients = FeatureNoise.add(clients, noise.sigma(), seed.derive("feature-noise"));
    }
    String words =
        rows.words()
            + ", "
            + words(partition)
            + (rows.sums() == null ? "" : ", standardised with federated statistics");
    if (!perClient) {
      return new Federation(clients, Objects.requireNonNull(test), List.of(), words, rows.sums());
    }
    List<Dataset> own =
        partition instanceof Job.Partition.ByClient ? rows.testsByOwner() : List.<Dataset>of();
    return !own.isEmpty()
        ? new Federation(clients, Objects.requireNonNull(test), own, words, rows.sums())
        : perClient(clients, rows, seed.derive("hold-out").toLong(), words);
  }

  /**
   * What a job makes of the columns of a table, a line for the numeric ones and one for those of
   * categories, the column of most categories first; empty where its rows are of no table.
   */
  public static String columns(Job.Simulation simulation, boolean regression) {
    if (!(simulation.data() instanceof Job.Data.Table table)) {
      return "";
    }
    Csv features = Rows.features(table, simulation.partition(), regression);
    boolean[] numeric = features.numericFeatures();
    List<String> numbers = new ArrayList<>();
    Map<String, Integer> categories = new LinkedHashMap<>();
    for (int i = 0; i < numeric.length; i++) {
      String column = features.featureSources().get(i);
      if (numeric[i]) {
        numbers.add(column);
      } else {
        categories.merge(column, 1, Integer::sum);
      }
    }
    List<String> counted =
        categories.entrySet().stream()
            .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
            .map(column -> column.getKey() + " (" + column.getValue() + ")")
            .toList();
    return columns("numeric columns", numbers) + columns("columns of categories", counted);
  }

  private static String columns(String kind, List<String> names) {
    int shown = Math.min(MOST_COLUMNS, names.size());
    return names.isEmpty()
        ? ""
        : "%d %s: %s%s%n"
            .formatted(
                names.size(),
                kind,
                String.join(", ", names.subList(0, shown)),
                shown < names.size() ? ", and others" : "");
  }

  /** The same with numeric columns that are standardised. */
  public Federation standardised(Normalisation statistics) {
    return new Federation(
        clients.stream().map(statistics::apply).toList(),
        statistics.apply(test),
        tests.stream().map(statistics::apply).toList(),
        words,
        null);
  }

  /**
   * Trains on a client's own rows, and evaluates on those that it keeps. As long as {@link #sums}
   * are missing, all that a client does is to say its own.
   */
  public Trainer trainer(int client, Engine engine) {
    ColumnSums missing = sums;
    if (missing != null) {
      return request -> missing.of(clients.get(client));
    }
    NnTrainer trainer = NnTrainer.over(clients.get(client), engine);
    return tests.isEmpty() ? trainer : trainer.heldOut(tests.get(client));
  }

  /** Keeps a part of every client's rows, never all of them. */
  private static Federation perClient(List<Dataset> clients, Rows rows, long seed, String words) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Dataset> trains = new ArrayList<>();
    List<Dataset> tests = new ArrayList<>();
    double part = rows.holdOut() > 0 ? rows.holdOut() : Rows.HOLD_OUT;
    for (Dataset own : clients) {
      int[] order = Shuffle.permutation(own.size(), random);
      int count = (int) Math.min(own.size() - 1L, Math.round(own.size() * part));
      Dataset test = own.subset(sorted(order, 0, count));
      Dataset train = own.subset(sorted(order, count, order.length));
      if (rows.ownStatistics().length > 0) {
        Normalisation statistics = Normalisation.of(train, rows.ownStatistics());
        train = statistics.apply(train);
        test = statistics.apply(test);
      }
      trains.add(train);
      tests.add(test);
    }
    Joined all = new Joined(tests);
    if (all.size() == 0) {
      throw new PartitionException(
          "no client has enough rows to keep a part of %s for evaluation. Name fewer clients, or a larger holdOut."
              .formatted(part));
    }
    Dataset test = rows.test();
    return new Federation(trains, test == null ? all : test, tests, words, rows.sums());
  }

  private static int[] sorted(int[] order, int from, int to) {
    return Arrays.stream(order, from, to).sorted().toArray();
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

  private static Partitioner partitioner(Job.Partition partition, Rows rows, int[] kept) {
    if (partition instanceof Job.Partition.Iid iid) {
      return Partitioner.iid(iid.clients());
    }
    if (partition instanceof Job.Partition.FeatureNoise noise) {
      return Partitioner.iid(noise.clients());
    }
    if (partition instanceof Job.Partition.Dirichlet dirichlet) {
      return Partitioner.dirichlet(dirichlet.clients(), dirichlet.alpha());
    }
    if (partition instanceof Job.Partition.DirichletSizes sizes) {
      return Partitioner.dirichletSizes(sizes.clients(), sizes.alpha());
    }
    if (partition instanceof Job.Partition.Shards shards) {
      return Partitioner.shards(shards.clients(), shards.perClient());
    }
    if (partition instanceof Job.Partition.Labels labels) {
      return Partitioner.labels(labels.clients(), labels.perClient());
    }
    if (partition instanceof Job.Partition.PowerLaw law) {
      return Partitioner.powerLaw(law.clients(), law.exponent());
    }
    List<String> owners = rows.requireOwners(partition);
    return Partitioner.byColumn(Arrays.stream(kept).mapToObj(owners::get).toList());
  }

  private static String words(Job.Partition partition) {
    if (partition instanceof Job.Partition.Iid) {
      return "dealt evenly at random";
    }
    if (partition instanceof Job.Partition.Dirichlet dirichlet) {
      return "labels dealt by a Dirichlet distribution with alpha " + dirichlet.alpha();
    }
    if (partition instanceof Job.Partition.DirichletSizes sizes) {
      return "sizes drawn from a Dirichlet distribution with alpha " + sizes.alpha();
    }
    if (partition instanceof Job.Partition.Shards shards) {
      return "%d shards of like labels for each client".formatted(shards.perClient());
    }
    if (partition instanceof Job.Partition.Labels labels) {
      return "%d labels for each client".formatted(labels.perClient());
    }
    if (partition instanceof Job.Partition.PowerLaw law) {
      return "sizes by a power law with exponent " + law.exponent();
    }
    if (partition instanceof Job.Partition.Drawn drawn) {
      return drawn.alpha() == 0
          ? "%d rows drawn for each client".formatted(drawn.rows())
          : "%d rows drawn for each client, labels by a Dirichlet distribution with alpha %s"
              .formatted(drawn.rows(), drawn.alpha());
    }
    if (partition instanceof Job.Partition.FeatureNoise noise) {
      return "dealt evenly at random, features noised up to a variance of " + noise.sigma();
    }
    return partition instanceof Job.Partition.ByColumn by
        ? "one client for each " + by.column()
        : "with the clients of the data";
  }
}
