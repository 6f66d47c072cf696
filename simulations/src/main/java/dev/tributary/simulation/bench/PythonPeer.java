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
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A Python process that runs one of this package's scripts and answers line by line. */
final class PythonPeer implements AutoCloseable {
  private final Process process;
  private final String name;
  private final String option;
  private final BufferedReader answers;
  private final BufferedWriter questions;
  private final String version;

  private PythonPeer(Process process, String name, String option) throws IOException {
    this.process = process;
    this.name = name;
    this.option = option;
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.questions =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    String first = line();
    while (!first.startsWith(name + " ")) { // warnings of its libraries come before
      first = line();
    }
    this.version = first;
  }

  /**
   * Starts it.
   *
   * @param python a Python that has what the script imports
   * @param script a resource beside {@code training.py}
   * @param name with which the first line of the script begins
   * @param option of the command that names the Python
   * @throws CommandException if it cannot be started, or lacks something; with its last line
   */
  static PythonPeer start(String python, String script, String name, String option)
      throws IOException {
    try (InputStream resource =
        Objects.requireNonNull(
            PythonPeer.class.getResourceAsStream("/dev/tributary/bench/" + script))) {
      String code = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
      ProcessBuilder builder = new ProcessBuilder(python, "-c", code).redirectErrorStream(true);
      Process process;
      try {
        process = builder.start();
      } catch (IOException e) {
        throw unavailable(name, option, python + " cannot be started: " + e.getMessage());
      }
      try {
        return new PythonPeer(process, name, option);
      } catch (CommandException | IOException e) {
        process.destroyForcibly();
        throw e;
      }
    }
  }

  /** What it is called. */
  String name() {
    return name;
  }

  /** What runs, in words. */
  String version() {
    return version;
  }

  /** Asks one line; the numbers of the answer, at least so many. */
  double[] ask(String question, int numbers) throws IOException {
    questions.write(question + "\n");
    questions.flush();
    String answer = line();
    try {
      double[] values = Arrays.stream(answer.split(" ")).mapToDouble(Double::parseDouble).toArray();
      if (values.length >= numbers) {
        return values;
      }
    } catch (NumberFormatException e) {
      // It is no answer, whatever it is.
    }
    throw unavailable(name, option, name + " answered " + answer);
  }

  private String line() throws IOException {
    @Nullable String line = answers.readLine();
    if (line == null || line.startsWith("Traceback")) {
      String last = line == null ? "it ended without a word" : line;
      for (String next = line; next != null; next = answers.readLine()) {
        last = next;
      }
      throw unavailable(name, option, last);
    }
    return line;
  }

  private static CommandException unavailable(String name, String option, String reason) {
    return new CommandException(
        ErrorCode.ENGINE_UNAVAILABLE,
        String.format(
            "%s cannot be measured: %s. Give a Python that has it with %s, or leave it out.",
            name, reason, option));
  }

  @Override
  public void close() {
    process.destroy();
  }
}
