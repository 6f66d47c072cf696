package dev.tributary.simulation.live;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary child ...}: another command, in a process that ends with its parent. */
@Command(name = "child", hidden = true, description = "Run a command that ends with its parent.")
public final class ChildCommand implements Callable<Integer> {
  private static final int ORPHANED = 75;

  /** Those that read their standard input themselves. */
  private static final Set<String> LISTENING = Set.of("clients", "bench-server");

  @Parameters(arity = "1..*", description = "The command and its arguments.")
  private List<String> command = new ArrayList<>();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    CommandLine parent = spec.commandLine().getParent();
    if (!LISTENING.contains(command.get(0))) {
      haltWithStandardInput();
    }
    return parent.execute(command.toArray(String[]::new));
  }

  /** The parent holds the other end of standard input; when it is gone, so is this process. */
  static void haltWithStandardInput() {
    Thread watch =
        new Thread(
            () -> {
              try {
                System.in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                // A broken pipe says the same as its end.
              }
              Runtime.getRuntime().halt(ORPHANED);
            },
            "parent watch");
    watch.setDaemon(true);
    watch.start();
  }
}
