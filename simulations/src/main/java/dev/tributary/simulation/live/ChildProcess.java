package dev.tributary.simulation.live;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A JVM that runs one Tributary command under {@code child}: it ends when its standard input does,
 * and so never outlives this process, even if this one is killed.
 */
public final class ChildProcess implements AutoCloseable {
  private static final int LAST_LINES = 12;
  private static final long PATIENCE_SECONDS = 15;

  private final String name;
  private final Process process;
  private final BufferedWriter in;
  private final Deque<String> last = new ArrayDeque<>();

  /**
   * Starts it.
   *
   * @param name for messages
   * @param flags of the JVM
   * @param arguments of the command line
   * @param lines hears every line that it prints, on a thread of its own
   */
  public static ChildProcess start(
      String name, List<String> flags, List<String> arguments, Consumer<String> lines)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(ChildProcess::isInherited)
        .forEach(command::add);
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-cp", classPath, "dev.tributary.simulation.Tributary", "child"));
    command.addAll(arguments);
    return new ChildProcess(
        name, new ProcessBuilder(command).redirectErrorStream(true).start(), lines);
  }

  /** Flags that make this JVM right for the machine, as the launcher chose them; not its size. */
  private static boolean isInherited(String flag) {
    return flag.startsWith("-XX:ArrayOperation")
        || flag.equals("-XX:+UnlockDiagnosticVMOptions")
        || flag.startsWith("--enable-native-access")
        || flag.startsWith("--sun-misc-unsafe");
  }

  private ChildProcess(String name, Process process, Consumer<String> lines) {
    this.name = name;
    this.process = process;
    this.in =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    Thread reader = new Thread(() -> read(lines), name + " output");
    reader.setDaemon(true);
    reader.start();
  }

  private void read(Consumer<String> lines) {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        synchronized (last) {
          if (last.size() == LAST_LINES) {
            last.removeFirst();
          }
          last.addLast(line);
        }
        lines.accept(line);
      }
    } catch (IOException e) {
      // The process is gone; whoever waits for it sees its exit status.
    }
  }

  public String name() {
    return name;
  }

  /** The process id. */
  public long pid() {
    return process.pid();
  }

  /** Its last lines, for a message about its end. */
  public String lastLines() {
    synchronized (last) {
      return String.join("\n  ", last);
    }
  }

  public boolean alive() {
    return process.isAlive();
  }

  /** Writes a line to its standard input; nothing happens if it is gone. */
  public synchronized void tell(String line) {
    try {
      in.write(line + "\n");
      in.flush();
    } catch (IOException e) {
      if (process.isAlive()) {
        throw new UncheckedIOException(name + " takes no input", e);
      }
    }
  }

  /** As the operating system kills: at once, without a word to it. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** Asks it to end in its own way. */
  public void terminate() {
    process.destroy();
  }

  /** Waits for its end; false after so long. */
  public boolean awaitEnd(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Its exit status, once it has ended. */
  public int exitStatus() {
    return process.exitValue();
  }

  /** Ends it for good. */
  @Override
  public void close() {
    process.destroyForcibly();
    process
        .onExit()
        .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .exceptionally(late -> process)
        .join();
  }
}
