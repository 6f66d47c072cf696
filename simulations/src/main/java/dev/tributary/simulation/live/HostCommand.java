package dev.tributary.simulation.live;

import dev.tributary.client.ClientException;
import dev.tributary.client.ClientListener;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.Experiment;
import dev.tributary.simulation.Policies;
import dev.tributary.simulation.data.Federation;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code tributary child clients}: SDK instances of one host of the live demo, each with its own
 * folder, key, journal and rows. They share the process and its connection, as the apps of one
 * machine would not; nothing else.
 */
@Command(name = "clients", hidden = true, description = "A host of clients of the live demo.")
public final class HostCommand implements Callable<Integer> {
  /** Said once all clients have checked in. */
  static final String READY = "ready";

  @Option(names = "--job", required = true)
  private Path job = Path.of("");

  @Option(names = "--set")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--coordinator", required = true)
  private URI coordinator = URI.create("https://localhost");

  @Option(names = "--pin", required = true)
  private String pin = "";

  @Option(names = "--authority", required = true)
  private Path authority = Path.of("");

  @Option(names = "--state", required = true)
  private Path state = Path.of("");

  @Option(names = "--first", required = true)
  private int first;

  @Option(names = "--count", required = true)
  private int count;

  @Option(
      names = "--patience",
      description = "Seconds that a client may take to check in, at most.")
  private int patience = 120;

  @Override
  @SuppressWarnings("SystemOut") // the pipe to the parent
  public Integer call() throws Exception {
    PrintStream out = System.out;
    PipeEnrolment enrolment = new PipeEnrolment(out);
    enrolment.listen(System.in, () -> Runtime.getRuntime().halt(75));
    Job read = JobFile.read(job, overrides);
    Federation rows = Experiment.federation(read);
    String name = read.training().engine();
    Engine engine = name.equals("auto") ? Engines.best(read.model()) : Engines.byName(name);
    TrustAnchors anchors = TrustAnchors.fromPem(authority);
    WarmUp.run();
    List<FederatedClient> clients = new ArrayList<>();
    try (Transport transport = HttpTransport.pinned(coordinator, pin)) {
      for (int client = first; client < first + count; client++) {
        CheckedIn checkedIn = new CheckedIn();
        FederatedClient started =
            FederatedClient.builder()
                .coordinator(coordinator)
                .transport(transport)
                .trust(anchors)
                .enrolment(enrolment)
                .state(state.resolve("client-" + client))
                .trainer(rows.trainer(client, engine))
                .policy(Policies.of(read, false))
                .listener(checkedIn)
                .start();
        clients.add(started);
        // One after the other: 1,000 handshakes at once would starve each other.
        awaitCheckIn(client, started, checkedIn);
      }
      synchronized (out) {
        out.println(READY);
        out.flush();
      }
      for (FederatedClient client : clients) {
        client.awaitDone();
      }
    } finally {
      clients.forEach(FederatedClient::close);
    }
    return 0;
  }

  /** A client that ended instead says why; one that does neither in time is given up. */
  private void awaitCheckIn(int client, FederatedClient started, CheckedIn checkedIn)
      throws InterruptedException {
    if (!checkedIn.settled.await(patience, TimeUnit.SECONDS)) {
      String trouble = checkedIn.trouble.get();
      throw new ClientException(
          ClientException.Code.COORDINATOR_UNREACHABLE,
          "Client %d could not check in at %s within %d s (%s)."
              .formatted(
                  client,
                  coordinator,
                  patience,
                  trouble == null ? "the coordinator does not answer" : trouble));
    }
    if (checkedIn.ended) {
      started.awaitDone();
    }
  }

  /** Hears of a client until it is in or has ended. */
  private static final class CheckedIn implements ClientListener {
    final CountDownLatch settled = new CountDownLatch(1);
    final AtomicReference<@Nullable String> trouble = new AtomicReference<>();
    volatile boolean ended;

    @Override
    public void onCheckedIn(String task) {
      settled.countDown();
    }

    @Override
    public void onTrouble(ClientException what, Duration nextTry) {
      trouble.set(what.getMessage());
    }

    @Override
    public void onDone() {
      ended = true;
      settled.countDown();
    }
  }
}
