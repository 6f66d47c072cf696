package dev.tributary.simulation.bench;

import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.Limits;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.net.HttpServer;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.JobControl;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.StepReport;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code tributary child bench-server}: a coordinator that is measured, in a process of its own, or
 * a bare handler on the same port settings, which reads what comes and says that it has. Lines on
 * standard input ask, lines on standard output tell; it ends with its standard input.
 *
 * <p>For uploads sums are without masks: the coordinator journals and folds the same bytes, and the
 * clients have no masks to make on the same cores.
 */
@Command(name = "bench-server", hidden = true, description = "A server that is measured.")
public final class CoordinatorBenchServer implements Callable<Integer> {
  /** All of a bench comes from one address, as fast as it can. */
  private static final Limits UNLIMITED =
      new Limits(
          1_000_000_000,
          1_000_000_000,
          1_000_000_000,
          1_000_000_000,
          Duration.ofMinutes(5),
          Duration.ofMinutes(5));

  /** Followed by a port. */
  static final String READY = "ready ";

  /** Asks for the bytes of the heap after a collection, which the answer begins with. */
  static final String HEAP = "heap ";

  /** Asks for the end of the job; the answer has the time before it, in microseconds. */
  static final String CANCEL = "cancel ";

  /** Asks for the nanoseconds of processor time that the process has taken. */
  static final String CPU = "cpu ";

  /**
   * Told of a round: the end of its input step, its begin and its end, in microseconds, and the
   * nanoseconds of processor time that the process had taken at the first.
   */
  static final String ROUND = "round ";

  /** Told when a job goes on where an earlier process stopped, in microseconds. */
  static final String RESUMED = "resumed ";

  @Option(names = "--folder", required = true)
  private Path folder = Path.of("");

  @Option(names = "--bare")
  private boolean bare;

  /** With the sums that are deployed, in place of sums without masks. */
  @Option(names = "--masked")
  private boolean masked;

  @Option(names = "--population")
  private int population = 2;

  @Option(names = "--cohort")
  private int cohort = 2;

  @Option(names = "--length")
  private int length = 100;

  @Option(names = "--rounds")
  private int rounds = 1;

  @Option(names = "--port")
  private int port;

  @Override
  public Integer call() throws IOException {
    TlsIdentity tls = TlsIdentity.createOrLoad(folder, List.of("localhost"));
    if (bare) {
      Vertx vertx = HttpServer.vertx();
      io.vertx.core.http.HttpServer server =
          vertx
              .createHttpServer(wide(HttpServer.options(tls, "localhost", 0)))
              .requestHandler(CoordinatorBenchServer::answer)
              .listen()
              .toCompletionStage()
              .toCompletableFuture()
              .join();
      listen(server.actualPort(), () -> {});
      vertx.close().toCompletionStage().toCompletableFuture().join();
      return 0;
    }
    Job job = BenchJob.of(cohort, length, rounds);
    try (Store store = Store.open(folder, Durability.DISK);
        Coordinator coordinator =
            Coordinator.open(
                store,
                new Coordinator.Settings(
                    job,
                    population,
                    TrustAnchors.trustOnFirstUse(),
                    masked ? new Sa1() : new InsecurePlainSum(),
                    null,
                    new Told(),
                    Clock.systemUTC(),
                    Runtime.getRuntime().availableProcessors()));
        HttpServer server =
            HttpServer.start(
                coordinator, new CoordinatorMetrics(), tls, "localhost", port, UNLIMITED)) {
      listen(
          server.port(),
          () -> coordinator.say("bench", job.name(), JobControl.State.CANCELLED).join());
    }
    return 0;
  }

  /** The handler reads at once, so its clients may send ahead as far as one upload ever may. */
  private static HttpServerOptions wide(HttpServerOptions options) {
    options.getInitialSettings().setInitialWindowSize(1 << 20);
    options.setSslHandshakeTimeout(Fleet.HANDSHAKE_SECONDS);
    return options;
  }

  private static void answer(HttpServerRequest request) {
    request.handler(chunk -> {});
    request.endHandler(
        all ->
            request
                .response()
                .setStatusCode(request.method().equals(HttpMethod.PUT) ? 204 : 200)
                .end());
  }

  private static void listen(int port, Runnable cancel) throws IOException {
    tell(READY + port);
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.equals(HEAP.trim())) {
          System.gc();
          tell(HEAP + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        } else if (line.equals(CPU.trim())) {
          tell(CPU + processorNanos());
        } else if (line.equals(CANCEL.trim())) {
          tell(CANCEL + micros(Instant.now()));
          cancel.run();
        }
      }
    }
  }

  /** Processor time of this process so far; 0 where the system does not say. */
  static long processorNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }

  @SuppressWarnings("SystemOut") // the pipe to the parent
  private static void tell(String line) {
    PrintStream out = System.out;
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }

  static long micros(Instant at) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at);
  }

  private static final class Told implements RoundListener {
    private final ProcessorTimes times = new ProcessorTimes();

    @Override
    public void onResumed(Standing standing) {
      tell(RESUMED + micros(Instant.now()));
    }

    @Override
    public void onRound(RoundReport report) {
      for (StepReport step : report.steps()) {
        if (step.name().equals(SumSteps.INPUT)
            && report.outcome() == RoundReport.Outcome.COMMITTED) {
          tell(
              ROUND
                  + micros(step.to())
                  + " "
                  + micros(report.started())
                  + " "
                  + micros(report.ended())
                  + " "
                  + times.at(micros(step.to())));
          return;
        }
      }
      tell(ROUND + "failed: " + report.code() + " " + report.reason());
    }
  }
}
