package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.simulation.cli.ErrorCode;
import dev.tributary.simulation.cli.Failures;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** One command run inside this JVM, with what it printed. */
public record CommandRun(int exit, String out, String err) {
  public static CommandRun of(String... args) {
    CommandLine line = Tributary.commandLine();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    int exit = line.execute(args);
    return new CommandRun(exit, out.toString(), err.toString());
  }

  /** What a command would show that threw this. */
  public static CommandRun failing(Exception thrown) {
    CommandLine line = new CommandLine(new Tributary());
    StringWriter err = new StringWriter();
    line.setErr(new PrintWriter(err));
    return new CommandRun(Failures.handle(thrown, line, false), "", err.toString());
  }

  /** It ended with the code's status and one clear message that points to the code's section. */
  public void failedWith(ErrorCode code) {
    assertThat(exit).as(err).isEqualTo(code.exitStatus());
    assertThat(err).startsWith("tributary: ").doesNotContain("\tat ", "Exception:");
    if (code != ErrorCode.USAGE) {
      assertThat(err).contains("docs/errors.md#" + code.word());
    }
  }

  public CommandRun succeeded() {
    assertThat(exit).as(err).isZero();
    return this;
  }
}
