package dev.tributary.simulation.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.simulation.CommandRun;
import dev.tributary.simulation.cli.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command measures and prints; how fast it is, no test says. */
final class SimulationBenchTest {
  @ParameterizedTest
  @CsvSource({"--points=3, 100000", "--full, 40"})
  void simulation_smallShape_hasARowForEachNumberOfClientsAndThreads(String option, int many) {
    CommandRun run =
        CommandRun.of(
            "bench",
            "simulation",
            "--users=20," + many,
            "--cohort=5",
            "--rounds=2",
            "--warm-up=1",
            "--threads=1",
            "--model=softmax",
            option);
    List<String> rows =
        run.succeeded()
            .out()
            .lines()
            .filter(line -> line.startsWith("| Tributary | softmax"))
            .toList();
    assertThat(rows).hasSize(2);
    for (String row : rows) {
      String[] cells = row.split(" *\\| *");
      assertThat(Double.parseDouble(cells[6].replace(",", ""))).isPositive();
      assertThat(Double.parseDouble(cells[7])).isNotNegative();
      assertThat(Double.parseDouble(cells[8])).isPositive();
    }
  }

  @Test
  void simulation_frameworkBesideIt_hasItsRowAndTheRatio(@TempDir Path folder) throws IOException {
    Path python =
        Files.writeString(
            folder.resolve("python"),
            "#!/bin/sh\necho 'a warning'; echo 'pfl 9.8'\n"
                + "while read line; do [ \"$line\" = 'softmax 20 3 5 2' ] && echo '2.0 0.5 0.4'; done\n");
    assertThat(python.toFile().setExecutable(true)).isTrue();
    CommandRun run =
        CommandRun.of(
            "bench",
            "simulation",
            "--users=20",
            "--points=3",
            "--cohort=5",
            "--rounds=2",
            "--warm-up=1",
            "--threads=1",
            "--model=softmax",
            "--pfl=" + python);
    assertThat(run.succeeded().out())
        .contains("\npfl 9.8\n")
        .containsPattern(
            "\\| pfl, [0-9.]+ times \\| softmax \\| 20 \\| 5 \\| 1 \\| 5 \\| 40.00 \\| 10.00 \\|  \\|");
  }

  @Test
  void simulation_pythonWithoutTheFramework_isRefusedByName(@TempDir Path folder) {
    CommandRun run =
        CommandRun.of("bench", "simulation", "--flower=" + folder.resolve("no-python"));
    assertThat(run.exit()).isEqualTo(ErrorCode.ENGINE_UNAVAILABLE.exitStatus());
    assertThat(run.err()).contains("Flower", "cannot be started", "--flower");
  }

  @Test
  void simulation_cohortOfMoreThanThereAre_isRefused() {
    CommandRun run = CommandRun.of("bench", "simulation", "--users=10", "--cohort=20");
    assertThat(run.exit()).isEqualTo(64);
    assertThat(run.err()).contains("--users at least --cohort");
  }
}
