package dev.tributary.simulation.bench;

import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.Trainer;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.job.Job;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.Policies;
import dev.tributary.simulation.cli.Scratch;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.Receipt;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * Whole rounds of deployed clients that do not train: what is left of a round is what the protocol,
 * the coordinator and the loopback take. All clients live in this process, beside the coordinator's
 * on the same cores.
 */
final class RoundBench {
  static final String HEAD =
      "| clients | parameters | a round, s | of it the coordinator's processor, s |"
          + " largest resident size, MiB |\n|---|---|---|---|---|";

  static final String RESTARTED =
      "| clients | round taken up after, s | it listens, s | first message accepted, s |"
          + " round ended, s |\n|---|---|---|---|---|";

  private static final int LENGTH = 1_000;

  /** Clients that share a connection: a limit of the SDK's transport. */
  private static final int SHARE = 400;

  private final Path base;
  private final String heap;
  private final int clients;
  private final int turns;

  RoundBench(Path base, String heap, int clients, int turns) {
    this.base = base;
    this.heap = heap;
    this.clients = clients;
    this.turns = turns;
  }

  String row() throws IOException, InterruptedException {
    Job job = BenchJob.of(clients, LENGTH, turns + 1);
    List<AutoCloseable> open = new ArrayList<>();
    try (Scratch scratch = new Scratch(Files.createTempDirectory(base, "rounds"));
        MeasuredServer coordinator =
            MeasuredServer.coordinator(
                scratch.folder("store"), heap, true, clients, clients, LENGTH, turns + 1)) {
      try {
        start(
            scratch.folder("clients"),
            coordinator,
            job,
            request -> new float[request.length()],
            line -> line,
            open);
        coordinator.round(); // warms both ends up
        double before = coordinator.processorSeconds();
        double fastest = Double.POSITIVE_INFINITY;
        for (int turn = 0; turn < turns; turn++) {
          MeasuredServer.Round round = coordinator.round();
          fastest = Math.min(fastest, (round.ended() - round.started()) * 1e-6);
        }
        double processor = (coordinator.processorSeconds() - before) / turns;
        return String.format(
            Locale.ROOT,
            "| %,d | %,d | %.2f | %.2f | %d |",
            clients,
            job.model().layout().size(),
            fastest,
            processor,
            coordinator.mostResident() >> 20);
      } finally {
        close(open);
      }
    }
  }

  /**
   * The coordinator's process is killed in the second round, when half of the clients train, and
   * another is started in its place.
   */
  String restart() throws IOException, InterruptedException {
    Job job = BenchJob.of(clients, LENGTH, 2);
    List<AutoCloseable> open = new ArrayList<>();
    CountDownLatch half = new CountDownLatch((clients + 1) / 2);
    Restart restart = new Restart();
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (Scratch scratch = new Scratch(Files.createTempDirectory(base, "restart"))) {
      Path store = scratch.folder("store");
      try (MeasuredServer first = MeasuredServer.again(store, heap, clients, LENGTH, port)) {
        Trainer trainer =
            request -> {
              if (request.round() > 1) {
                half.countDown();
              }
              return new float[request.length()];
            };
        start(scratch.folder("clients"), first, job, trainer, restart::by, open);
        first.round(); // warms the clients up
        half.await();
        first.kill();
        restart.begin();
        try (MeasuredServer second = MeasuredServer.again(store, heap, clients, LENGTH, port)) {
          double listens = restart.seconds();
          long resumed = Long.parseLong(second.awaited(CoordinatorBenchServer.RESUMED));
          MeasuredServer.Round round = second.round();
          return String.format(
              Locale.ROOT,
              "| %,d | %.2f | %.2f | %.2f | %.2f |",
              clients,
              restart.seconds(resumed),
              listens,
              restart.firstAccepted(),
              restart.seconds(round.ended()));
        }
      } finally {
        close(open);
      }
    }
  }

  /** The time since a coordinator was started in the place of another, and what came of it. */
  private static final class Restart {
    private volatile long begun = Long.MAX_VALUE;
    private final AtomicLong accepted = new AtomicLong();

    void begin() {
      begun = now();
    }

    double seconds() {
      return seconds(now());
    }

    double seconds(long micros) {
      return (micros - begun) * 1e-6;
    }

    double firstAccepted() {
      return seconds(accepted.get());
    }

    private static long now() {
      return CoordinatorBenchServer.micros(Instant.now());
    }

    /** Listens to a line for the first message that is accepted after the restart. */
    Transport by(Transport line) {
      return (Transport)
          Proxy.newProxyInstance(
              Transport.class.getClassLoader(),
              new Class<?>[] {Transport.class},
              (proxy, method, arguments) -> {
                try {
                  Object answer = method.invoke(line, arguments);
                  if (now() > begun
                      && answer instanceof ExchangeReply reply
                      && reply.getReceiptsList().stream().anyMatch(Receipt::getAccepted)) {
                    accepted.compareAndSet(0, now());
                  }
                  return answer;
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }
  }

  private void start(
      Path folder,
      MeasuredServer coordinator,
      Job job,
      Trainer trainer,
      UnaryOperator<Transport> line,
      List<AutoCloseable> open) {
    URI address = URI.create("https://localhost:" + coordinator.port());
    TrustAnchors anchors = TrustAnchors.trustOnFirstUse();
    Transport transport = null;
    for (int i = 0; i < clients; i++) {
      if (transport == null || i % SHARE == 0) {
        transport = line.apply(HttpTransport.pinned(address, coordinator.fingerprint()));
        open.add(0, transport); // closed after the clients that share it
      }
      open.add(
          FederatedClient.builder()
              .coordinator(address)
              .transport(transport)
              .trust(anchors)
              .state(folder.resolve(Integer.toString(i)))
              .trainer(trainer)
              .policy(Policies.of(job, false))
              .start());
    }
  }

  private static void close(List<AutoCloseable> open) {
    for (int i = open.size() - 1; i >= 0; i--) {
      try {
        open.get(i).close();
      } catch (Exception e) {
        throw new IllegalStateException("a client of the measurement did not close", e);
      }
    }
  }
}
