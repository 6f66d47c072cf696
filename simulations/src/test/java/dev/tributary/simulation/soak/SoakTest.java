package dev.tributary.simulation.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.Policy;
import dev.tributary.client.Trainer;
import dev.tributary.client.Transport;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.live.ChildProcess;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many rounds of a private job with a moving clip norm: {@code tributary serve} in a process of its
 * own, clients of the SDK in this one. Both are measured every so many rounds, while the clients of
 * that round train; what they hold must not grow with the rounds, but for what is kept of each on
 * purpose.
 */
class SoakTest {
  private static final int CLIENTS = 4;

  /** Without what the JDK keeps while there is room, and drops after minutes, megabytes at once. */
  private static final List<String> FLAGS =
      List.of("-Xmx256m", "-XX:NativeMemoryTracking=summary", "-XX:SoftRefLRUPolicyMSPerMB=0");

  /**
   * Of the samples, at the begin: until the JVMs are warm and whatever has a time limit is full.
   */
  private static final double WARM_UP = 0.3;

  @TempDir private Path folder;
  private final BlockingQueue<Integer> reached = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Phaser measured = new Phaser(1);
  private final List<Integer> rounds = new ArrayList<>();
  private final Map<String, List<Double>> coordinator = new LinkedHashMap<>();
  private final Map<String, List<Double>> clients = new LinkedHashMap<>();

  @Test
  @Tag("nightly")
  void manyRounds_leaveMemoryFilesAndThreadsAsTheyWere() throws Exception {
    run(Integer.getInteger("soak.rounds", 2_000), Integer.getInteger("soak.every", 40));
    // What a ledger means, and a client's answers, are kept in memory: bytes for each round.
    bound(coordinator, Footprint.HEAP, 640);
    bound(clients, Footprint.HEAP, 640 * CLIENTS);
    for (Map<String, List<Double>> each : List.of(coordinator, clients)) {
      bound(each, Footprint.OFF_HEAP, 1_024);
      bound(each, Footprint.FILES, 0.01);
      bound(each, Footprint.THREADS, 0.01);
    }
  }

  private void bound(Map<String, List<Double>> of, String what, double most) {
    assertThat(trend(of.get(what)).atLeast())
        .as("%s of %s: %s", what, of == clients ? "clients" : "the coordinator", of.get(what))
        .isLessThan(most);
  }

  private Trend trend(List<Double> values) {
    int first = (int) (WARM_UP * rounds.size());
    return Trend.of(rounds.subList(first, rounds.size()), values.subList(first, values.size()));
  }

  private void run(int last, int every) throws Exception {
    assumeThat(Files.isDirectory(Path.of("/proc/self/fd"))).as("Linux").isTrue();
    Path job = Files.writeString(folder.resolve("soak.yaml"), job(last));
    int port = freePort();
    List<FederatedClient> started = new ArrayList<>();
    ChildProcess process = serve(job, port);
    try {
      String fingerprint = heard("fingerprint").replaceAll(".*(sha256:[0-9a-f:]+).*", "$1");
      URI address = URI.create("https://127.0.0.1:" + port);
      try (Transport line = HttpTransport.pinned(address, fingerprint)) {
        for (int client = 0; client < CLIENTS; client++) {
          started.add(client(client, address, line, every));
        }
        long begun = System.nanoTime();
        for (int round = every; round <= last; round += every) {
          awaitRound(round, process);
          sample(round, process.pid());
          lines.clear();
          measured.arrive();
        }
        System.out.printf("%d rounds in %d s%n", last, (System.nanoTime() - begun) / 1_000_000_000);
        for (FederatedClient client : started) {
          client.awaitDone();
        }
        assertThat(process.awaitEnd(Duration.ofSeconds(60))).as(process.lastLines()).isTrue();
        assertThat(process.exitStatus()).as(process.lastLines()).isZero();
        // "job soak: completed after N of N rounds, A of them without a model"
        assertThat(process.lastLines()).contains("completed after " + last + " of " + last);
      }
    } finally {
      started.forEach(FederatedClient::close);
      process.close();
    }
    report("coordinator", coordinator);
    report("clients", clients);
  }

