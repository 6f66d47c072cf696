package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.simulation.Tributary;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A signal to end, with a process of its own. */
class InterruptionTest {
  @TempDir private Path folder;

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  @EnabledOnOs(OS.LINUX)
  void simulationThatIsInterrupted_writesWhatItHas_andSaysSo() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Tributary.class.getName(),
                "simulate",
                "../examples/digits.yaml",
                "--fast",
                "--rounds",
                "100000",
                "--out",
                folder.resolve("run").toString())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); !line.contains("round 1/"); line = lines.readLine()) {
        assertThat(line).doesNotContain("tributary:");
      }
      // SIGTERM: a JVM that was started in the background of a shell ignores SIGINT.
      assertThat(process.toHandle().destroy()).isTrue();
      assertThat(lines.lines().collect(Collectors.joining("\n")))
          .contains("ended       early: interrupted")
          .endsWith(
              "tributary: interrupted; what was done until then is written\n"
                  + "  See docs/errors.md#interrupted");
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(143);
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(folder.resolve("run/report.html"))).contains("interrupted");
  }
}
