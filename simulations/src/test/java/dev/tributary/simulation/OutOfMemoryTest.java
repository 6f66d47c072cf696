package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.simulation.cli.ErrorCode;
import dev.tributary.wire.Failed;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** A command that finds no memory, on its own thread or on one that works for it. */
class OutOfMemoryTest {
  @CommandLine.Command(name = "hungry")
  static final class Hungry implements Runnable {
    private final boolean own;

    Hungry(boolean own) {
      this.own = own;
    }

    @Override
    public void run() {
      OutOfMemoryError error = new OutOfMemoryError("Java heap space");
      if (own) {
        throw error;
      }
      throw new IllegalStateException(new ExecutionException(error));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void command_withoutMemory_saysWhatItHasAndWhatToDo(boolean own) {
    CommandLine line = Tributary.commandLine().addSubcommand(new Hungry(own));
    StringWriter err = new StringWriter();
    line.setErr(new PrintWriter(err));
    CommandRun run = new CommandRun(line.execute("hungry"), "", err.toString());
    run.failedWith(ErrorCode.OUT_OF_MEMORY);
    assertThat(run.err())
        .contains("memory ran out (Java heap space)", " MiB. ", "TRIBUTARY_JAVA_OPTS=-Xmx");
  }

  /** A client whose training found no memory has not declined: it ends the run. */
  @Test
  void work_withoutMemory_isNoFailureOfItsOwn() throws InterruptedException {
    WorkItem hungry =
        new WorkItem(
            () -> {
              throw new OutOfMemoryError("Java heap space");
            });
    WorkItem wrong =
        new WorkItem(
            () -> {
              throw new IllegalStateException("wrong");
            });
    assertThatThrownBy(hungry::outcome).isInstanceOf(OutOfMemoryError.class);
    assertThat(wrong.outcome()).isInstanceOf(Failed.class);
  }
}
