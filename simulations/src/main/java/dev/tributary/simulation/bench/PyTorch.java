package dev.tributary.simulation.bench;

import dev.tributary.simulation.cli.CommandException;
import dev.tributary.simulation.cli.ErrorCode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A Python process with PyTorch that trains a case when it is asked to. */
final class PyTorch implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter questions;
  private final String version;

  private PyTorch(Process process) throws IOException {
    this.process = process;
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.questions =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    String first = line();
    while (!first.startsWith("PyTorch ")) { // warnings of its libraries come before
      first = line();
    }
    this.version = first;
  }

  /**
   * Starts it.
   *
   * @param python a Python that has torch
   * @throws CommandException if it cannot be started, or has no torch; with its last line
   */
  static PyTorch start(String python) throws IOException {
    try (InputStream script =
        Objects.requireNonNull(
            PyTorch.class.getResourceAsStream("/dev/tributary/bench/training.py"))) {
      String code = new String(script.readAllBytes(), StandardCharsets.UTF_8);
      ProcessBuilder builder = new ProcessBuilder(python, "-c", code).redirectErrorStream(true);
      Process process;
      try {
        process = builder.start();
      } catch (IOException e) {
        throw unavailable(python + " cannot be started: " + e.getMessage());
      }
      try {
        return new PyTorch(process);
      } catch (CommandException | IOException e) {
        process.destroyForcibly();
        throw e;
      }
    }
  }

  /** What runs, in words. */
  String version() {
    return version;
  }

  double microseconds(String name, double seconds) throws IOException {
    questions.write(name + " " + seconds + "\n");
    questions.flush();
    String[] words = line().split(" ");
    try {
      return 1e6 * Double.parseDouble(words[1]) / Long.parseLong(words[0]);
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw unavailable("PyTorch answered " + String.join(" ", words));
    }
  }

  private String line() throws IOException {
    @Nullable String line = answers.readLine();
    if (line == null || line.startsWith("Traceback")) {
      String last = line == null ? "it ended without a word" : line;
      for (String next = line; next != null; next = answers.readLine()) {
        last = next;
      }
      throw unavailable(last);
    }
    return line;
  }

  private static CommandException unavailable(String reason) {
    return new CommandException(
        ErrorCode.ENGINE_UNAVAILABLE,
        "PyTorch cannot be measured: "
            + reason
            + ". Give a Python that has torch with --python, or leave it out.");
  }

  @Override
  public void close() {
    process.destroy();
  }
}
