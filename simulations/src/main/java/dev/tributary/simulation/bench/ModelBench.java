package dev.tributary.simulation.bench;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.job.Job;
import dev.tributary.plan.Plan;
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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * A model that is larger than the coordinator's heap goes out to all clients of a round, and
 * updates of its length come back. The clients keep nothing of either: they hash the one and make
 * up the other, without masks.
 */
final class ModelBench {
  static final String HEAD =
      "| clients | MB of the model | MB of an update | out, s | back and in the sum, s | the"
          + " round, s | heap meanwhile, MiB | memory outside it for the sum, MiB | largest"
          + " resident size, MiB |\n|---|---|---|---|---|---|---|---|---|";

  /** Beside the sum: what the connections take. */
  private static final long CONNECTIONS = 128L << 20;

  private final Path base;
  private final String heap;
  private final int clients;
  private final int length;

  ModelBench(Path base, String heap, CoordinatorBenchCommand.Uploads size) {
    this.base = base;
    this.heap = heap;
    this.clients = size.clients();
    this.length = Math.toIntExact(size.bytes() / Float.BYTES);
  }

  String row() throws IOException, InterruptedException {
    Job job = BenchJob.of(clients, length, 1);
    Bytes bytes = new Bytes(BenchJob.bytes(job));
    long sum = Float.BYTES * (long) BenchJob.sumLength(job);
    List<String> flags =
        List.of("-Xmx" + heap, "-XX:MaxDirectMemorySize=" + ((sum + CONNECTIONS) >> 20) + "m");
    try (Scratch scratch = new Scratch(Files.createTempDirectory(base, "models"));
        MeasuredServer coordinator =
            MeasuredServer.coordinator(
                scratch.folder("store"), flags, false, clients, clients, length, 1);
        Fleet fleet = new Fleet(coordinator.port(), coordinator.certificate(), clients)) {
      HeapWatch watch = new HeapWatch(coordinator);
      watch.start();
      List<Fleet.Client> cohort = new ArrayList<>();
      SecureRandom random = new SecureRandom();
      for (int i = 0; i < clients; i++) {
        cohort.add(new Fleet.Client(Identity.generate(random)));
      }
      fleet.meet();
      UploadBench.all(cohort.stream().map(fleet::checkIn).toList());
      List<Envelope> offers = UploadBench.all(cohort.stream().map(fleet::offered).toList());
      Plan plan = Plan.parse(offers.get(0).getOffer().getPlan().toByteArray());
      long begun = System.nanoTime();
      UploadBench.all(
          cohort.stream().map(client -> fleet.download(client, plan.modelDigest())).toList());
      long out = System.nanoTime();
      send(fleet, cohort, offers, bytes);
      MeasuredServer.Round round = coordinator.round();
      watch.end();
      return String.format(
          Locale.ROOT,
          "| %,d | %,.0f | %,.0f | %.0f | %.0f | %.0f | %d | %d | %d |",
          clients,
          plan.modelBytes() / 1e6,
          bytes.length() / 1e6,
          (out - begun) * 1e-9,
          (round.inputEnded() - round.started()) * 1e-6 - (out - begun) * 1e-9,
          (round.ended() - round.started()) * 1e-6,
          watch.most() >> 20,
          sum >> 20,
          coordinator.mostResident() >> 20);
    }
  }

  private static void send(
      Fleet fleet, List<Fleet.Client> cohort, List<Envelope> offers, Bytes bytes) {
    MaskedInput input =
        MaskedInput.newBuilder()
            .setLength(bytes.length())
            .setSha256(ByteString.copyFrom(bytes.sha256()))
            .build();
    List<Future<ExchangeReply>> receipts = new ArrayList<>();
    for (int i = 0; i < cohort.size(); i++) {
      Fleet.Client client = cohort.get(i);
      ByteString session = offers.get(i).getSession();
      Envelope message = Envelope.newBuilder().setSession(session).setMaskedInput(input).build();
      String path = "/v1/inputs/" + HexFormat.of().formatHex(session.toByteArray());
      receipts.add(
          fleet.put(client, path, bytes).compose(done -> fleet.exchange(client, message, 0)));
    }
    for (ExchangeReply reply : UploadBench.all(receipts)) {
      if (!reply.getReceipts(0).getAccepted()) {
        throw new IllegalStateException("an input was refused: " + reply.getReceipts(0));
      }
    }
  }
}
