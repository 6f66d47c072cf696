package dev.tributary.simulation.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tributary.coordinator.job.Job;
import dev.tributary.simulation.cli.ErrorCode;
import dev.tributary.simulation.live.ChildProcess;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same with processes: {@code tributary serve} over a folder on disk and two processes of four
 * clients, killed (SIGKILL), stopped and continued (SIGSTOP, SIGCONT) and cut off at moments drawn
 * from the seed; {@code -Dchaos.process.seeds=FROM..TO} plays those.
 */
class ProcessChaosTest {
  private static final int ROUNDS = 4;
  private static final int HOSTS = 2;
  private static final int EACH = ChaosJob.CLIENTS / HOSTS;
  private static final List<String> SMALL = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1");

  @TempDir private Path folder;

  /** What is done to a process or the line, so many milliseconds after the one before. */
  private record Blow(int after, String what, int whom, int lasts) {}

  @Test
  @Timeout(600)
  void processesKilledStoppedAndCutOff_keepTheInvariants() throws Exception {
    play(1, 2);
  }

  @Test
  @Tag("nightly")
  void processesKilledStoppedAndCutOff_ofManySeeds_keepTheInvariants() throws Exception {
    play(100, 200);
  }

  private void play(int from, int to) throws Exception {
    assumeThat(System.getProperty("os.name")).as("SIGSTOP").doesNotStartWith("Windows");
    String[] asked = System.getProperty("chaos.process.seeds", from + ".." + to).split("\\.\\.");
    int models = 0;
    int first = Integer.parseInt(asked[0]);
    int end = Integer.parseInt(asked[1]);
    for (int seed = first; seed < end; seed++) {
      try (Run run = new Run(seed, folder.resolve("seed-" + seed))) {
        models += run.run();
      }
    }
    assertThat(models).isPositive();
  }

  private static List<Blow> blows(long seed) {
    SplittableRandom random = new SplittableRandom(new SplittableRandom(seed).nextLong());
    List<Blow> blows = new ArrayList<>();
    List<String> kinds =
        List.of("kill", "kill", "stop", "kill-host", "stop-host", "cut", "silence");
    for (int i = random.nextInt(3, 6); i > 0; i--) {
      blows.add(
          new Blow(
              random.nextInt(100, 1_200),
              kinds.get(random.nextInt(kinds.size())),
              random.nextInt(HOSTS),
              random.nextInt(100, 1_500)));
    }
    return blows;
  }

  /** One seed, from the start of its processes to what they leave. */
  private static final class Run implements AutoCloseable {
    private final String as;
    private final List<Blow> blows;
    private final Path folder;
    private final Job job;
    private final Path jobFile;
    private final ChaosProxy proxy;
    private final int port;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final byte[][] keys = new byte[ChaosJob.CLIENTS][];
    private final Process[] hosts = new Process[HOSTS];
    private ChildProcess coordinator;
    private String fingerprint = "";

    Run(long seed, Path folder) throws Exception {
      this.blows = blows(seed);
      this.as =
          String.format(
              Locale.ROOT,
              "seed %d (replay with -Dchaos.process.seeds=%d..%d)%n%s",
              seed,
              seed,
              seed + 1,
              blows);
      this.folder = Files.createDirectories(folder);
      this.proxy = new ChaosProxy(seed);
      String text = ChaosJob.file(ROUNDS, seed % 2 == 0, 12);
      this.job = ChaosJob.parsed(text);
      this.jobFile = Files.writeString(folder.resolve("chaos.yaml"), text);
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      proxy.leadTo(port);
      coordinator = serve();
    }

    int run() throws Exception {
      fingerprint = heard("fingerprint").replaceAll(".*(sha256:[0-9a-f:]+).*", "$1");
      for (int host = 0; host < HOSTS; host++) {
        hosts[host] = host(host);
      }
      heard("round 1 of");
      for (Blow blow : blows) {
        Thread.sleep(blow.after());
        strike(blow);
      }
      proxy.clear();
      assertThat(coordinator.awaitEnd(Duration.ofSeconds(240)))
          .as("%s%n%s", as, coordinator.lastLines())
          .isTrue();
      stopHosts();
      int models =
          new Invariants(as, job, folder, Arrays.asList(keys)).check((client, round) -> false);
      // A loaded machine may lose all rounds to their deadline; then it says so.
      assertThat(coordinator.exitStatus())
          .as("%s%n%s", as, coordinator.lastLines())
          .isEqualTo(models > 0 ? 0 : ErrorCode.NO_ROUND_COMPLETED.exitStatus());
      return models;
    }

    private void strike(Blow blow) throws Exception {
      switch (blow.what()) {
        case "kill" -> {
          coordinator.kill();
          Thread.sleep(blow.lasts());
          coordinator = serve();
        }
        case "stop" -> stopped(coordinator.pid(), blow.lasts());
        case "kill-host" -> {
          hosts[blow.whom()].destroyForcibly().waitFor();
          Thread.sleep(blow.lasts());
          hosts[blow.whom()] = host(blow.whom());
        }
        case "stop-host" -> stopped(hosts[blow.whom()].pid(), blow.lasts());
        case "silence" -> {
          proxy.silent = true;
          Thread.sleep(blow.lasts());
          proxy.silent = false;
        }
        default -> proxy.cut(1, 0);
      }
    }

    private static void stopped(long pid, int millis) throws Exception {
      signal("-STOP", pid);
      Thread.sleep(millis);
      signal("-CONT", pid);
    }

    private static void signal(String name, long pid) throws Exception {
      new ProcessBuilder("kill", name, Long.toString(pid)).start().waitFor();
    }

    private ChildProcess serve() throws IOException {
      return ChildProcess.start(
          "coordinator",
          SMALL,
          List.of(
              "serve",
              "--job",
              jobFile.toString(),
              "--host",
              "127.0.0.1",
              "--port",
              Integer.toString(port),
              "--store",
              folder.resolve("store").toString(),
              "--exit-when-done"),
          lines::add);
    }

    private Process host(int number) throws Exception {
      List<String> command =
          new ArrayList<>(
              List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
      command.addAll(SMALL);
      command.addAll(
          List.of(
              "-cp",
              System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
              ChaosHost.class.getName(),
              "https://127.0.0.1:" + proxy.port(),
              fingerprint,
              folder.toString(),
              Integer.toString(number * EACH),
              Integer.toString(EACH)));
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      Thread reader = new Thread(() -> read(process), "host " + number);
      reader.setDaemon(true);
      reader.start();
      return process;
    }

    private void read(Process process) {
      process
          .inputReader()
          .lines()
          .filter(line -> line.startsWith("key "))
          .forEach(
              line -> {
                String[] words = line.split(" ");
                keys[Integer.parseInt(words[1])] = HexFormat.of().parseHex(words[2]);
              });
    }

    private String heard(String part) throws InterruptedException {
      for (String line = lines.poll(60, TimeUnit.SECONDS);
          line != null;
          line = lines.poll(60, TimeUnit.SECONDS)) {
        if (line.contains(part) && !line.startsWith("job ")) {
          return line;
        }
      }
      throw new AssertionError(as + "\nthe coordinator never said '" + part + "'");
    }

    private void stopHosts() throws InterruptedException {
      for (Process host : hosts) {
        if (host != null && !host.waitFor(15, TimeUnit.SECONDS)) {
          host.destroyForcibly().waitFor();
        }
      }
    }

    @Override
    public void close() throws IOException {
      coordinator.close();
      for (Process host : hosts) {
        if (host != null) {
          host.destroyForcibly();
        }
      }
      proxy.close();
    }
  }
}
