package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.client.ClientException;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.Policy;
import dev.tributary.client.Trainer;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.JobHost;
import dev.tributary.coordinator.access.Role;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.net.HttpServer;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.nn.ModelFile;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.CommandRun;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two jobs of different models, submitted by the command, with real clients over one transport.
 * Client i adds 1 at coordinate i and nothing else, so that a model shows whose updates are in it.
 */
@Timeout(120)
final class SubmittedJobsTest {
  private static final int CLIENTS = 12;
  private static final int ROUNDS = 2;

  @TempDir private Path folder;

  private static String job(String name, int inputs) {
    return """
        apiVersion: tributary/v1
        name: %s
        model:
          input: [%d]
          layers: [{dense: {units: 2, activation: softmax}}]
          loss: sparse_categorical_crossentropy
        training: {localEpochs: 1, batchSize: 4, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
        strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 1.0}}}}
        rounds: %d
        cohort: {size: %d, minimum: 11, population: %d, schedule: {participations: %d, separation: 1}}
        privacy: {mechanism: none, clipNorm: 1}
        secureAggregation: {suite: sa1, mode: curious}
        deadline: 120s
        """
        .formatted(name, inputs, ROUNDS, CLIENTS, CLIENTS, ROUNDS);
  }

  @Test
  void twoSubmittedJobs_runAtOnce_eachWithItsOwnClients() throws Exception {
    JobHost host = job -> new JobHost.Terms(CLIENTS, new Sa1(), null, RoundListener.none());
    TlsIdentity tls = TlsIdentity.createOrLoad(folder.resolve("tls"), List.of("127.0.0.1"));
    List<FederatedClient> clients = new ArrayList<>();
    try (Store store = Store.open(folder.resolve("store"), Durability.MEMORY);
        Coordinator coordinator =
            Coordinator.open(
                store,
                new Coordinator.Submitted(
                    TrustAnchors.trustOnFirstUse(), Clock.systemUTC(), 1, host));
        HttpServer server =
            HttpServer.start(coordinator, new CoordinatorMetrics(), tls, "127.0.0.1", 0)) {
      URI address = URI.create("https://127.0.0.1:" + server.port());
      Files.writeString(
          folder.resolve("token"),
          store
              .tokens()
              .create("test", "ann", Role.OPERATOR, Duration.ofDays(1), new SecureRandom())
              .secret()
              .reveal());
      List<Job> jobs = List.of(parsed("narrow", 8), parsed("wide", 20));
      for (Job job : jobs) {
        Path file = Files.writeString(folder.resolve(job.name() + ".yaml"), job.source());
        String[] submit = {
          "job",
          "submit",
          file.toString(),
          "--url",
          address.toString(),
          "--token-file",
          folder.resolve("token").toString(),
          "--fingerprint",
          tls.fingerprint()
        };
        assertThat(CommandRun.of(submit).succeeded().out())
            .contains("job      " + job.name(), "state    waiting-for-clients");
        CommandRun again = CommandRun.of(submit);
        again.failedWith(ErrorCode.ADMINISTRATION_REFUSED);
        assertThat(again.err()).contains("job-name-taken");
      }
      try (Transport transport = HttpTransport.pinned(address, tls.fingerprint())) {
        FederatedClient unnamed = client("", 0, address, transport);
        clients.add(unnamed);
        assertThat(refusal(unnamed).getMessage()).contains("builder().job(NAME)");
        for (int client = 0; client < CLIENTS; client++) {
          clients.add(client("narrow", client, address, transport));
          clients.add(client("wide", client, address, transport));
        }
        for (FederatedClient client : clients.subList(1, clients.size())) {
          client.awaitDone();
        }
      } finally {
        clients.forEach(FederatedClient::close);
      }
      jobs.forEach(job -> check(store, job));
    }
  }

  private static ClientException refusal(FederatedClient client) throws InterruptedException {
    try {
      client.awaitDone();
    } catch (ClientException e) {
      assertThat(e.code()).isEqualTo(ClientException.Code.CHECK_IN_REFUSED);
      return e;
    }
    throw new AssertionError("it was let in");
  }

  private static Job parsed(String name, int inputs) {
    return JobFile.parse(name + ".yaml", job(name, inputs), List.of());
  }

  /** Every round moved the model by the mean of all its clients' updates. */
  private static void check(Store store, Job job) {
    TaskStore task = store.task(job.name(), Planner.budget(job));
    List<RoundRecord> rounds = task.rounds();
    assertThat(rounds)
        .hasSize(ROUNDS)
        .allMatch(round -> round.state() == RoundRecord.State.COMMITTED);
    float[] before = model(store, task.find().orElseThrow().initialModel());
    for (RoundRecord round : rounds) {
      float[] after = model(store, round.model());
      int found = 0;
      for (int i = 0; i < before.length; i++) {
        found += (after[i] - before[i]) * CLIENTS > 0.5 ? 1 : 0;
      }
      assertThat(found).as("%s, round %d", job.name(), round.round()).isBetween(11, CLIENTS);
      before = after;
    }
  }

  private static float[] model(Store store, String digest) {
    return ModelFile.parse(store.blobs().read(digest)).parameters();
  }

  private FederatedClient client(String job, int index, URI address, Transport transport) {
    Trainer trainer =
        request -> {
          float[] update = new float[request.length()];
          update[index] = 1;
          return update;
        };
    FederatedClient.Builder client =
        FederatedClient.builder()
            .coordinator(address)
            .transport(transport)
            .trust(TrustAnchors.trustOnFirstUse())
            .state(folder.resolve("client-" + job + index))
            .trainer(trainer)
            .policy(Policy.atLeast().mode(Mode.CURIOUS).maximumEpsilon(Double.POSITIVE_INFINITY));
    return (job.isEmpty() ? client : client.job(job)).start();
  }
}
