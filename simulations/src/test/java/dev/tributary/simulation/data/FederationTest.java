package dev.tributary.simulation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.coordinator.job.Job;
import dev.tributary.nn.data.Dataset;
import dev.tributary.wire.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        of(new Job.Data.Csv(train, "y", false, test, 0.2), new Job.Partition.Iid(2), false);
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

  private static Federation of(Job.Data data, Job.Partition partition, boolean regression) {
    Job.Simulation simulation =
        new Job.Simulation(1, data, partition, new Job.Faults(0, List.of("input"), 0));
    return Federation.of(simulation, regression, SEED);
  }
}
