package dev.tributary.simulation;

import dev.tributary.client.ClientException;
import dev.tributary.client.ClientListener;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.InsecureClient;
import dev.tributary.client.Transport;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.InsecureCoordinator;
import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.net.HttpServer;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.nn.ModelFile;
import dev.tributary.privacy.insecure.InsecureSeededNoise;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.EnrolmentAuthority;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.TlsIdentity;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.Seed;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The deployed coordinator over HTTPS on loopback and an SDK instance for each client, in real
 * time, in this process: threads, sockets, disks and shells of both sides. Two things are not as
 * they are deployed: chance comes from the seed, and who leaves when from the job's faults.
 */
public final class LiveBackend implements Backend {
  /** Each has three threads and a folder. */
  static final int MOST_CLIENTS = 500;

  private static final Duration CERTIFIED_FOR = Duration.ofDays(1);
  private static final int PATIENCE_SECONDS = 120;

  @Override
  public String word() {
    return "live";
  }

  @Override
  public boolean plainSum() {
    return false;
  }

  @Override
  public boolean realTime() {
    return true;
  }

  @Override
  public Experiment.Outcome run(Experiment experiment, Setting setting)
      throws IOException, InterruptedException {
    Job job = experiment.job();
    int population = experiment.federation().clients().size();
    check(job, population, experiment.faults(), experiment.scripted());
    checkClients(Objects.requireNonNull(job.simulation()));
    experiment.learn(
        first ->
            run(
                first,
                new Setting(
                    setting.file(),
                    Experiment.folder(setting.scratch()),
                    setting.threads(),
                    experiment.statisticsListener())));
    Seed root = experiment.root();
    Path folder = setting.scratch();
    try (EnrolmentAuthority authority = experiment.authority();
        Store store = Store.open(folder.resolve("store"), Durability.MEMORY);
        Coordinator coordinator =
            InsecureCoordinator.open(
                store,
                new Coordinator.Settings(
                    job,
                    population,
                    authority.anchors(),
                    Sa1.of(experiment.suite()),
                    experiment.evaluator(),
                    setting.listener(),
                    Clock.systemUTC(),
                    setting.threads()),
                round -> root.derive("round", round),
                experiment.centralNoise())) {
      experiment.onStop(coordinator::stop);
      Path tls = Files.createDirectories(folder.resolve("tls"));
      TlsIdentity identity = TlsIdentity.createOrLoad(tls, List.of("localhost", "127.0.0.1"));
      try (HttpServer server =
              HttpServer.start(coordinator, new CoordinatorMetrics(), identity, "127.0.0.1", 0);
          Clients clients =
              new Clients(
                  experiment,
                  authority,
                  URI.create("https://127.0.0.1:" + server.port()),
                  identity.fingerprint(),
                  folder.resolve("clients"),
                  coordinator.done())) {
        for (int client = 0; client < population && !coordinator.done().isDone(); client++) {
          clients.start(client);
        }
        JobResult result = result(coordinator);
        ModelFile model = ModelFile.parse(store.blobs().read(result.modelDigest()));
        return new Experiment.Outcome(
            result,
            model,
            store.ledger(job.privacy().population()),
            experiment.log().firstDecline());
      }
    }
  }

  private static void check(Job job, int population, Job.Faults faults, boolean scripted) {
    if (population > MOST_CLIENTS) {
      throw new UnsuitableBackendException(
          "live runs an SDK instance for each client, and at most %d of them; the job has %d. Take the back end protocol."
              .formatted(MOST_CLIENTS, population));
    }
    if (faults.coordinatorCrashes() > 0) {
      throw new UnsuitableBackendException(
          "simulation.faults.coordinatorCrashes: the back end live lets no coordinator die. Take protocol.");
    }
    if (scripted) {
      throw new UnsuitableBackendException(
          "simulation.faults.script and seed: lines go wrong by a script in virtual time alone. Take the back end protocol.");
    }
    if (job.cohort().spares() > 0) {
      throw new UnsuitableBackendException(
          "cohort.spares: who is there is not for the seed to say in real time. Take the back end protocol.");
    }
  }

