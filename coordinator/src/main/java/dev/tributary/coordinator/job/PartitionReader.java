package dev.tributary.coordinator.job;

import dev.tributary.coordinator.job.Section.Choice;

/** Reads how rows are dealt. */
final class PartitionReader {
  private static final int MAXIMUM_CLIENTS = 100_000_000;
  private static final Rule CONCENTRATION = Rule.between(1e-3, 1e6).orElse(1);

  private PartitionReader() {}

  static Job.Partition read(Section data, Job.Data source) {
    Choice choice =
        data.choice(
            "partition",
            true,
            "iid",
            "dirichlet",
            "dirichletSizes",
            "shards",
            "labels",
            "powerLaw",
            "featureNoise",
            "drawn",
            "byColumn",
            "byClient");
    if (choice == null) {
      return new Job.Partition.Iid(2);
    }
    Section s = choice.section();
    Job.Partition partition = partition(choice.name(), s);
    s.end();
    check(data, source, partition);
    return partition;
  }

  private static Job.Partition partition(String name, Section s) {
    if (name.equals("byClient")) {
      return new Job.Partition.ByClient();
    }
    if (name.equals("byColumn")) {
      return new Job.Partition.ByColumn(s.text("column", null));
    }
    int clients = s.integer("clients", null, 2, MAXIMUM_CLIENTS);
    return switch (name) {
      case "dirichlet" ->
          new Job.Partition.Dirichlet(clients, s.number("alpha", null, CONCENTRATION));
      case "dirichletSizes" ->
          new Job.Partition.DirichletSizes(clients, s.number("alpha", null, CONCENTRATION));
      case "shards" -> new Job.Partition.Shards(clients, s.integer("perClient", 2, 1, 1_000_000));
      case "labels" -> new Job.Partition.Labels(clients, s.integer("perClient", 2, 1, 65_536));
      case "powerLaw" ->
          new Job.Partition.PowerLaw(clients, s.number("exponent", 1.0, Rule.between(0, 10)));
      case "drawn" ->
          new Job.Partition.Drawn(
              clients,
              s.integer("rows", null, 1, 1_000_000),
              s.number("alpha", 0.0, CONCENTRATION));
      case "featureNoise" ->
          new Job.Partition.FeatureNoise(clients, s.number("sigma", null, Rule.between(0, 1000)));
      default -> new Job.Partition.Iid(clients);
    };
  }

  /** Refuses what is plain before any file is opened. */
  private static void check(Section data, Job.Data source, Job.Partition partition) {
    boolean table = source instanceof Job.Data.Table || source instanceof Job.Data.Source;
    if (partition instanceof Job.Partition.ByColumn && !table) {
      data.problem(
          "job-wrong-type",
          "partition",
          "names a column, and only tables have columns",
          "Write byClient for the clients that the data itself has, or iid: {clients: 100}.");
    }
    boolean nobody =
        source instanceof Job.Data.Idx
            || source instanceof Job.Data.Cifar
            || (source instanceof Job.Data.Table named && named.client().isEmpty())
            || (source instanceof Job.Data.Npz npz && npz.client().isEmpty());
    if (partition instanceof Job.Partition.ByClient && nobody) {
      data.problem(
          "job-missing-key",
          "partition",
          "is byClient, but nothing says whose row each row is",
          "Name the client column of a table or the client array of a .npz with client, or write"
              + " iid: {clients: 100}.");
    }
  }
}
