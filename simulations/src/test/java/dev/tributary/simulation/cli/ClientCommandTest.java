package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.client.ClientListener;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.Policy;
import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.net.HttpServer;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.CommandRun;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code tributary client} against a real coordinator. */
@Timeout(60)
class ClientCommandTest {
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
  void withdraw_ofAClientThatHasCheckedIn_leavesNoneAtEitherEnd() throws Exception {
    TlsIdentity tls = TlsIdentity.createOrLoad(folder.resolve("tls"), List.of("127.0.0.1"));
    CountDownLatch withdrawn = new CountDownLatch(1);
    try (Store store = Store.open(folder.resolve("store"), Durability.MEMORY);
        Coordinator coordinator =
            Coordinator.open(
                store,
                new Coordinator.Settings(
                    JobFile.parse("tiny.yaml", JOB, List.of()),
                    12,
                    TrustAnchors.trustOnFirstUse(),
                    new Sa1(),
                    null,
                    new RoundListener() {
                      @Override
                      public void onWithdrawn(int member) {
                        withdrawn.countDown();
                      }
                    },
                    Clock.systemUTC(),
                    1));
        HttpServer server =
            HttpServer.start(coordinator, new CoordinatorMetrics(), tls, "127.0.0.1", 0)) {
      URI address = URI.create("https://127.0.0.1:" + server.port());
      ByteString key = checkIn(address, tls.fingerprint());
      assertThat(coordinator.status().get(20, TimeUnit.SECONDS).get(0).enrolled()).isEqualTo(1);
      CommandRun run =
          CommandRun.of(
              "client",
              "withdraw",
              "--coordinator",
              address.toString(),
              "--pin",
              tls.fingerprint(),
              "--state",
              folder.resolve("client").toString());
      run.succeeded();
      assertThat(run.out()).contains("withdrawn: no client is left in");
      assertThat(withdrawn.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(coordinator.status().get(20, TimeUnit.SECONDS).get(0).enrolled()).isZero();
      assertThat(store.isMember(key)).isFalse();
      assertThat(folder.resolve("client").resolve("identity.pem")).doesNotExist();
    }
  }

  private ByteString checkIn(URI address, String pin) throws Exception {
    CountDownLatch in = new CountDownLatch(1);
    try (FederatedClient client =
        FederatedClient.builder()
            .coordinator(address)
            .pin(pin)
            .trust(TrustAnchors.trustOnFirstUse())
            .state(folder.resolve("client"))
            .trainer(request -> new float[request.length()])
            .policy(Policy.atLeast().mode(Mode.CURIOUS).maximumEpsilon(Double.POSITIVE_INFINITY))
            .listener(
                new ClientListener() {
                  @Override
                  public void onCheckedIn(String task) {
                    in.countDown();
                  }
                })
            .start()) {
      assertThat(in.await(20, TimeUnit.SECONDS)).isTrue();
      return ByteString.copyFrom(client.identityKey());
    }
  }

  @Test
  void preview_ofAJob_hasEveryMessageWithNormsNoiseAndCost() {
    String job = "../examples/fashion-private.yaml";
    CommandRun run = CommandRun.of("client", "preview", job, "--client", "3");
    run.succeeded();
    assertThat(run.out())
        .contains("What would leave this machine: round 1 of", "advertise", "share", "unmask")
        .contains("before clipping and", "of standard deviation", "epsilon", "to the coordinator")
        .contains("Nothing else. The data itself stays.");
    CommandRun.of("client", "preview", job, "--client", "100000").failedWith(ErrorCode.USAGE);
  }

  @Test
  void withdraw_whereNoClientIs_saysSo() {
    CommandRun.of(
            "client",
            "withdraw",
            "--coordinator",
            "https://localhost:1",
            "--state",
            folder.resolve("nobody").toString())
        .failedWith(ErrorCode.CONFIGURATION_INVALID);
  }
}
