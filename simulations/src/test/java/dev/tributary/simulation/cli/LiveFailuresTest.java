package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import dev.tributary.client.ClientException;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.Policy;
import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.net.HttpServer;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Member;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.nn.ModelFile;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.CommandRun;
import dev.tributary.wire.Seed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Failures of coordinators and clients, as the command line tells them. */
@Timeout(60)
class LiveFailuresTest {
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: tiny
      model:
        input: [4]
        layers: [{dense: {units: 2, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {localEpochs: 1, batchSize: 4, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
      strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 1.0}}}}
      rounds: 2
      cohort: {size: 12, minimum: 11, population: 12}
      privacy: {mechanism: none}
      secureAggregation: {suite: sa1, mode: curious}
      deadline: 60s
      """;

  @TempDir private Path folder;

  @Test
  void portInUse_namesThePort() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      CommandRun run =
          serve("--host", "127.0.0.1", "--port", Integer.toString(taken.getLocalPort()));
      run.failedWith(ErrorCode.PORT_IN_USE);
      assertThat(run.err()).contains(Integer.toString(taken.getLocalPort()), "--port");
    }
  }

  @Test
  void storeThatIsOpenElsewhere_isLocked() throws IOException {
    Store other = Store.open(folder.resolve("store"), Durability.DISK);
    try {
      serve("--port", "0").failedWith(ErrorCode.STORE_LOCKED);
    } finally {
      other.close();
    }
  }

  /** /dev/full is a disk without room, as far as writing is concerned. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void fullDisk_isTold_andTheRunIsNotLost() {
    Path out = folder.resolve("out");
    CommandRun run =
        CommandRun.of(
            "simulate",
            "../examples/vowel-by-speaker.yaml",
            "--fast",
            "--rounds",
            "2",
            "--out",
            out.toString(),
            "--json",
            "/dev/full");
    run.failedWith(ErrorCode.DISK_FULL);
    assertThat(run.err()).contains("No space left on device");
    assertThat(out.resolve("model.safetensors")).isNotEmptyFile();
    assertThat(out.resolve("report.html")).isNotEmptyFile();
  }

  @Test
  void storeWithoutRoom_hasTheSameCode() {
    CommandRun.failing(
            new StoreException(StoreException.FULL, "Writing round 3: no space is left.", null))
        .failedWith(ErrorCode.DISK_FULL);
  }

  /** The released model's file is changed behind the coordinator's back. */
  @Test
  void tamperedModel_isNotServed() throws IOException {
    Job job = JobFile.parse("tiny.yaml", JOB, List.of());
    Path folderOfStore = folder.resolve("store");
    Path model;
    try (Store store = Store.open(folderOfStore, Durability.DISK)) {
      TaskStore task = store.task(job.name(), Planner.budget(job));
      String digest =
          task.begin(job.source(), ModelFile.of(job.model(), job.model().initialise(1)).toBytes());
      List<Member> members = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        try (Identity identity = Identity.fromSeed(Seed.of(new byte[32]).derive("member", i))) {
          members.add(new Member(ByteString.copyFrom(identity.publicKey()), null));
        }
      }
      task.freeze(members);
      model = store.blobs().file(digest);
    }
    byte[] bytes = Files.readAllBytes(model);
    bytes[bytes.length - 1] ^= 1;
    Files.write(model, bytes);
    CommandRun run = serve("--host", "127.0.0.1", "--port", "0", "--exit-when-done");
    run.failedWith(ErrorCode.STORE_DAMAGED);
    assertThat(run.err()).contains("other bytes than its name says");
  }

  @Test
  void modelThatIsNotThePlans_isToldAsTampered() {
    CommandRun.failing(
            new ClientException(
                ClientException.Code.MODEL_TAMPERED, "The model that came is not the plan's."))
        .failedWith(ErrorCode.MODEL_TAMPERED);
  }

  @Test
  void unreachableCoordinator_isToldWithItsAddress() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    URI address = URI.create("https://127.0.0.1:" + port);
    try (FederatedClient client = client(address, "sha256:" + "ab".repeat(32))) {
      ClientException thrown = (ClientException) catchThrowable(client::awaitDone);
      CommandRun run = CommandRun.failing(thrown);
      run.failedWith(ErrorCode.COORDINATOR_UNREACHABLE);
      assertThat(run.err()).contains(Integer.toString(port));
    }
  }

  @Test
  void wrongCertificate_isRefused() throws Exception {
    Job job = JobFile.parse("tiny.yaml", JOB, List.of());
    TlsIdentity tls = TlsIdentity.createOrLoad(folder.resolve("tls"), List.of("127.0.0.1"));
    try (Store store = Store.open(folder.resolve("store"), Durability.MEMORY);
        Coordinator coordinator =
            Coordinator.open(
                store,
                new Coordinator.Settings(
                    job,
                    12,
                    TrustAnchors.trustOnFirstUse(),
                    new Sa1(),
                    null,
                    RoundListener.none(),
                    Clock.systemUTC(),
                    1));
        HttpServer server =
            HttpServer.start(coordinator, new CoordinatorMetrics(), tls, "127.0.0.1", 0)) {
      URI address = URI.create("https://127.0.0.1:" + server.port());
      try (FederatedClient client = client(address, "sha256:" + "ab".repeat(32))) {
        ClientException thrown = (ClientException) catchThrowable(client::awaitDone);
        CommandRun.failing(thrown).failedWith(ErrorCode.CERTIFICATE_MISMATCH);
      }
    }
  }

  private FederatedClient client(URI address, String pin) {
    return FederatedClient.builder()
        .coordinator(address)
        .pin(pin)
        .trust(TrustAnchors.trustOnFirstUse())
        .state(folder.resolve("client"))
        .trainer(request -> new float[request.length()])
        .policy(Policy.atLeast().mode(Mode.CURIOUS).maximumEpsilon(Double.POSITIVE_INFINITY))
        .giveUpAfter(Duration.ofMillis(300))
        .start();
  }

  private CommandRun serve(String... more) throws IOException {
    Path job = Files.writeString(folder.resolve("tiny.yaml"), JOB);
    String[] fixed = {
      "serve", "--job", job.toString(), "--store", folder.resolve("store").toString()
    };
    String[] all = new String[fixed.length + more.length];
    System.arraycopy(fixed, 0, all, 0, fixed.length);
    System.arraycopy(more, 0, all, fixed.length, more.length);
    return CommandRun.of(all);
  }
}
