package dev.tributary.simulation.bench;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.job.Job;
import dev.tributary.secagg.Identity;
import dev.tributary.simulation.cli.Scratch;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.MaskedInput;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Uploads of a whole cohort at once. The coordinator writes them to disk, journals that it has
 * them, and folds them; the time is from the first byte to the last fold. The bare handler reads
 * the same bytes from the same clients and answers.
 */
final class UploadBench {
  static final String HEAD =
      "| uploads | MB each | bare handler, MB/s | coordinator, MB/s | ratio |"
          + " handler and clients, ns of processor time a byte | coordinator and clients |"
          + " heap before, MiB | heap meanwhile, MiB | largest resident size, MiB |\n"
          + "|---|---|---|---|---|---|---|---|---|---|";

  private final Path base;
  private final String heap;
  private final int clients;
  private final int length;
  private final Bytes bytes;
  private final int turns;
  private long began;

  UploadBench(Path base, String heap, CoordinatorBenchCommand.Uploads size, int turns) {
    this.base = base;
    this.heap = heap;
    this.clients = size.clients();
    this.length = BenchJob.length(clients, size.bytes());
    Job job = BenchJob.of(clients, length, turns);
    this.bytes = new Bytes(BenchJob.bytes(job));
    this.turns = turns;
  }

  String row() throws IOException, InterruptedException {
    double handler = Double.POSITIVE_INFINITY;
    double folded = Double.POSITIVE_INFINITY;
    long resident;
    long before;
    double handlerCpu = Double.POSITIVE_INFINITY;
    double foldedCpu = Double.POSITIVE_INFINITY;
    HeapWatch watch;
    try (Scratch scratch = new Scratch(Files.createTempDirectory(base, "uploads"));
        MeasuredServer bare = MeasuredServer.bare(scratch.folder("bare"), heap);
        Fleet toBare = new Fleet(bare.port(), bare.certificate(), clients);
        MeasuredServer coordinator =
            MeasuredServer.coordinator(
                scratch.folder("store"), heap, false, clients, clients, length, turns + 1);
        Fleet fleet = new Fleet(coordinator.port(), coordinator.certificate(), clients)) {
      List<Fleet.Client> nobody = clients();
      List<Fleet.Client> cohort = clients();
      fleet.meet();
      all(cohort.stream().map(fleet::checkIn).toList());
      before = coordinator.heap();
      watch = new HeapWatch(coordinator);
      for (int turn = 0; turn <= turns; turn++) {
        double start = processorSeconds(bare);
        double one = handled(toBare, nobody);
        double between = processorSeconds(bare);
        double from = processorSeconds(coordinator);
        MeasuredServer.Round round = uploaded(coordinator, fleet, cohort, turn == 0 ? watch : null);
        double other = (round.inputEnded() - began) * 1e-6;
        double to = round.taken() + CoordinatorBenchServer.processorNanos() * 1e-9;
        if (turn > 0) { // the first warms both up, and is looked at
          handler = Math.min(handler, one);
          folded = Math.min(folded, other);
          handlerCpu = Math.min(handlerCpu, between - start);
          foldedCpu = Math.min(foldedCpu, to - from);
        }
      }
      resident = coordinator.mostResident();
    }
    double megabytes = clients * (bytes.length() / 1e6);
    return String.format(
        Locale.ROOT,
        "| %,d | %.1f | %.0f | %.0f | %.2f | %.2f | %.2f | %d | %d | %d |",
        clients,
        bytes.length() / 1e6,
        megabytes / handler,
        megabytes / folded,
        handler / folded,
        handlerCpu * 1e3 / megabytes,
        foldedCpu * 1e3 / megabytes,
        before >> 20,
        watch.most() >> 20,
        resident >> 20);
  }

  /** Of a server and of this process, in which its clients are, and do nothing but upload. */
  private static double processorSeconds(MeasuredServer server)
      throws IOException, InterruptedException {
    return server.processorSeconds() + CoordinatorBenchServer.processorNanos() * 1e-9;
  }

  private List<Fleet.Client> clients() {
    SecureRandom random = new SecureRandom();
    List<Fleet.Client> all = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      all.add(new Fleet.Client(Identity.generate(random)));
    }
    return all;
  }

  /** Seconds for the bare handler. */
  private double handled(Fleet fleet, List<Fleet.Client> senders) {
    long from = System.nanoTime();
    all(senders.stream().map(client -> fleet.put(client, "/upload", bytes)).toList());
    return (System.nanoTime() - from) * 1e-9;
  }

  /** A round of the coordinator; {@code began} is when its uploads did. */
  private MeasuredServer.Round uploaded(
      MeasuredServer coordinator, Fleet fleet, List<Fleet.Client> cohort, @Nullable HeapWatch watch)
      throws IOException, InterruptedException {
    List<ByteString> sessions =
        all(cohort.stream().map(each -> fleet.offered(each).map(Envelope::getSession)).toList());
    if (watch != null) {
      watch.start();
    }
    began = CoordinatorBenchServer.micros(Instant.now());
    MaskedInput input =
        MaskedInput.newBuilder()
            .setLength(bytes.length())
            .setSha256(ByteString.copyFrom(bytes.sha256()))
            .build();
    List<Future<ExchangeReply>> receipts = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      Fleet.Client client = cohort.get(i);
      ByteString session = sessions.get(i);
      Envelope message = Envelope.newBuilder().setSession(session).setMaskedInput(input).build();
      String path = "/v1/inputs/" + HexFormat.of().formatHex(session.toByteArray());
      receipts.add(
          fleet.put(client, path, bytes).compose(done -> fleet.exchange(client, message, 0)));
    }
    for (ExchangeReply reply : all(receipts)) {
      if (!reply.getReceipts(0).getAccepted()) {
        throw new IllegalStateException("an input was refused: " + reply.getReceipts(0));
      }
    }
    MeasuredServer.Round round = coordinator.round();
    if (watch != null) {
      watch.end();
    }
    return round;
  }

  static <T> List<T> all(List<Future<T>> futures) {
    return Future.all(futures)
        .map(done -> futures.stream().map(Future::result).toList())
        .toCompletionStage()
        .toCompletableFuture()
        .join();
  }
}
