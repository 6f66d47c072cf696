package dev.tributary.simulation.data;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.Job.Standardise;
import dev.tributary.nn.data.Cifar;
import dev.tributary.nn.data.Csv;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.data.Examples;
import dev.tributary.nn.data.Idx;
import dev.tributary.nn.data.Leaf;
import dev.tributary.nn.data.Normalisation;
import dev.tributary.nn.data.NpzData;
import dev.tributary.nn.data.RoleText;
import dev.tributary.wire.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows before they are dealt.
 *
 * @param test rows for evaluation; null where a part of {@code train} is to be kept for it
 * @param holdOut that part
 * @param owners whose each row of {@code train} is; empty where nothing says so
 * @param testOwners whose each row of {@code test} is; empty where nothing says so
 * @param ownStatistics numeric features to be standardised by each client; empty where none are
 * @param sums that clients standardise with, once they are known; null where they do not
 */
@SuppressWarnings("ArrayRecordComponent") // never leaves this package, never compared
record Rows(
    Dataset train,
    @Nullable Dataset test,
    double holdOut,
    List<String> owners,
    List<String> testOwners,
    boolean[] ownStatistics,
    @Nullable ColumnSums sums,
    String words) {
  /** The part that is kept for evaluation where nothing says another. */
  static final double HOLD_OUT = 0.2;

  /** Characters of a window of a fetched text. */
  private static final int WINDOW = 80;

  private static final boolean[] NONE = {};

  /**
   * Reads the rows of a job.
   *
   * @param seed of data that is made and not read
   */
  static Rows read(Job.Data data, Job.Partition partition, boolean regression, Seed seed) {
    if (data instanceof Job.Data.Source source) {
      return shipped(source.name(), partition, regression);
    }
    if (data instanceof Job.Data.Idx idx) {
      Path images = idx.testImages();
      Path labels = idx.testLabels();
      Dataset test = images == null || labels == null ? null : Idx.read(images, labels);
      Dataset train = Idx.read(idx.images(), idx.labels());
      return of(train, test, idx.holdOut(), name(idx.images()));
    }
    if (data instanceof Job.Data.Table table) {
      return table(table, partition, regression);
    }
    if (data instanceof Job.Data.Leaf leaf) {
      int[] shape = leaf.shape().stream().mapToInt(Integer::intValue).toArray();
      String words = name(leaf.train().get(0));
      if (leaf.test().isEmpty()) {
        return of(Leaf.read(leaf.train(), shape), leaf.holdOut(), words);
      }
      Leaf.Split split = Leaf.read(leaf.train(), leaf.test(), shape);
      return new Rows(
          split.train().data(),
          split.test().data(),
          0,
          split.train().owners(),
          split.test().owners(),
          NONE,
          null,
          words);
    }
    if (data instanceof Job.Data.Cifar cifar) {
      List<Path> files = cifar.test();
      Dataset test = files.isEmpty() ? null : Cifar.read(files, cifar.classes());
      Dataset train = Cifar.read(cifar.train(), cifar.classes());
      return of(train, test, cifar.holdOut(), name(cifar.train().get(0)));
    }
    if (data instanceof Job.Data.Npz npz) {
      Examples train =
          NpzData.read(npz.file(), npz.features(), npz.labels(), npz.client(), regression);
      Dataset test =
          npz.testFeatures().isEmpty()
              ? null
              : NpzData.read(npz.file(), npz.testFeatures(), npz.testLabels(), "", regression)
                  .data();
      return new Rows(
          train.data(),
          test,
          npz.holdOut(),
          train.owners(),
          List.of(),
          NONE,
          null,
          name(npz.file()));
    }
    if (data instanceof Job.Data.Text text) {
      return of(
          RoleText.read(text.file(), text.length(), text.stride()),
          text.holdOut(),
          name(text.file()));
    }
    Job.Data.Synthetic made = (Job.Data.Synthetic) data;
    return of(
        SyntheticData.make(made, seed),
        made.holdOut(),
        made.iid() ? "Synthetic, iid" : "Synthetic(%s, %s)".formatted(made.alpha(), made.beta()));
  }

  private static Rows of(Dataset train, @Nullable Dataset test, double holdOut, String words) {
    return new Rows(train, test, holdOut, List.of(), List.of(), NONE, null, words);
  }

  private static Rows of(Examples examples, double holdOut, String words) {
    return new Rows(
        examples.data(), null, holdOut, examples.owners(), List.of(), NONE, null, words);
  }

  private static Rows shipped(String name, Job.Partition partition, boolean regression) {
    ShippedData shipped = ShippedData.load();
    FetchedData fetched = FetchedData.in(FetchedData.cache());
    Optional<FetchedData.Entry> brought = fetched.find(name);
    if (brought.isPresent()) {
      return fetched(fetched, brought.get());
    }
    ShippedData.Entry entry = shipped.entry(name);
    if (entry.format().equals("idx")) {
      Dataset train =
          Idx.read(
              shipped.file(entry, "train-images-idx3"), shipped.file(entry, "train-labels-idx1"));
      Dataset test =
          Idx.read(
              shipped.file(entry, "test-images-idx3"), shipped.file(entry, "test-labels-idx1"));
      return of(train, test, 0, name);
    }
    Csv table =
        labelled(Csv.read(shipped.file(entry, "table")), entry.label().orElseThrow(), regression);
    String column = column(partition, entry.client().orElse(""));
    return rows(table, null, column, Standardise.POOLED, HOLD_OUT, name);
  }

  private static Rows fetched(FetchedData fetched, FetchedData.Entry entry) {
    if (entry.format().equals("roles")) {
      Path file = fetched.file(entry, entry.files().keySet().iterator().next());
      return of(RoleText.read(file, WINDOW, WINDOW), HOLD_OUT, entry.name());
    }
    Dataset train =
        Idx.read(
            fetched.file(entry, "train-images-idx3"), fetched.file(entry, "train-labels-idx1"));
    Dataset test =
        Idx.read(fetched.file(entry, "test-images-idx3"), fetched.file(entry, "test-labels-idx1"));
    return of(train, test, 0, entry.name());
  }

  /** The features of a table: each with its column, and which of them are numeric. */
  static Csv features(Job.Data.Table spec, Job.Partition partition, boolean regression) {
    Csv train = described(spec, regression);
    String column = column(partition, "");
    Csv owned = column.isEmpty() ? train : train.client(column);
    Path test = spec.test();
    return test == null ? owned : owned.and(open(spec.format(), test));
  }

  /** The rows to train on, with what the job says of their columns. */
  private static Csv described(Job.Data.Table spec, boolean regression) {
    Csv train = labelled(open(spec.format(), spec.file()), spec.label(), regression);
    train = train.drop(spec.drop().toArray(new String[0]));
    train = train.numeric(spec.numeric().toArray(new String[0]));
    for (String column : spec.categorical()) {
      train = train.categories(column);
    }
    if (!spec.missing().isEmpty()) {
      train = train.missing(spec.missing().toArray(new String[0]));
    }
    if (!spec.client().isEmpty()) {
      train = train.client(spec.client());
    }
    return train;
  }

  private static Rows table(Job.Data.Table spec, Job.Partition partition, boolean regression) {
    Csv train = described(spec, regression);
    Path test = spec.test();
    String column = column(partition, "");
    Rows read =
        rows(
            train,
            test == null ? null : open(spec.format(), test),
            column,
            spec.standardise(),
            spec.holdOut(),
            name(spec.file()));
    return spec.standardise() == Standardise.FEDERATED
        ? read.with(sums(train, column, spec))
        : read;
  }

  /** The sums of a table's numeric columns; null where it has none. */
  private static @Nullable ColumnSums sums(Csv train, String column, Job.Data.Table spec) {
    Csv owned = column.isEmpty() ? train : train.client(column);
    ColumnSums sums =
        ColumnSums.of(
            owned.featureSources(), owned.numericFeatures(), spec.ranges(), spec.maximumExamples());
    return sums.length() == 0 ? null : sums;
  }

  private Rows with(@Nullable ColumnSums all) {
    return new Rows(train, test, holdOut, owners, testOwners, ownStatistics, all, words);
  }

  private static Csv open(String format, Path file) {
    return switch (format) {
      case "arff" -> Csv.readArff(file);
      case "jsonl" -> Csv.readJsonLines(file);
      default -> Csv.read(file);
    };
  }

  private static Csv labelled(Csv csv, String label, boolean regression) {
    return regression ? csv.target(label) : csv.label(label);
  }

  /** The column that a partition goes by; empty where it goes by none, or by the one named. */
  private static String column(Job.Partition partition, String client) {
    if (partition instanceof Job.Partition.ByColumn by) {
      return by.column();
    }
    return partition instanceof Job.Partition.ByClient ? client : "";
  }

  /**
   * The rows of a table.
   *
   * @param test rows to measure on, which get the features of the others
   */
  private static Rows rows(
      Csv train,
      @Nullable Csv test,
      String column,
      Standardise standardise,
      double holdOut,
      String name) {
    Csv owned = column.isEmpty() ? train : train.client(column);
    int size = owned.size();
    Csv all = test == null ? owned : owned.and(test);
    all = standardise == Standardise.NONE ? all : all.keepMissing();
    Dataset data = all.dataset();
    if (standardise == Standardise.POOLED) {
      Dataset learned = data.subset(IntStream.range(0, size).toArray());
      data = Normalisation.of(learned, all.numericFeatures()).apply(data);
    }
    Dataset trained = data.subset(IntStream.range(0, size).toArray());
    Dataset tested =
        test == null ? null : data.subset(IntStream.range(size, data.size()).toArray());
    List<String> owners = owned.hasClient() ? owned.owners() : List.of();
    boolean[] own = standardise == Standardise.PER_CLIENT ? all.numericFeatures() : NONE;
    return new Rows(trained, tested, holdOut, owners, List.of(), own, null, name);
  }

  /**
   * Whose each row is.
   *
   * @throws PartitionException where nothing says so
   */
  List<String> requireOwners(Job.Partition partition) {
    if (owners.isEmpty()) {
      String asked =
          partition instanceof Job.Partition.ByColumn by
              ? "byColumn asks for a column '" + by.column() + "'"
              : "byClient asks for clients";
      throw new PartitionException(
          "simulation.data.partition.%s that %s does not have. Deal its rows: iid, dirichlet, shards."
              .formatted(asked, words));
    }
    return owners;
  }

  /**
   * The test rows of each owner of training rows, in the order of their names; empty where there
   * are none of any of them.
   */
  List<Dataset> testsByOwner() {
    Dataset measured = test;
    if (measured == null || Collections.disjoint(owners, testOwners)) {
      return List.of();
    }
    Map<String, List<Integer>> byOwner = new TreeMap<>();
    owners.forEach(owner -> byOwner.putIfAbsent(owner, new ArrayList<>()));
    for (int row = 0; row < testOwners.size(); row++) {
      List<Integer> own = byOwner.get(testOwners.get(row));
      if (own != null) {
        own.add(row);
      }
    }
    return byOwner.values().stream()
        .map(own -> measured.subset(own.stream().mapToInt(Integer::intValue).toArray()))
        .toList();
  }

  private static String name(Path file) {
    Path name = file.getFileName();
    return (name == null ? file : name).toString();
  }
}
