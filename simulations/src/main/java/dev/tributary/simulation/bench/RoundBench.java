package dev.tributary.simulation.bench;

import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.job.Job;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.Policies;
import dev.tributary.simulation.cli.Scratch;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whole rounds of deployed clients that do not train: what is left of a round is what the protocol,
 * the coordinator and the loopback take. All clients live in this process, beside the coordinator's
 * on the same cores.
 */
final class RoundBench {
  static final String HEAD =
      "| clients | parameters | a round, s | of it the coordinator's processor, s |"
          + " largest resident size, MiB |\n|---|---|---|---|---|";

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
        start(scratch.folder("clients"), coordinator, job, open);
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

  private void start(Path folder, MeasuredServer coordinator, Job job, List<AutoCloseable> open) {
    URI address = URI.create("https://localhost:" + coordinator.port());
    TrustAnchors anchors = TrustAnchors.trustOnFirstUse();
    Transport transport = null;
    for (int i = 0; i < clients; i++) {
      if (transport == null || i % SHARE == 0) {
        transport = HttpTransport.pinned(address, coordinator.fingerprint());
        open.add(0, transport); // closed after the clients that share it
      }
      open.add(
          FederatedClient.builder()
              .coordinator(address)
              .transport(transport)
              .trust(anchors)
              .state(folder.resolve(Integer.toString(i)))
              .trainer(request -> new float[request.length()])
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
