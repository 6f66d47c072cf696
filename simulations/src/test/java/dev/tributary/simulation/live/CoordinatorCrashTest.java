package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.client.Enrolment;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.Policy;
import dev.tributary.client.Trainer;
import dev.tributary.client.Transport;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Member;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.nn.ModelFile;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.RdpAccountant;
import dev.tributary.secagg.EnrolmentAuthority;
import dev.tributary.secagg.Mode;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The coordinator's process is killed (SIGKILL) at random moments and started again. Client i adds
 * 1 at coordinate i and nothing else, so that a released model shows whose updates are in it; the
 * noise is small beside that (standard deviation 0.06; a wrong reading is a 8-sigma event).
 */
class CoordinatorCrashTest {
  private static final int CLIENTS = 16;
  private static final int ROUNDS = 8;
  private static final int KILLS = 3;
  private static final long SEED = 20_261_121;

  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: crash
      model:
        input: [8]
        layers: [{dense: {units: 4, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {localEpochs: 1, batchSize: 1, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
      strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 1.0}}}}
      rounds: %d
      cohort: {size: %d, minimum: 12, schedule: {participations: %d, separation: 1}}
      privacy: {unit: user, epsilon: 20000, delta: 1e-5, clipNorm: 1.0, noiseMultiplier: 0.05, mechanism: distributed-discrete-gaussian, colluders: 1}
      secureAggregation: {suite: sa1, mode: malicious}
      deadline: 60s
      evaluation: {every: 1, metrics: [accuracy]}
      """
          .formatted(ROUNDS, CLIENTS, ROUNDS);

  @TempDir private Path folder;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Map<ByteString, Integer> clientOf = new HashMap<>();
  private Path jobFile;
  private Job job;
  private Path anchors;
  private int port;

  @Test
  @Timeout(400)
  void killedAtRandomMoments_keepsItsInvariantsAndComesToItsEnd() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    jobFile = Files.writeString(folder.resolve("job.yaml"), JOB);
    job = JobFile.read(jobFile, List.of());
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (EnrolmentAuthority authority = EnrolmentAuthority.create("default", new SecureRandom())) {
      anchors = Files.writeString(folder.resolve("authority.pem"), authority.anchors().toPem());
      ChildProcess coordinator = serve();
      String fingerprint = await("fingerprint").replaceAll(".*(sha256:[0-9a-f:]+).*", "$1");
      List<FederatedClient> clients = new ArrayList<>();
      try (Transport transport =
          HttpTransport.pinned(URI.create("https://127.0.0.1:" + port), fingerprint)) {
        for (int client = 0; client < CLIENTS; client++) {
          clients.add(client(client, transport, authority));
        }
        for (int kill = 0; kill < KILLS; kill++) {
          await("round ");
          coordinator.awaitEnd(Duration.ofMillis(random.nextInt(1_500)));
          coordinator.kill();
          checkStore("after kill " + (kill + 1));
          lines.clear();
          coordinator = serve();
        }
        assertThat(coordinator.awaitEnd(Duration.ofSeconds(240)))
            .as("seed %d: %s", SEED, coordinator.lastLines())
            .isTrue();
        assertThat(coordinator.exitStatus()).as(coordinator.lastLines()).isZero();
        List<RoundRecord> rounds = checkStore("at the end");
        assertThat(rounds).hasSize(ROUNDS);
        // One that lost too much time to its outages may end by its own rule, none by a crash.
        assertThat(rounds)
            .noneMatch(round -> round.state() == RoundRecord.State.RUNNING)
            .noneMatch(round -> round.report().contains("COORDINATOR_STOPPED"))
            .anyMatch(round -> round.state() == RoundRecord.State.COMMITTED);
      } finally {
        clients.forEach(FederatedClient::close);
        coordinator.close();
      }
    }
  }

  /** Invariants 1 and 2, from what is on disk while no coordinator runs. */
  private List<RoundRecord> checkStore(String when) {
    String as = "seed %d, %s".formatted(SEED, when);
    try (Store store = Store.open(folder.resolve("store"), Durability.DISK)) {
      TaskStore task = store.task(job.name(), Planner.budget(job));
      List<RoundRecord> rounds = task.rounds();
      float[] before = model(store, task.find().orElseThrow().initialModel());
      int committed = 0;
      for (RoundRecord round : rounds) {
        if (round.state() == RoundRecord.State.COMMITTED) {
          committed++;
          float[] after = model(store, round.model());
          int survivors = StoredRun.line(round.report()).survivors();
          checkSum(as + ", round " + round.round(), before, after, survivors, cohort(task, round));
          before = after;
        }
      }
      double atLeast =
          committed == 0
              ? 0
              : new RdpAccountant()
                  .epsilon(
                      List.of(new Charge(new Planner(job, "sa1").event(), committed)),
                      job.privacy().delta(),
                      job.privacy().unit(),
                      job.privacy().relation())
                  .epsilon();
      assertThat(task.spent().released().epsilon()).as(as).isGreaterThanOrEqualTo(atLeast - 1e-9);
      assertThat(task.spent().coordinatorView().epsilon())
          .as(as)
          .isGreaterThanOrEqualTo(task.spent().released().epsilon() - 1e-9);
      return rounds;
    }
  }

  /** The model moved by the mean, over the cohort's size, of exactly the survivors' updates. */
  private static void checkSum(
      String as, float[] before, float[] after, int survivors, List<Integer> cohort) {
    int found = 0;
    for (int i = 0; i < before.length; i++) {
      double sum = (after[i] - before[i]) * CLIENTS;
      double nearest = sum > 0.5 ? 1 : 0;
      assertThat(Math.abs(sum - nearest)).as("%s, coordinate %d: %s", as, i, sum).isLessThan(0.5);
      if (nearest == 1) {
        found++;
        assertThat(cohort).as(as).contains(i);
      }
    }
    assertThat(found).as(as).isEqualTo(survivors);
  }

  private List<Integer> cohort(TaskStore task, RoundRecord round) {
    List<Member> members = task.population();
    return round.cohort().stream()
        .map(index -> clientOf.get(members.get(index).identity()))
        .toList();
  }

  private static float[] model(Store store, String digest) {
    return ModelFile.parse(store.blobs().read(digest)).parameters();
  }

  private FederatedClient client(int index, Transport transport, EnrolmentAuthority authority) {
    Trainer trainer =
        request -> {
          float[] update = new float[request.length()];
          update[index] = 1;
          return update;
        };
    Enrolment enrolment =
        key ->
            Optional.of(
                authority.issue(
                    key, Instant.now().minusSeconds(60), Instant.now().plusSeconds(86_400)));
    FederatedClient client =
        FederatedClient.builder()
            .coordinator(URI.create("https://127.0.0.1:" + port))
            .transport(transport)
            .trust(authority.anchors())
            .enrolment(enrolment)
            .state(folder.resolve("client-" + index))
            .trainer(trainer)
            .policy(Policy.atLeast().mode(Mode.MALICIOUS).maximumEpsilon(1e6))
            .start();
    clientOf.put(ByteString.copyFrom(client.identityKey()), index);
    return client;
  }

  private ChildProcess serve() throws Exception {
    return ChildProcess.start(
        "coordinator",
        List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"),
        List.of(
            "serve",
            "--job",
            jobFile.toString(),
            "--host",
            "127.0.0.1",
            "--port",
            Integer.toString(port),
            "--store",
            folder.resolve("store").toString(),
            "--authority",
            anchors.toString(),
            "--clients",
            Integer.toString(CLIENTS),
            "--exit-when-done"),
        lines::add);
  }

  private String await(String start) throws InterruptedException {
    for (String line = lines.poll(60, TimeUnit.SECONDS);
        line != null;
        line = lines.poll(60, TimeUnit.SECONDS)) {
      if (line.contains(start) && !line.startsWith("job ")) {
        return line;
      }
    }
    throw new AssertionError("the coordinator never said '" + start + "'");
  }
}
