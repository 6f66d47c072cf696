package dev.tributary.simulation.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.simulation.CommandRun;
import dev.tributary.simulation.cli.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
  private static final String[] QUICK = {"bench", "training", "--rounds", "1", "--seconds", "0.01"};

  @Test
  void training_printsALineForEachCase() {
    CommandRun run = CommandRun.of(with("--case", "logistic-32,mlp-32")).succeeded();
    assertThat(run.out()).startsWith("JDK ").contains("| step, microseconds | ").contains("java");
    assertThat(run.out().lines().filter(line -> line.matches("\\| (MLP|logistic).*\\d+\\.\\d \\|")))
        .hasSize(2);
  }

  /** The figures are the machine's; the form is ours. */
  @Test
  void training_withDetails_printsThemInASecondTable() {
    String[] arguments = with("--case", "logistic-32");
    arguments = Arrays.copyOf(arguments, arguments.length + 1);
    arguments[arguments.length - 1] = "--details";
    CommandRun run = CommandRun.of(arguments).succeeded();
    String last = run.out().lines().reduce((first, second) -> second).orElseThrow();
    assertThat(last).matches("\\| logistic [^|]*(\\| \\d+\\.\\d+ ){5}\\|");
    assertThat(run.out()).contains("| clipped by example / plain | noise of a step, ms |");
  }

  @Test
  void training_withoutPyTorch_saysWhy(@TempDir Path folder) {
    CommandRun run = CommandRun.of(with("--python", folder.resolve("python").toString()));
    run.failedWith(ErrorCode.ENGINE_UNAVAILABLE);
    assertThat(run.err()).contains("cannot be started", "--python");
    CommandRun.of(with("--case", "gpt-5")).failedWith(ErrorCode.USAGE);
    CommandRun.of("bench", "training", "--rounds", "0").failedWith(ErrorCode.USAGE);
  }

  /** A stand-in for Python that warns first and then takes a millisecond a step. */
  @Test
  void training_besideAPeer_printsTheRatio(@TempDir Path folder) throws IOException {
    Path python =
        Files.writeString(
            folder.resolve("python"),
            "#!/bin/sh\necho Warning: no NumPy\necho PyTorch 0, Python 0\n"
                + "while read line; do echo 10 0.01; done\n");
    assertThat(python.toFile().setExecutable(true)).isTrue();
    String[] arguments = with("--python", python.toString());
    arguments = Arrays.copyOf(arguments, arguments.length + 2);
    arguments[arguments.length - 2] = "--case";
    arguments[arguments.length - 1] = "logistic-32";
    CommandRun run = CommandRun.of(arguments).succeeded();
    assertThat(run.out().lines().findFirst().orElseThrow()).endsWith(", PyTorch 0, Python 0");
    assertThat(run.out()).contains("PyTorch / best engine").contains("| 1000.0 |");
  }

  /** A stand-in that answers every question with 10 ms and the number 1. */
  @Test
  void privacy_besideAPeer_printsTheRatios(@TempDir Path folder) throws IOException {
    Path python =
        Files.writeString(
            folder.resolve("python"),
            "#!/bin/sh\necho dp_accounting 0, NumPy 0, Python 0\n"
                + "while read line; do echo 0.01 1; done\n");
    assertThat(python.toFile().setExecutable(true)).isTrue();
    String[] quick = {"bench", "privacy", "--length", "100", "--turns", "1", "--python"};
    String[] arguments = Arrays.copyOf(quick, quick.length + 1);
    arguments[quick.length] = python.toString();
    CommandRun run = CommandRun.of(arguments).succeeded();
    assertThat(run.out())
        .contains("beside dp_accounting 0, NumPy 0, Python 0", "standard_normal 100.0 M/s")
        .containsPattern("RDP epsilon 0\\.94220 in .* dp_accounting 1\\.00000 in 10\\.00 ms")
        .containsPattern("PLD epsilon 0\\.853\\d\\d in ");
    arguments[quick.length] = folder.resolve("none").toString();
    CommandRun refused = CommandRun.of(arguments);
    refused.failedWith(ErrorCode.ENGINE_UNAVAILABLE);
    assertThat(refused.err()).contains("dp_accounting", "--python");
  }

  private static String[] with(String option, String value) {
    String[] all = Arrays.copyOf(QUICK, QUICK.length + 2);
    all[QUICK.length] = option;
    all[QUICK.length + 1] = value;
    return all;
  }
}