  /** Each client of a round says that it has reached it; one is enough. */
  private void awaitRound(int round, ChildProcess process) throws InterruptedException {
    Integer there;
    do {
      there = reached.poll(5, TimeUnit.MINUTES);
      assertThat(there).as(process.lastLines()).isNotNull().isLessThanOrEqualTo(round);
    } while (there < round);
  }

  private void sample(int round, long pid) throws IOException, InterruptedException {
    rounds.add(round);
    Map<String, Double> held = Footprint.of(pid);
    held.put("store on disk", (double) size(folder.resolve("store")));
    add(coordinator, held);
    Map<String, Double> own = Footprint.ofThis();
    own.put("state on disk", (double) size(folder.resolve("clients")));
    add(clients, own);
    String histograms = System.getProperty("soak.histograms");
    if (histograms != null) {
      Files.writeString(
          Path.of(histograms, "coordinator-" + round + ".txt"), Footprint.histogram(pid));
      Files.writeString(
          Path.of(histograms, "clients-" + round + ".txt"),
          Footprint.histogram(ProcessHandle.current().pid()));
    }
  }

  private static void add(Map<String, List<Double>> series, Map<String, Double> sample) {
    sample.forEach(
        (what, value) -> series.computeIfAbsent(what, w -> new ArrayList<>()).add(value));
  }

  private void report(String who, Map<String, List<Double>> series) {
    System.out.printf("%s after round %d:%n", who, rounds.get((int) (WARM_UP * rounds.size())));
    series.forEach((what, values) -> System.out.printf("  %s: %s%n", what, trend(values)));
  }

  private static long size(Path folder) throws IOException {
    long sum = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        try {
          sum += Files.size(file);
        } catch (NoSuchFileException e) {
          // It went meanwhile.
        }
      }
    }
    return sum;
  }

  private FederatedClient client(int client, URI address, Transport line, int every)
      throws IOException {
    Trainer trainer =
        request -> {
          if (request.round() % every == 0) {
            reached.add(request.round());
            measured.awaitAdvanceInterruptibly(request.round() / every - 1);
          }
          float[] update = new float[request.length()];
          update[client] = 1;
          return update;
        };
    return FederatedClient.builder()
        .coordinator(address)
        .transport(line)
        .trust(TrustAnchors.trustOnFirstUse())
        .state(Files.createDirectories(folder.resolve("clients").resolve("client-" + client)))
        .trainer(trainer)
        .policy(
            Policy.atLeast()
                .mode(Mode.CURIOUS)
                .cohort(CLIENTS - 1)
                .minimumSum(2)
                .maximumEpsilon(Double.POSITIVE_INFINITY))
        .start();
  }

  private ChildProcess serve(Path job, int port) throws IOException {
    return ChildProcess.start(
        "coordinator",
        FLAGS,
        List.of(
            "serve",
            "--job",
            job.toString(),
            "--host",
            "127.0.0.1",
            "--port",
            Integer.toString(port),
            "--store",
            folder.resolve("store").toString(),
            "--exit-when-done"),
        lines::add);
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private String heard(String part) throws InterruptedException {
    for (String line = lines.poll(60, TimeUnit.SECONDS);
        line != null;
        line = lines.poll(60, TimeUnit.SECONDS)) {
      if (line.contains(part) && !line.startsWith("job ")) {
        return line;
      }
    }
    throw new AssertionError("the coordinator never said '" + part + "'");
  }

  private static String job(int rounds) {
    return """
        apiVersion: tributary/v1
        name: soak
        model:
          input: [3]
          layers: [{dense: {units: 2, activation: softmax}}]
          loss: sparse_categorical_crossentropy
        training: {localEpochs: 1, batchSize: 1, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
        strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 1.0}}}}
        rounds: %d
        cohort: {size: %d, minimum: %d, population: %d, schedule: {participations: %d, separation: 1}}
        privacy: {unit: user, epsilon: 100000, delta: 1e-5, clipNorm: 1.0, noiseMultiplier: 1, mechanism: distributed-discrete-gaussian, colluders: 1, adaptiveClip: {bitNoise: 4}}
        secureAggregation: {suite: sa1, mode: curious}
        deadline: 60s
        evaluation: {every: 1, metrics: [accuracy]}
        """
        .formatted(rounds, CLIENTS, CLIENTS - 1, CLIENTS, rounds);
  }
}
