package dev.tributary.simulation.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.simulation.CommandRun;
import dev.tributary.simulation.cli.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command measures and prints; how fast it is, no test says. */
final class SecureAggBenchTest {
  private static CommandRun run(String... options) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "bench", "secure-agg", "--rounds", "1", "--turns", "1", "--mask-length", "5000"));
    all.addAll(List.of(options));
    return CommandRun.of(all.toArray(String[]::new));
  }

  @Test
  void secureAgg_tinyGrid_hasAFigureForEachPoint() throws IOException {
    CommandRun run =
        run("--clients", "6,10", "--length", "50,3000", "--dropout", "20", "--heap", "--json");
    JsonNode figures = new ObjectMapper().readTree(run.succeeded().out());

    assertThat(figures.path("mask").path("ratio").asDouble()).isPositive();
    assertThat(figures.path("rounds")).hasSize(4);
    for (JsonNode round : figures.path("rounds")) {
      int n = round.path("clients").asInt();
      int d = round.path("length").asInt();
      int lost = round.path("lost").asInt();
      for (String name :
          new String[] {
            "wallSeconds",
            "clientSeconds",
            "coordinatorSeconds",
            "floorSeconds",
            "ratio",
            "unmaskWallSeconds",
            "unmaskFloorSeconds",
            "unmaskRatio",
            "peakHeapBytes"
          }) {
        assertThat(round.path(name).asDouble()).as(name).isPositive();
      }
      assertThat(round.path("masks").asInt()).isEqualTo((n - lost) * (1 + lost));
      assertThat(round.path("bytesByStep").path("input").path("up").asLong())
          .isBetween(4L * d * (n - lost), (4L * d + 300) * (n - lost) + 100L * lost);
      assertThat(round.path("bytesByStep")).hasSize(5);
    }
    assertThat(figures.path("coordinatorHeap")).hasSize(2);
    for (JsonNode heap : figures.path("coordinatorHeap")) {
      assertThat(heap.path("length").asInt()).isEqualTo(3000);
      // What is measured of a heap this small may be less than nothing.
      assertThat(heap.path("keyBytes").isNumber()).isTrue();
      long clients = heap.path("clients").asLong();
      assertThat(heap.path("relayedBytes").asLong()).isEqualTo(100 * clients * (clients - 1));
    }
    assertThat(figures.has("heapGrowthInVectors")).isTrue();
  }

  @Test
  void secureAgg_forPeople_namesGoalsAndLeavesNoFile(@TempDir Path temporary) throws IOException {
    String before = System.getProperty("java.io.tmpdir");
    System.setProperty("java.io.tmpdir", temporary.toString());
    CommandRun run;
    try {
      run = run("--clients", "5", "--length", "100", "--dropout", "20");
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
    assertThat(run.succeeded().out())
        .contains("one mask, d = 5,000", "(goal 1.5)", "n = 5, d = 100, 1 lost", "8 masks off")
        .contains("kB up / down: advertise ", "share ", "input ", "sign ", "unmask ");
    assertThat(run.err()).contains("round 1 of 1");
    try (var left = Files.list(temporary)) {
      assertThat(left).isEmpty();
    }
  }

  /** A stand-in for Python that takes a second for everything. */
  @Test
  void secureAgg_besideFlower_printsRatios(@TempDir Path folder) throws IOException {
    Path python =
        Files.writeString(
            folder.resolve("python"),
            "#!/bin/sh\necho Flower 0, Python 0\nwhile read line; do echo 1.0 1.0; done\n");
    assertThat(python.toFile().setExecutable(true)).isTrue();
    CommandRun run =
        run("--clients", "5", "--length", "100", "--dropout", "0", "--flower", python.toString());
    assertThat(run.succeeded().out())
        .contains("Flower 1000.0000 ms", "(Flower 0, Python 0)", "Flower: a client 1000.0 ms");
    run("--flower", folder.resolve("none").toString()).failedWith(ErrorCode.ENGINE_UNAVAILABLE);
  }

  @Test
  void secureAgg_sizesOutOfRange_areMisuse() {
    for (String[] each :
        new String[][] {
          {"--clients", "3"},
          {"--clients", "10,2000"},
          {"--length", "0"},
          {"--dropout", "31"},
          {"--rounds", "0"},
          {"--threads", "0"},
          {"--clients", "many"}
        }) {
      run(each).failedWith(ErrorCode.USAGE);
    }
  }

  /** The round notices within a tenth of a second, and says so. */
  @Test
  void round_interrupted_ends(@TempDir Path folder) {
    BenchCohort cohort = new BenchCohort(6, 100, 0, folder);
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(
            () ->
                BenchRound.run(cohort, 1, (from, message) -> {}, () -> asked.incrementAndGet() > 5))
        .hasMessageContaining("interrupted");
  }

  /** Masked inputs lie in files, those of survivors alone, and no two rounds differ. */
  @Test
  void round_spoolsMaskedInputs(@TempDir Path folder) throws Exception {
    BenchCohort cohort = new BenchCohort(6, 100, 20, folder);
    BenchRound.run(cohort, 2, (from, message) -> {}, () -> false);
    List<byte[]> first = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      assertThat(Files.exists(cohort.upload(i))).as("client %d", i).isNotEqualTo(cohort.isLost(i));
      if (!cohort.isLost(i)) {
        first.add(Files.readAllBytes(cohort.upload(i)));
      }
    }
    assertThat(first).hasSize(5).allMatch(bytes -> bytes.length == 400);
    BenchRound.run(cohort, 2, (from, message) -> {}, () -> false);
    int at = 0;
    for (int i = 0; i < 6; i++) {
      if (!cohort.isLost(i)) {
        assertThat(cohort.upload(i)).hasBinaryContent(first.get(at++));
      }
    }
  }

  /** The bench fails where the sum does. */
  @Test
  void check_anotherSum_isRefused(@TempDir Path folder) {
    BenchCohort cohort = new BenchCohort(6, 100, 0, folder);
    BitSet one = new BitSet();
    one.set(2);
    cohort.check(one, cohort.input(2));
    assertThatThrownBy(() -> cohort.check(one, cohort.input(3)))
        .hasMessageContaining("wrong at element");
  }
}