  private static void checkClients(Job.Simulation simulation) {
    if (!(simulation.availability() instanceof Job.Availability.Always)) {
      throw new UnsuitableBackendException(
          "simulation.availability: who is there is not for the seed to say in real time. Take the back end protocol.");
    }
    if (simulation.trainingSeconds() != null) {
      throw new UnsuitableBackendException(
          "simulation.trainingSeconds: clients train for as long as it takes in real time. Take the back end protocol.");
    }
  }

  private static JobResult result(Coordinator coordinator) throws InterruptedException {
    try {
      return coordinator.done().get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException known
          ? known
          : new IllegalStateException("the coordinator failed", e.getCause());
    }
  }

  /** The clients that run, over one connection. */
  private static final class Clients implements AutoCloseable {
    private final Experiment experiment;
    private final EnrolmentAuthority authority;
    private final URI coordinator;
    private final Path folder;
    private final CompletableFuture<JobResult> over;
    private final Transport line;
    private final FaultPlan faults;
    private final TrustAnchors anchors;
    private final List<FederatedClient> running = new ArrayList<>();

    Clients(
        Experiment experiment,
        EnrolmentAuthority authority,
        URI coordinator,
        String fingerprint,
        Path folder,
        CompletableFuture<JobResult> over) {
      this.experiment = experiment;
      this.authority = authority;
      this.coordinator = coordinator;
      this.folder = folder;
      this.over = over;
      this.faults = experiment.faultPlan();
      this.anchors = authority.anchors();
      this.line = HttpTransport.pinned(coordinator, fingerprint);
    }

    /**
     * Starts the next client and waits until it is in, so that its number is its place, or until
     * the run is over: somebody ended it.
     */
    void start(int client) throws InterruptedException {
      Seed seed = experiment.root().derive("client", client);
      Heard heard = new Heard(client);
      FederatedClient started =
          InsecureClient.with(
                  FederatedClient.builder()
                      .coordinator(coordinator)
                      .transport(new ScriptedLine(line, client, faults, experiment.log()))
                      .trust(anchors)
                      .enrolment(key -> Optional.of(certificate(key)))
                      .state(folder.resolve("client-" + client))
                      .trainer(experiment.federation().trainer(client, experiment.trainingEngine()))
                      .policy(experiment.policy())
                      .listener(heard),
                  round -> seed.derive("round", round),
                  round -> new InsecureSeededNoise(seed.derive("noise", round).bytes()))
              .start();
      running.add(started);
      var unused = over.whenComplete((result, failure) -> heard.settled.countDown());
      if (!heard.settled.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new ClientException(
            ClientException.Code.COORDINATOR_UNREACHABLE,
            "Client %d could not check in at %s within %d s."
                .formatted(client, coordinator, PATIENCE_SECONDS));
      }
      if (heard.ended && !over.isDone()) {
        started.awaitDone(); // throws why, if it could not go on
      }
    }

    private Certificate certificate(byte[] key) {
      Instant now = Instant.now();
      return authority.issue(key, now.minusSeconds(60), now.plus(CERTIFIED_FOR));
    }

    private final class Heard implements ClientListener {
      final CountDownLatch settled = new CountDownLatch(1);
      volatile boolean ended;
      private final int client;

      Heard(int client) {
        this.client = client;
      }

      @Override
      public void onCheckedIn(String task) {
        settled.countDown();
      }

      @Override
      public void onRound(ClientOutcome outcome) {
        experiment.log().ended(client, outcome);
      }

      @Override
      public void onDone() {
        ended = true;
        settled.countDown();
      }
    }

    @Override
    public void close() {
      running.forEach(FederatedClient::close);
      line.close();
    }
  }
}
