package dev.tributary.simulation.data;

import dev.tributary.coordinator.job.Job;
import dev.tributary.nn.data.ClientColumn;
import dev.tributary.nn.data.Csv;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.data.Idx;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows before they are dealt.
 *
 * @param test rows for evaluation; null where a part of {@code train} is to be kept for it
 * @param holdOut that part
 * @param owners whose each row is; empty where no column says so
 */
record Rows(
    Dataset train, @Nullable Dataset test, double holdOut, List<String> owners, String words) {
  /** The part of a shipped table that is kept for evaluation. */
  private static final double HOLD_OUT = 0.2;

  static Rows read(Job.Data data, Job.Partition partition, boolean regression) {
    @Nullable String column = partition instanceof Job.Partition.ByColumn by ? by.column() : null;
    if (data instanceof Job.Data.Source source) {
      return shipped(source.name(), column, regression);
    }
    if (data instanceof Job.Data.Idx idx) {
      refuse(column, idx.images());
      Path images = idx.testImages();
      Path labels = idx.testLabels();
      Dataset test = images == null || labels == null ? null : Idx.read(images, labels);
      return new Rows(
          Idx.read(idx.images(), idx.labels()), test, idx.holdOut(), List.of(), name(idx.images()));
    }
    Job.Data.Csv csv = (Job.Data.Csv) data;
    Csv train = labelled(csv.file(), csv.label(), csv.standardise(), regression);
    Path file = csv.test();
    Csv test = file == null ? null : labelled(file, csv.label(), csv.standardise(), regression);
    return table(train, test, csv.holdOut(), column, name(csv.file()));
  }

  private static Rows shipped(String name, @Nullable String column, boolean regression) {
    ShippedData shipped = ShippedData.load();
    ShippedData.Entry entry = shipped.entry(name);
    if (entry.format().equals("idx")) {
      refuse(column, Path.of(name));
      Dataset train =
          Idx.read(
              shipped.file(entry, "train-images-idx3"), shipped.file(entry, "train-labels-idx1"));
      Dataset test =
          Idx.read(
              shipped.file(entry, "test-images-idx3"), shipped.file(entry, "test-labels-idx1"));
      return new Rows(train, test, 0, List.of(), name);
    }
    Csv table =
        labelled(shipped.file(entry, "table"), entry.label().orElseThrow(), true, regression);
    return table(table, null, HOLD_OUT, column, name);
  }

  private static Rows table(
      Csv train, @Nullable Csv test, double holdOut, @Nullable String column, String name) {
    if (column == null) {
      return new Rows(
          train.dataset(), test == null ? null : test.dataset(), holdOut, List.of(), name);
    }
    Csv owned = train.client(column);
    Dataset tested = test == null ? null : test.client(column).dataset();
    return new Rows(owned.dataset(), tested, holdOut, owners(owned.clients(), owned), name);
  }

  private static Csv labelled(Path file, String label, boolean standardise, boolean regression) {
    Csv csv = Csv.read(file);
    csv = regression ? csv.target(label) : csv.label(label);
    return standardise ? csv.standardise() : csv;
  }

  private static List<String> owners(ClientColumn clients, Csv csv) {
    String[] owners = new String[csv.dataset().size()];
    for (int client = 0; client < clients.names().size(); client++) {
      for (int row : clients.rows(client)) {
        owners[row] = clients.names().get(client);
      }
    }
    return Arrays.asList(owners);
  }

  private static void refuse(@Nullable String column, Path images) {
    if (column != null) {
      throw new PartitionException(
          "simulation.data.partition.byColumn needs a table; %s holds pictures, which have no column '%s'. Use iid, dirichlet or shards."
              .formatted(name(images), column));
    }
  }

  private static String name(Path file) {
    Path name = file.getFileName();
    return (name == null ? file : name).toString();
  }
}
