package dev.tributary.simulation.bench;

import dev.tributary.secagg.TlsIdentity;
import dev.tributary.simulation.live.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A {@link CoordinatorBenchServer}, from outside. */
final class MeasuredServer implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 600;

  private final ChildProcess process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> rounds = new LinkedBlockingQueue<>();
  private final Path folder;
  private final int port;

  private MeasuredServer(Path folder, List<String> flags, List<String> arguments)
      throws IOException, InterruptedException {
    this.folder = folder;
    List<String> all = new ArrayList<>(List.of("bench-server", "--folder", folder.toString()));
    all.addAll(arguments);
    this.process =
        ChildProcess.start(
            "bench server", flags, all, line -> (ofRounds(line) ? rounds : lines).add(line));
    try {
      this.port = Integer.parseInt(awaited(CoordinatorBenchServer.READY));
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  /**
   * A bare handler. Each connection that sends as fast as it can takes buffers outside the heap, up
   * to 400 KiB where its window is as wide as here: a thousand need more than the largest heap,
   * which is what a JVM gives by itself.
   */
  static MeasuredServer bare(Path folder, String heap) throws IOException, InterruptedException {
    return new MeasuredServer(
        folder, List.of("-Xmx" + heap, "-XX:MaxDirectMemorySize=2g"), List.of("--bare"));
  }

  /**
   * A coordinator whose job begins once its population is there.
   *
   * @param masked whether its sums are those that are deployed
   */
  static MeasuredServer coordinator(
      Path folder, String heap, boolean masked, int population, int cohort, int length, int rounds)
      throws IOException, InterruptedException {
    return coordinator(folder, List.of("-Xmx" + heap), masked, population, cohort, length, rounds);
  }

  /** The same with any flags of its JVM. */
  static MeasuredServer coordinator(
      Path folder,
      List<String> flags,
      boolean masked,
      int population,
      int cohort,
      int length,
      int rounds)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(masked ? List.of("--masked") : List.of());
    arguments.addAll(List.of("--population", Integer.toString(population)));
    arguments.addAll(List.of("--cohort", Integer.toString(cohort)));
    arguments.addAll(List.of("--length", Integer.toString(length)));
    arguments.addAll(List.of("--rounds", Integer.toString(rounds)));
    return new MeasuredServer(folder, flags, arguments);
  }

  /**
   * A masked coordinator at a port of one's own, over a folder in which there may have been one.
   */
  static MeasuredServer again(Path folder, String heap, int clients, int length, int port)
      throws IOException, InterruptedException {
    String all = Integer.toString(clients);
    return new MeasuredServer(
        folder,
        List.of("-Xmx" + heap),
        List.of(
            "--masked",
            "--population",
            all,
            "--cohort",
            all,
            "--length",
            Integer.toString(length),
            "--rounds",
            "2",
            "--port",
            Integer.toString(port)));
  }

  /** As the operating system does, at once. */
  void kill() throws InterruptedException {
    process.kill();
  }

  /**
   * Told of a round that came to a sum, in microseconds since the epoch.
   *
   * @param taken seconds of processor time that the process had taken when the input step ended
   */
  record Round(long inputEnded, long started, long ended, double taken) {}

  /** The next round that ends. */
  Round round() throws IOException, InterruptedException {
    String[] times = awaited(CoordinatorBenchServer.ROUND).split(" ", -1);
    if (times.length != 4 || !times[0].matches("\\d+")) {
      throw new IllegalStateException("a round came to no sum: " + String.join(" ", times));
    }
    return new Round(
        Long.parseLong(times[0]),
        Long.parseLong(times[1]),
        Long.parseLong(times[2]),
        Long.parseLong(times[3]) * 1e-9);
  }

  /** Seconds of processor time so far. */
  double processorSeconds() throws IOException, InterruptedException {
    return Long.parseLong(ask(CoordinatorBenchServer.CPU)) * 1e-9;
  }

  int port() {
    return port;
  }

  /** Of its certificate, for pinning. */
  String fingerprint() {
    return TlsIdentity.createOrLoad(folder, List.of("localhost")).fingerprint();
  }

  Path certificate() {
    return folder.resolve("tls-certificate.pem");
  }

  /** Asks for something whose answer begins with these words, and gives the rest of it. */
  String ask(String words) throws IOException, InterruptedException {
    process.tell(words.trim());
    return awaited(words);
  }

  /** The rest of the next line that begins with these words. */
  String awaited(String words) throws IOException, InterruptedException {
    BlockingQueue<String> from = ofRounds(words) ? rounds : lines;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < end) {
      boolean alive = process.alive();
      String line = from.poll(1, TimeUnit.SECONDS);
      if (line != null && line.startsWith(words)) {
        return line.substring(words.length());
      }
      if (line == null && !alive) {
        break;
      }
    }
    throw new IOException("the measured server said nothing:\n  " + process.lastLines());
  }

  /** What comes unasked, when it comes. */
  private static boolean ofRounds(String line) {
    return line.startsWith(CoordinatorBenchServer.ROUND)
        || line.startsWith(CoordinatorBenchServer.RESUMED);
  }

  /** Bytes of the heap that are needed. */
  long heap() throws IOException, InterruptedException {
    return Long.parseLong(ask(CoordinatorBenchServer.HEAP));
  }

  /** Bytes of memory of the process, now; 0 where the system does not say. */
  long resident() {
    return status("VmRSS:");
  }

  /** The same, at most so far. */
  long mostResident() {
    return status("VmHWM:");
  }

  private long status(String field) {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith(field)) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException e) {
      // No Linux, or the process is gone: its next answer will be missed.
    }
    return 0;
  }

  @Override
  public void close() {
    process.close();
  }
}
