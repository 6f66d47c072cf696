package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.Policy;
import dev.tributary.client.Trainer;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.nn.ModelFile;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.simulation.CommandRun;
import dev.tributary.simulation.cli.ErrorCode;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The operator's path of a coordinator of many jobs, with real processes and real clients: two jobs
 * of different models are submitted, the coordinator is killed (SIGKILL) while both have a round in
 * flight, and started again. Client i adds 1 at coordinate i and nothing else, so that a model
 * shows whose updates are in it, in each round.
 */
class ManyJobsProcessTest {
  private static final int CLIENTS = 16;
  private static final int ROUNDS = 3;

  @TempDir private Path folder;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final CountDownLatch training = new CountDownLatch(2);
  private final CountDownLatch killed = new CountDownLatch(1);
  private int port;
  private String fingerprint = "";

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
        cohort: {size: %d, minimum: 12, population: %d, schedule: {participations: %d, separation: 1}}
        privacy: {mechanism: none, clipNorm: 1}
        secureAggregation: {suite: sa1, mode: curious}
        deadline: 300s
        """
        .formatted(name, inputs, ROUNDS, CLIENTS, CLIENTS, ROUNDS);
  }

  @Test
  @Tag("nightly")
  @Timeout(300)
  void twoSubmittedJobs_throughAKill_comeToTheirEnds() throws Exception {
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Store.open(store(), Durability.DISK).close();
    String made =
        CommandRun.of(
                "token",
                "create",
                "--store",
                store().toString(),
                "--role",
                "operator",
                "--name",
                "ann")
            .succeeded()
            .out();
    Files.writeString(
        folder.resolve("token"),
        made.lines().filter(line -> line.startsWith("tributary_")).findFirst().orElseThrow());
    List<FederatedClient> clients = new ArrayList<>();
    ChildProcess coordinator = serve();
    try {
      fingerprint = heard("fingerprint").replaceAll(".*(sha256:[0-9a-f:]+).*", "$1");
      for (Job job : List.of(parsed("narrow", 8), parsed("wide", 20))) {
        Path file = Files.writeString(folder.resolve(job.name() + ".yaml"), job.source());
        assertThat(admin("submit", file.toString()).succeeded().out())
            .contains("job      " + job.name(), "waiting-for-clients");
        CommandRun again = admin("submit", file.toString());
        again.failedWith(ErrorCode.ADMINISTRATION_REFUSED);
        assertThat(again.err()).contains("job-name-taken");
      }
      URI address = URI.create("https://127.0.0.1:" + port);
      try (Transport transport = HttpTransport.pinned(address, fingerprint)) {
        for (int client = 0; client < CLIENTS; client++) {
          clients.add(client("narrow", client, address, transport));
          clients.add(client("wide", client, address, transport));
        }
        assertThat(training.await(60, TimeUnit.SECONDS)).isTrue();
        coordinator.kill();
        killed.countDown();
        lines.clear();
        coordinator = serve();
        heard("fingerprint");
        await()
            .atMost(Duration.ofSeconds(150))
            .until(() -> admin("list").out().split("completed", -1).length == 3);
        for (FederatedClient client : clients) {
          client.awaitDone();
        }
      }
    } finally {
      clients.forEach(FederatedClient::close);
      coordinator.close();
    }
    check(parsed("narrow", 8));
    check(parsed("wide", 20));
  }

  private static Job parsed(String name, int inputs) {
    return JobFile.parse(name + ".yaml", job(name, inputs), List.of());
  }

  /** Each round ended, none by the kill, and moved the model by its survivors' updates. */
  private void check(Job job) {
    try (Store store = Store.open(store(), Durability.DISK)) {
      TaskStore task = store.task(job.name(), Planner.budget(job));
      List<RoundRecord> rounds = task.rounds();
      assertThat(rounds)
          .hasSize(ROUNDS)
          // One that lost too much time to the outage may end by its own rule, none by the kill.
          .noneMatch(round -> round.report().contains("COORDINATOR_STOPPED"))
          .anyMatch(round -> round.state() == RoundRecord.State.COMMITTED);
      float[] before = model(store, task.find().orElseThrow().initialModel());
      for (RoundRecord round : rounds) {
        if (round.state() != RoundRecord.State.COMMITTED) {
          continue;
        }
        float[] after = model(store, round.model());
        int survivors = StoredRun.line(round.report()).survivors();
        int found = 0;
        for (int i = 0; i < before.length; i++) {
          double sum = (after[i] - before[i]) * survivors;
          assertThat(sum).as("coordinate %d", i).isBetween(-0.1, 1.1);
          found += sum > 0.5 ? 1 : 0;
        }
        assertThat(found).as("%s, round %d", job.name(), round.round()).isEqualTo(survivors);
        before = after;
      }
      store.auditLog().verify(null);
    }
  }

  private static float[] model(Store store, String digest) {
    return ModelFile.parse(store.blobs().read(digest)).parameters();
  }

  private FederatedClient client(String job, int index, URI address, Transport transport) {
    Trainer trainer =
        request -> {
          if (index == 0) {
            training.countDown();
            killed.await();
          }
          float[] update = new float[request.length()];
          update[index] = 1;
          return update;
        };
    return FederatedClient.builder()
        .coordinator(address)
        .transport(transport)
        .job(job)
        .trust(TrustAnchors.trustOnFirstUse())
        .state(folder.resolve(job + "-" + index))
        .trainer(trainer)
        .policy(Policy.atLeast().mode(Mode.CURIOUS).maximumEpsilon(Double.POSITIVE_INFINITY))
        .start();
  }

  private Path store() {
    return folder.resolve("store");
  }

  private CommandRun admin(String... words) {
    return CommandRun.of(
        Stream.of(
                Stream.of("job"),
                Stream.of(words),
                Stream.of(
                    "--url",
                    "https://127.0.0.1:" + port,
                    "--token-file",
                    folder.resolve("token").toString(),
                    "--fingerprint",
                    fingerprint))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  private ChildProcess serve() throws Exception {
    return ChildProcess.start(
        "coordinator",
        List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"),
        List.of(
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            Integer.toString(port),
            "--store",
            store().toString()),
        lines::add);
  }

  private String heard(String part) throws InterruptedException {
    for (String line = lines.poll(60, TimeUnit.SECONDS);
        line != null;
        line = lines.poll(60, TimeUnit.SECONDS)) {
      if (line.contains(part)) {
        return line;
      }
    }
    throw new AssertionError("the coordinator never said '" + part + "'");
  }
}
