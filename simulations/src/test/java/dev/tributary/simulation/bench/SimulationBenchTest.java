package dev.tributary.simulation.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.simulation.CommandRun;
import java.util.List;
import org.junit.jupiter.api.Test;
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
            "--threads=1",
            "--model=softmax",
            option);
    List<String> rows =
        run.succeeded().out().lines().filter(line -> line.startsWith("| softmax")).toList();
    assertThat(rows).hasSize(2);
    for (String row : rows) {
      String[] cells = row.split(" *\\| *");
      assertThat(Double.parseDouble(cells[5].replace(",", ""))).isPositive();
      assertThat(Double.parseDouble(cells[6])).isNotNegative();
      assertThat(Double.parseDouble(cells[7])).isPositive();
    }
  }

  @Test
  void simulation_cohortOfMoreThanThereAre_isRefused() {
    CommandRun run = CommandRun.of("bench", "simulation", "--users=10", "--cohort=20");
    assertThat(run.exit()).isEqualTo(64);
    assertThat(run.err()).contains("--users at least --cohort");
  }
}
