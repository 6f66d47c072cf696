package dev.tributary.simulation.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.simulation.CommandRun;
import dev.tributary.simulation.cli.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The figures are the machine's; the form is ours. */
final class CoordinatorBenchTest {
  @Test
  void coordinator_measuresWaitingClients_uploadsAndRounds(@TempDir Path folder)
      throws IOException {
    CommandRun run =
        CommandRun.of(
                "bench",
                "coordinator",
                "--waiting=5",
                "--seconds=0.1",
                "--uploads=3x1",
                "--rounds=4",
                "--models=3x1",
                "--turns=1",
                "--folder=" + folder)
            .succeeded();
    assertThat(run.out())
        .startsWith("JDK ")
        .containsPattern("check-ins a second: \\d+\n")
        .containsPattern(
            "exchanges a second: \\d+; of the bare handler: \\d+; ratio \\d\\.\\d\\d\n")
        .containsPattern("5 clients wait, \\d+ new connections a second; a client takes ")
        .containsPattern("the last after \\d+ ms\n")
        .containsPattern(
            "\\| 3 \\| (0\\.9|1\\.\\d) (\\| \\d+ ){2}(\\| \\d+\\.\\d\\d ){3}(\\| \\d+ ){3}\\|\n")
        .containsPattern("\\| 4 \\| 1,\\d+ (\\| \\d+\\.\\d\\d ){2}\\| \\d+ \\|\n")
        .containsPattern("\\| 3 \\| 1 \\| \\d (\\| -?\\d+ ){6}\\|\n");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).as("stores and uploads go").isEmpty();
    }
  }

  @Test
  void coordinator_killedInARound_saysHowLongItTookToGoOn(@TempDir Path folder) {
    CommandRun run =
        CommandRun.of(
                "bench",
                "coordinator",
                "--waiting=0",
                "--uploads=none",
                "--rounds=4",
                "--restart",
                "--folder=" + folder)
            .succeeded();
    assertThat(run.out()).containsPattern("\\| 4 (\\| \\d+\\.\\d\\d ){4}\\|\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "--waiting=20001; --waiting must be 0 to 20000",
        "--uploads=2x4; --uploads: 3 to 20000 clients, not 2",
        "--uploads=ten; --uploads is a list such as 10x40,100x4",
        "--models=2x4; --models: 3 to 20000 clients, not 2",
        "--rounds=2; --rounds: 3 to 20000 clients, or 0",
        "--heap=lots; --heap is a size such as 256m or 2g",
        "--turns=0; --turns 1 or more",
        "--restart; --restart is of the clients of --rounds",
      })
  void coordinator_misused_saysHow(String argument, String words) {
    CommandRun run = CommandRun.of("bench", "coordinator", argument);
    run.failedWith(ErrorCode.USAGE);
    assertThat(run.err()).contains(words);
  }
}
