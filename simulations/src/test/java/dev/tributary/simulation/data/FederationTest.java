package dev.tributary.simulation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.coordinator.job.Job;
import dev.tributary.nn.data.Dataset;
import dev.tributary.wire.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FederationTest {
  private static final Seed SEED = Seed.of(new byte[32]);

  @Test
  void fashion_iid_gives1000ClientsTenPicturesAnd2000ForTesting() {
    Federation federation =
        of(new Job.Data.Source("fashion-mnist-12k"), new Job.Partition.Iid(1000), false);
    assertThat(federation.clients())
        .hasSize(1000)
        .allSatisfy(rows -> assertThat(rows.size()).isEqualTo(10));
    assertThat(federation.test().size()).isEqualTo(2000);
    assertThat(federation.test().featureShape()).containsExactly(28, 28, 1);
  }

  @Test
  void vowel_bySpeaker_gives15ClientsAndKeepsSomeOfEach() {
    Federation federation =
        of(new Job.Data.Source("vowel"), new Job.Partition.ByColumn("speaker"), false);
    assertThat(federation.clients())
        .hasSize(15)
        .allSatisfy(rows -> assertThat(rows.size()).isEqualTo(53));
    assertThat(federation.test().size()).isEqualTo(15 * 13);
    assertThat(federation.test().classes()).isEqualTo(11);
  }

  @Test
  void ames_byNeighbourhood_keepsTheTiniestOnes() {
    Federation federation =
        of(new Job.Data.Source("ames"), new Job.Partition.ByColumn("Neighborhood"), true);
    assertThat(federation.clients()).hasSize(28);
    assertThat(federation.clients().stream().mapToInt(Dataset::size).min()).hasValue(1);
    assertThat(
            federation.clients().stream().mapToInt(Dataset::size).sum() + federation.test().size())
        .isEqualTo(2930);
    assertThat(federation.test().classes()).isZero();
  }

  @Test
  void wdbc_shards_reads() {
    Federation federation = of(new Job.Data.Source("wdbc"), new Job.Partition.Shards(20, 2), false);
    assertThat(federation.clients()).hasSize(20);
    assertThat(federation.test().classes()).isEqualTo(2);
  }

  @Test
  void ownTable_withTestFile_usesIt(@TempDir Path folder) throws IOException {
    Path train = Files.writeString(folder.resolve("train.csv"), "x,y\n1,a\n2,b\n3,a\n4,b\n");
    Path test = Files.writeString(folder.resolve("test.csv"), "x,y\n5,a\n6,b\n");
    Federation federation =
        of(
            table("csv", train, "y", "", Job.Standardise.NONE, test),
            new Job.Partition.Iid(2),
            false);
    assertThat(federation.test().size()).isEqualTo(2);
    assertThat(federation.clients()).hasSize(2);
    assertThat(federation.words()).isEqualTo("train.csv, dealt evenly at random");
  }

  @Test
  void pictures_byColumn_areRefused() {
    assertThatThrownBy(
            () ->
                of(
                    new Job.Data.Source("fashion-mnist-12k"),
                    new Job.Partition.ByColumn("who"),
                    false))
        .isInstanceOf(PartitionException.class)
        .hasMessageContaining("'who'");
  }

  @Test
  void everyForm_readsFromAJob(@TempDir Path folder) throws IOException {
    Path lines =
        Files.writeString(
            folder.resolve("a.jsonl"),
            "{\"who\":\"a\",\"x\":1,\"y\":0}\n{\"who\":\"b\",\"x\":2,\"y\":1}\n".repeat(5));
    Job.Partition own = new Job.Partition.ByClient();
    Federation table =
        of(table("jsonl", lines, "y", "who", Job.Standardise.POOLED, null), own, false);
    assertThat(table.clients()).hasSize(2);
    assertThat(table.test().featureShape()).containsExactly(1);
    assertThat(table.words()).isEqualTo("a.jsonl, with the clients of the data");

    Path arff =
        Files.writeString(
            folder.resolve("a.arff"),
            "@relation r\n@attribute x real\n@attribute y {no,yes}\n@data\n1,no\n2,yes\n3,no\n4,no\n5,no\n");
    assertThat(
            of(
                    table("arff", arff, "y", "", Job.Standardise.POOLED, null),
                    new Job.Partition.PowerLaw(2, 1),
                    false)
                .clients())
        .hasSize(2);

    Path leaf =
        Files.writeString(
            folder.resolve("a.json"),
            "{\"user_data\":{\"a\":{\"x\":[[1],[2]],\"y\":[0,1]},\"b\":{\"x\":[[3],[4]],\"y\":[0,1]}}}");
    assertThat(
            of(new Job.Data.Leaf(List.of(leaf), List.of(leaf), List.of(), 0.2), own, false)
                .clients())
        .hasSize(2)
        .allSatisfy(rows -> assertThat(rows.size()).isEqualTo(2));

    Path play = Files.writeString(folder.resolve("a.txt"), "A:\nabcdef\n\nB:\nghijkl\n");
    assertThat(of(new Job.Data.Text(play, 2, 1, 0.3), own, false).clients()).hasSize(2);

    byte[] pictures = new byte[5 * 3073];
    Path cifar = Files.write(folder.resolve("a.bin"), pictures);
    Federation cifars =
        of(
            new Job.Data.Cifar(List.of(cifar), List.of(cifar), 10, 0.2),
            new Job.Partition.DirichletSizes(3, 1),
            false);
    assertThat(cifars.test().size()).isEqualTo(5);
    assertThatThrownBy(() -> of(new Job.Data.Cifar(List.of(cifar), List.of(), 10, 0.2), own, false))
        .isInstanceOf(PartitionException.class)
        .hasMessageContaining("byClient asks for clients that a.bin does not have");
  }

  @Test
  void split_perClient_keepsAPartOfEveryClientAndItsOwnStatistics(@TempDir Path folder)
      throws IOException {
    StringBuilder text = new StringBuilder("who,x,y\n");
    for (int row = 0; row < 100; row++) {
      text.append("p%d,%d,%d\n".formatted(row % 4, 100 * (row % 4) + row, row % 2));
    }
    Path file = Files.writeString(folder.resolve("a.csv"), text);
    Job.Simulation simulation =
        simulation(
            table("csv", file, "y", "who", Job.Standardise.PER_CLIENT, null),
            new Job.Partition.ByClient(),
            Job.Split.PER_CLIENT);
    Federation federation = Federation.of(simulation, false, SEED);
    assertThat(federation.clients()).hasSize(4).allSatisfy(rows -> meanIsZero(rows));
    assertThat(federation.tests())
        .hasSize(4)
        .allSatisfy(rows -> assertThat(rows.size()).isEqualTo(5));
    assertThat(federation.test().size()).isEqualTo(20);
    float[] one = new float[1];
    float[] same = new float[1];
    federation.test().features(7, one, 0);
    federation.tests().get(1).features(2, same, 0);
    assertThat(one).isEqualTo(same);
    assertThat(federation.test().label(7)).isEqualTo(federation.tests().get(1).label(2));
  }

  /**
   * Users of LEAF train on all that is theirs to train on; test rows of a stranger are nobody's.
   */
  @Test
  void split_perClientOfLeaf_isThatOfItsFiles(@TempDir Path folder) throws IOException {
    String user = "\"%s\":{\"x\":[[%d],[%d],[%d],[%d],[%d]],\"y\":[0,1,0,1,0]}";
    String file = "{\"user_data\":{%s,%s}}";
    Path train =
        Files.writeString(
            folder.resolve("train.json"),
            file.formatted(
                user.formatted("b", 1, 2, 3, 4, 5), user.formatted("a", 6, 7, 8, 9, 10)));
    Path test =
        Files.writeString(
            folder.resolve("test.json"),
            file.formatted(
                user.formatted("b", 11, 12, 13, 14, 15),
                user.formatted("stranger", 16, 17, 18, 19, 20)));
    Federation own = leaf(train, test, new Job.Partition.ByClient());
    assertThat(own.clients()).extracting(Dataset::size).containsExactly(5, 5);
    assertThat(own.tests()).extracting(Dataset::size).as("a, b").containsExactly(0, 5);
    assertThat(own.test().size()).isEqualTo(10);
    float[] x = new float[1];
    own.clients().get(1).features(0, x, 0);
    assertThat(x).containsExactly(1);
    own.tests().get(1).features(0, x, 0);
    assertThat(x).containsExactly(11);

    Federation dealt = leaf(train, test, new Job.Partition.Iid(2));
    assertThat(dealt.clients()).as("rows of others").extracting(Dataset::size).containsOnly(4);
    Federation strangers = leaf(test, leafOf(folder, "c", "d"), new Job.Partition.ByClient());
    assertThat(strangers.tests()).extracting(Dataset::size).containsExactly(1, 1);
  }

  private static Path leafOf(Path folder, String... users) throws IOException {
    String all =
        java.util.Arrays.stream(users)
            .map(user -> "\"%s\":{\"x\":[[1]],\"y\":[0]}".formatted(user))
            .collect(java.util.stream.Collectors.joining(","));
    return Files.writeString(folder.resolve("of.json"), "{\"user_data\":{" + all + "}}");
  }

  private static Federation leaf(Path train, Path test, Job.Partition partition) {
    return Federation.of(
        simulation(
            new Job.Data.Leaf(List.of(train), List.of(test), List.of(), 0.2),
            partition,
            Job.Split.PER_CLIENT),
        false,
        true,
        SEED);
  }

  private static void meanIsZero(Dataset rows) {
    float[] x = new float[1];
    double sum = 0;
    for (int row = 0; row < rows.size(); row++) {
      rows.features(row, x, 0);
      sum += x[0];
    }
    assertThat(sum / rows.size()).isCloseTo(0, within(1e-5));
  }

  /**
   * The mean of 60 x 50 or more squares of noise of variance s has a relative deviation of sqrt(2 /
   * 3000) = 2.6 % at most; 6 of those are a false alarm of 2e-9 a client.
   */
  @Test
  void featureNoise_growsFromClientToClient() {
    Job.Data data = new Job.Data.Synthetic(30, 1, 1, false, 0.2);
    Federation plain = of(data, new Job.Partition.Iid(10), false);
    Federation noisy = of(data, new Job.Partition.FeatureNoise(10, 0.5), false);
    for (int client = 0; client < 10; client++) {
      Dataset before = plain.clients().get(client);
      Dataset after = noisy.clients().get(client);
      float[] a = new float[60];
      float[] b = new float[60];
      double squares = 0;
      for (int row = 0; row < after.size(); row++) {
        before.features(row, a, 0);
        after.features(row, b, 0);
        assertThat(after.label(row)).isEqualTo(before.label(row));
        for (int j = 0; j < 60; j++) {
          squares += (b[j] - a[j]) * (b[j] - a[j]);
        }
      }
      double variance = 0.5 * (client + 1) / 10;
      assertThat(squares / (60 * after.size())).isBetween(variance * 0.84, variance * 1.16);
    }
  }

  @Test
  void synthetic_hasItsClientsAndIsRepeatable() {
    Job.Data data = new Job.Data.Synthetic(30, 0.5, 0.5, false, 0.2);
    Federation once = of(data, new Job.Partition.ByClient(), false);
    Federation again = of(data, new Job.Partition.ByClient(), false);
    assertThat(once.clients())
        .hasSize(30)
        .allSatisfy(rows -> assertThat(rows.size()).isBetween(40, 8_000));
    assertThat(once.test().classes()).isEqualTo(10);
    float[] a = new float[60];
    float[] b = new float[60];
    once.clients().get(7).features(3, a, 0);
    again.clients().get(7).features(3, b, 0);
    assertThat(a).isEqualTo(b);
    // In the iid form one client's model labels another's rows; in the other form it does not.
    assertThat(labelsOfClient(of(iid(), new Job.Partition.ByClient(), false)))
        .isLessThan(labelsOfClient(of(apart(), new Job.Partition.ByClient(), false)));
  }

  @Test
  void drawn_aHundredMillionClients_areMadeWhenAskedFor() {
    Job.Data data = new Job.Data.Synthetic(30, 0, 0, true, 0.2);
    Federation alike = of(data, new Job.Partition.Drawn(100_000_000, 50, 0), false);
    Federation apart = of(data, new Job.Partition.Drawn(100_000_000, 50, 0.1), false);
    assertThat(alike.clients()).hasSize(100_000_000);
    Dataset last = alike.clients().get(99_999_999);
    assertThat(last.size()).isEqualTo(50);
    assertThat(labels(last)).isEqualTo(labels(alike.clients().get(99_999_999)));
    assertThat(labels(last)).isNotEqualTo(labels(alike.clients().get(99_999_998)));
    assertThat(PartitionMix.of(alike.clients()).population()).isEqualTo(100_000_000);
    assertThat(PartitionMix.of(alike.clients().subList(0, 200)).skew()).isLessThan(0.2);
    assertThat(PartitionMix.of(apart.clients().subList(0, 200)).skew()).isGreaterThan(0.5);
    assertThatThrownBy(() -> alike.clients().get(100_000_000))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** Each may make a million rows when it is asked, which for all of them would take minutes. */
  @Test
  void mix_clientsOfAMillionRows_areCountedByTen() {
    Job.Data data = new Job.Data.Synthetic(30, 0, 0, true, 0.2);
    Dataset large = of(data, new Job.Partition.Drawn(2, 1_000_000, 0), false).clients().get(0);
    PartitionMix mix = PartitionMix.of(Collections.nCopies(1_000, large));
    assertThat(mix.clients()).isEqualTo(10);
    assertThat(mix.rows()).isEqualTo(10_000_000);
    assertThat(mix.number(9)).isEqualTo(900);
  }

  private static List<Integer> labels(Dataset rows) {
    return IntStream.range(0, rows.size()).mapToObj(rows::label).toList();
  }

  private static Job.Data iid() {
    return new Job.Data.Synthetic(30, 0, 0, true, 0.2);
  }

  private static Job.Data apart() {
    return new Job.Data.Synthetic(30, 1, 1, false, 0.2);
  }

  /** How far the label mixes of clients lie apart, in total variation, on average. */
  private static double labelsOfClient(Federation federation) {
    double[] all = new double[10];
    double rows = 0;
    for (Dataset client : federation.clients()) {
      for (int row = 0; row < client.size(); row++) {
        all[client.label(row)]++;
        rows++;
      }
    }
    double apart = 0;
    for (Dataset client : federation.clients()) {
      double[] own = new double[10];
      for (int row = 0; row < client.size(); row++) {
        own[client.label(row)] += 1.0 / client.size();
      }
      for (int k = 0; k < 10; k++) {
        apart += Math.abs(own[k] - all[k] / rows) / 2;
      }
    }
    return apart / federation.clients().size();
  }

  private static Job.Data table(
      String format,
      Path file,
      String label,
      String client,
      Job.Standardise standardise,
      @Nullable Path test) {
    return new Job.Data.Table(
        format,
        file,
        label,
        client,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        standardise,
        List.of(),
        1_000,
        test,
        0.2);
  }

  private static Job.Simulation simulation(
      Job.Data data, Job.Partition partition, Job.Split split) {
    return new Job.Simulation(
        1,
        data,
        partition,
        split,
        new Job.Faults(0, List.of("input"), 0, null, List.of()),
        new Job.Availability.Always(),
        null);
  }

  private static Federation of(Job.Data data, Job.Partition partition, boolean regression) {
    return Federation.of(simulation(data, partition, Job.Split.POOLED), regression, SEED);
  }
}
