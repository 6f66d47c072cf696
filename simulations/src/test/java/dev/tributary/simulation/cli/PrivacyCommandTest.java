package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.simulation.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PrivacyCommandTest {
  private static final String HEADER =
      "case_id,family,adjacency,q,noise_multiplier,steps,delta,epsilon_in,params_json,quantity,value,lower,upper,rel_tol,use\n";
  private static final String GOOD =
      "GE02,gaussian,add,1,1.0,1,1e-05,,,epsilon_exact,4.3771780956812246,,,1e-10,must_match\n";
  private static final String BAD =
      "GE99,gaussian,add,1,1.0,1,1e-05,,,epsilon_exact,4.4,,,1e-10,must_match\n";

  @TempDir private Path folder;

  private Path file(String rows) throws IOException {
    return Files.writeString(folder.resolve("reference.csv"), HEADER + rows);
  }

  @Test
  void check_ofAFileThatHolds_saysSo() throws IOException {
    CommandRun run = CommandRun.of("privacy", "check", file(GOOD).toString()).succeeded();
    assertThat(run.out()).contains("gaussian").contains("1 /   1");
  }

  @Test
  void check_ofARowThatDoesNotHold_listsBothValues_andEndsWithOne() throws IOException {
    CommandRun run = CommandRun.of("privacy", "check", file(GOOD + BAD).toString());
    assertThat(run.exit()).isOne();
    assertThat(run.out())
        .contains("1 /   2")
        .contains("GE99 gaussian")
        .contains("4.377")
        .contains("4.4 within");
  }

  @Test
  void check_ofNoSuchFile_orFormat_isRefused() throws IOException {
    CommandRun.of("privacy", "check", folder.resolve("none.csv").toString())
        .failedWith(ErrorCode.DATA_MISSING);
    Path other = Files.writeString(folder.resolve("other.csv"), "a,b\n1,2\n");
    CommandRun.of("privacy", "check", other.toString()).failedWith(ErrorCode.DATA_DAMAGED);
  }

  @Test
  void plan_solvesForWhatIsLeftOut() {
    CommandRun cost =
        CommandRun.of(
                "privacy",
                "plan",
                "--noise",
                "1",
                "--rounds",
                "1000",
                "--rate",
                "0.01",
                "--delta",
                "1e-5")
            .succeeded();
    assertThat(cost.out()).contains("epsilon 1.82824").contains("by rdp alone 2.10137");
    CommandRun noise =
        CommandRun.of(
                "privacy",
                "plan",
                "--epsilon",
                "1",
                "--rounds",
                "1",
                "--rate",
                "1",
                "--delta",
                "1e-5")
            .succeeded();
    assertThat(noise.out()).contains("noise 3.73063");
  }

  @Test
  void plan_withNothingOrTooMuchLeftOut_isMisuse() {
    CommandRun.of("privacy", "plan", "--noise", "1", "--delta", "1e-5").failedWith(ErrorCode.USAGE);
  }

  @ParameterizedTest
  @CsvSource({"2, 1, 10, 1e-5", "0.5, -1, 10, 1e-5", "0.5, 1, 0, 1e-5", "0.5, 1, 10, 0"})
  void plan_ofNumbersThatAreNone_isMisuse(String rate, String noise, String rounds, String delta) {
    CommandRun.of(
            "privacy",
            "plan",
            "--rate",
            rate,
            "--noise",
            noise,
            "--rounds",
            rounds,
            "--delta",
            delta)
        .failedWith(ErrorCode.USAGE);
  }

  @Test
  void plan_thatStopsLooking_saysSo() {
    CommandRun run =
        CommandRun.of(
                "privacy",
                "plan",
                "--noise",
                "1e9",
                "--epsilon",
                "1",
                "--rate",
                "1",
                "--delta",
                "1e-5")
            .succeeded();
    assertThat(run.out()).contains("The search ends at 16777216 rounds");
  }
}
