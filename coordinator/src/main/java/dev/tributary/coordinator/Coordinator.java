package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.access.ClientToken;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.job.Pace;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.store.Blobs;
import dev.tributary.coordinator.store.ClientTokens;
import dev.tributary.coordinator.store.Inputs;
import dev.tributary.coordinator.store.JobControl;
import dev.tributary.coordinator.store.Nodes;
import dev.tributary.coordinator.store.Sharing;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.coordinator.store.StorePause;
import dev.tributary.coordinator.store.Submissions;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.Budget;
import dev.tributary.privacy.BudgetExceededException;
import dev.tributary.privacy.LedgerDamagedException;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.KeyFileException;
import dev.tributary.secagg.RevocationMemory;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator as plain Java, whatever the transport: clients check in, exchange messages,
 * upload inputs and fetch models. It runs one job, or those that are submitted to it, each with its
 * own clients, rounds and part of a ledger. What belongs to the process is here: who is let in, by
 * which token, and the loop; what belongs to a job is its {@link LiveJob}.
 *
 * <p>Concurrency: every method may be called from any thread and returns at once. All state belongs
 * to one loop thread; work of the machines runs on pools and comes back to the loop as an event. A
 * failure on the loop (a damaged ledger) ends the coordinator: {@link #done} and {@link #left}
 * fail, and nothing that was not durable has been said. Where jobs are submitted, what is wrong
 * with one of them ends that one alone. Where the disk is full or takes no writes the loop stands
 * still, and every request is told so, until it can go on.
 *
 * <p>A client's token says whose it is, under a key of the store: whoever has checked in goes on
 * after a restart, as long as its job has begun and its token has not expired.
 */
public final class Coordinator implements AutoCloseable {
  /** Its signing key in the store's folder, where none other is said. */
  public static final String KEY_FILE = "coordinator-key.pem";

  private static final String REVOCATIONS_FILE = "revocations";
  private static final int ANYWHERE = 4;
  private static final int DISK = 2;

  private final Store store;
  private final Clock clock;
  private final Identity identity;
  private final CertificateVerifier verifier;
  private final CheckInDesk desk;
  private final AdminDesk adminDesk;
  private final Loop loop;
  private final SecureRandom random = new SecureRandom();
  private final @Nullable JobHost host;
  private final LiveJob.Shared shared;
  private final LiveJobs jobs = new LiveJobs();
  private final CompletableFuture<@Nullable Void> left = new CompletableFuture<>();

  /** The coordinators that share the store; null where it has one alone. */
  private final @Nullable Cluster cluster;

  private final @Nullable SharedInputs inputs;

  /** Waits for the database where any coordinator has the answer; no thread before the first. */
  private final ExecutorService anywhere =
      Executors.newFixedThreadPool(ANYWHERE, Loop.named("tributary-anywhere"));

  /** Waits for the disk while uploads go on; no thread before the first. */
  private final ExecutorService disk =
      Executors.newFixedThreadPool(DISK, Loop.named("tributary-disk"));

  private final CheckInPace pace = new CheckInPace(random);

  /** Of withdrawals of identities that nobody here knows, which anybody can sign. */
  private final CheckInPace strangers = new CheckInPace(random);

  private volatile Duration tokenLifetime = ClientTokens.LIFETIME;

  /** Requests by number that wait for their answer; each gets one, if only a refusal. */
  private final Map<Long, CompletableFuture<?>> unanswered = new ConcurrentHashMap<>();

  private final AtomicLong requests = new AtomicLong();

  private boolean leaving;
  private volatile boolean ended;

  /**
   * How a coordinator of one job works.
   *
   * @param population clients that are awaited before the job starts
   * @param trust whose certificates count; with trust on first use sessions are curious-only
   * @param evaluator measures released models; null where nothing is to be measured
   */
  public record Settings(
      Job job,
      int population,
      TrustAnchors trust,
      SumSuite suite,
      @Nullable Evaluator evaluator,
      RoundListener listener,
      Clock clock,
      int workers) {}

  /**
   * How a coordinator of submitted jobs works.
   *
   * @param trust whose certificates count; with trust on first use sessions are curious-only
   * @param workers threads for the work of each job
   */
  public record Submitted(TrustAnchors trust, Clock clock, int workers, JobHost host) {}

  /**
   * How the front door of a job stands, for a health check.
   *
   * @param waiting of the round that cannot be offered for want of clients; null if there is none
   * @param relayedBytes of key material on disk, of the round in flight or the last one
   */
  public record Status(
      String task,
      int enrolled,
      int awaited,
      boolean started,
      boolean finished,
      boolean paused,
      FederatedTraining.@Nullable Waiting waiting,
      long relayedBytes) {}

  /** Whose a token is, and for which job. */
  private record Seat(LiveJob job, Session session) {}

  private Coordinator(
      Store store,
      Identity identity,
      TrustAnchors trust,
      Clock clock,
      int workers,
      @Nullable JobHost host,
      @Nullable JobDraws draws) {
    this.store = store;
    this.clock = clock;
    this.host = host;
    this.identity = identity;
    this.verifier = trust.verifier();
    this.desk = new CheckInDesk(identity.publicKey(), verifier);
    this.adminDesk = new AdminDesk(store, clock);
    set(Pace.DEFAULTS);
    this.loop = new Loop(this::settle, this::fail);
    Sharing sharing = store.sharing();
    this.cluster = sharing == null ? null : new Cluster(sharing, new Here());
    this.inputs =
        sharing == null ? null : new SharedInputs(sharing.inputs(), store.directory(), clock, disk);
    this.shared =
        new LiveJob.Shared(
            store,
            identity,
            verifier,
            loop,
            clock,
            random,
            draws == null ? JobDraws.secure(random) : draws,
            workers,
            disk,
            pace,
            this::refuseAll);
  }

  /** The key in a file; made if there is none, by one of those who look for it at once. */
  private static Identity identity(Path file) {
    if (!Files.exists(file)) {
      try (Identity fresh = Identity.generate(new SecureRandom())) {
        fresh.saveNew(file);
      } catch (KeyFileException e) {
        if (!Files.exists(file)) {
          throw e;
        }
      }
    }
    return Identity.load(file);
  }

  private static Path keyFile(Store store) {
    return store.directory().resolve(KEY_FILE);
  }

  /** With the signing key in the store's folder. */
  public static Coordinator open(Store store, Settings settings) {
    return open(store, settings, keyFile(store));
  }

  /** With the signing key in the store's folder. */
  public static Coordinator open(Store store, Submitted settings) {
    return open(store, settings, keyFile(store));
  }

  /**
   * A coordinator of one job over a store, which goes on where an earlier one stopped.
   *
   * @param key file of its signing key, which is made if there is none
   * @throws KeyFileException if that file cannot be used
   * @throws RuntimeException as {@link Planner} does, for a job that cannot run
   * @throws dev.tributary.secagg.OutdatedTrustException if the anchors' revocation list is older
   *     than one that this store has seen
   */
  public static Coordinator open(Store store, Settings settings, Path key) {
    return open(store, settings, key, null);
  }

  /** With the signing key in the store's folder and a chance of its own; not for `serve`. */
  static Coordinator open(Store store, Settings settings, JobDraws draws) {
    return open(store, settings, keyFile(store), draws);
  }

  private static Coordinator open(
      Store store, Settings settings, Path key, @Nullable JobDraws draws) {
    new Planner(settings.job(), settings.suite().id());
    taken(store, settings.trust());
    Coordinator coordinator =
        new Coordinator(
            store,
            identity(key),
            settings.trust(),
            settings.clock(),
            settings.workers(),
            null,
            draws);
    JobHost.Terms terms =
        new JobHost.Terms(
            settings.population(), settings.suite(), settings.evaluator(), settings.listener());
    coordinator.load(List.of(() -> coordinator.takeUp(settings.job(), terms)));
    return coordinator;
  }

  /**
   * A coordinator over a store that takes jobs as they are submitted, and goes on with those that
   * were submitted before. One that cannot be run as things are rests, and is told of. Where
   * several coordinators share the store it has no job before it has joined them ({@link #join}).
   *
   * @param key file of its signing key, which is made if there is none
   * @throws KeyFileException if that file cannot be used
   * @throws StoreException if the other coordinators of the store sign with another key
   * @throws dev.tributary.secagg.OutdatedTrustException if the anchors' revocation list is older
   *     than one that this store has seen
   */
  public static Coordinator open(Store store, Submitted settings, Path key) {
    taken(store, settings.trust());
    Coordinator coordinator =
        new Coordinator(
            store,
            identity(key),
            settings.trust(),
            settings.clock(),
            settings.workers(),
            settings.host(),
            null);
    if (coordinator.cluster != null) {
      try {
        coordinator.cluster.sharing().requireKey(coordinator.publicKey());
      } catch (StoreException e) {
        coordinator.close();
        throw e;
      }
      coordinator.load(List.of());
      return coordinator;
    }
    List<Runnable> known = new ArrayList<>();
    for (Submissions.Submission each : store.submissions().all()) {
      try {
        Job job = JobFile.parse(each.name() + ".yaml", each.source(), List.of());
        JobHost.Terms terms = settings.host().terms(job);
        known.add(() -> coordinator.takeUp(job, terms));
      } catch (RuntimeException e) {
        String why = String.valueOf(e.getMessage());
        known.add(() -> coordinator.jobs.addUnavailable(each.name(), why));
        settings.host().rests(each.name(), why);
      }
    }
    coordinator.load(known);
    return coordinator;
  }

  /**
   * From now on these anchors count; a member whose certificate they refuse is not asked any more.
   *
   * @throws dev.tributary.secagg.OutdatedTrustException if their revocation list is older than one
   *     seen before
   */
  public void trust(TrustAnchors newer) {
    taken(store, newer);
    verifier.trust(newer);
    loop.execute(() -> jobs.all().forEach(LiveJob::dropRefused));
  }

  /**
   * Notes which TLS certificates of clients count from now on, if that is not what was noted last.
   *
   * @param authorities and what is revoked; null where clients are asked for none
   */
  public void clientAuthorities(@Nullable String authorities) {
    store.auditLog().clientAuthorities("coordinator", authorities);
  }

  /** From now on so many clients are let in, and wait. */
  public void pace(Pace said) {
    loop.execute(() -> set(said));
  }

  private void set(Pace said) {
    pace.set(said.checkInsPerSecond(), said.parkedClients());
    strangers.set(said.checkInsPerSecond(), said.parkedClients());
  }

  /**
   * How long tokens live that are given from now on.
   *
   * @param lifetime a minute to a day
   */
  public void tokenLifetime(Duration lifetime) {
    ClientTokens.requireLifetime(lifetime);
    tokenLifetime = lifetime;
  }

  /**
   * Before anchors count, what is oldest of them to come, and that they were changed, is written.
   */
  private static void taken(Store store, TrustAnchors anchors) {
    RevocationMemory.hold(store.directory().resolve(REVOCATIONS_FILE), anchors);
    String pem = Blobs.digest(anchors.toPem().getBytes(StandardCharsets.UTF_8));
    store.auditLog().trust("coordinator", anchors + ", sha256:" + pem);
  }

  /**
   * Becomes one of the coordinators that share the store, and takes up jobs that nobody runs.
   *
   * @param address {@code https://host:port}, where the others reach it
   * @param fingerprint of its TLS certificate
   */
  public void join(String address, String fingerprint) {
    if (cluster == null) {
      throw new IllegalStateException("this store has one coordinator alone");
    }
    cluster.join(address, fingerprint);
  }

  /** The coordinators that share the store; null where it has one alone. */
  public @Nullable Cluster cluster() {
    return cluster;
  }

  /** What others are to this one. */
  private final class Here implements Cluster.Here {
    @Override
    public boolean has(String job) {
      return jobs.has(job);
    }

    @Override
    public void takeUp(String name) {
      Job job;
      JobHost.Terms terms;
      try {
        String source = store.submissions().source(name).orElseThrow();
        job = JobFile.parse(name + ".yaml", source, List.of());
        terms = Objects.requireNonNull(host).terms(job);
      } catch (StoreException e) {
        throw e;
      } catch (RuntimeException e) {
        String why = String.valueOf(e.getMessage());
        onLoop(() -> rests(name, why)).join();
        return;
      }
      if (Objects.requireNonNull(store.sharing()).claim(name)) {
        onLoop(() -> Coordinator.this.takeUp(job, terms)).join();
      }
    }

    @Override
    public void heed(Nodes.View view) {
      store.tokens().refresh();
      onLoop(() -> heard(view)).join();
    }

    @Override
    public void fail(RuntimeException cause) {
      loop.execute(
          () -> {
            throw cause;
          });
    }
  }

  private String rests(String name, String why) {
    jobs.addUnavailable(name, why);
    Objects.requireNonNull(host).rests(name, why);
    return name;
  }

  /** Lets jobs go that are another coordinator's, and does what was said of the rest elsewhere. */
  private int heard(Nodes.View view) {
    Nodes nodes = Objects.requireNonNull(store.sharing()).nodes();
    for (LiveJob job : jobs.all()) {
      if (nodes.lost(job.name(), view)) {
        drop(job);
      } else {
        job.heed(view.said().getOrDefault(job.name(), JobControl.State.RUNNING));
      }
    }
    for (Nodes.Withdrawn gone : view.withdrawn()) {
      jobs.named(gone.job())
          .flatMap(job -> Optional.ofNullable(job.leaver(gone.member())))
          .ifPresent(this::letGo);
    }
    return view.live().size();
  }

  private void letGo(ByteString key) {
    jobs.all().stream().filter(job -> job.knows(key)).forEach(job -> job.tellWithdrawn(key));
    jobs.all().forEach(job -> job.release(key));
  }

  /** The job goes on at another coordinator, or is taken up anew here. */
  private void drop(LiveJob job) {
    jobs.remove(job);
    Objects.requireNonNull(store.sharing()).nodes().forget(job.name());
    job.fail(
        new StoreException(
            StoreException.JOB_TAKEN_OVER, "it goes on at another coordinator", null));
    job.leave();
    Objects.requireNonNull(cluster).soon();
  }

  /** The Ed25519 public key that signs offers. */
  public byte[] publicKey() {
    return identity.publicKey();
  }

  /**
   * Completes when the job of a coordinator of one job has ended; fails when the coordinator cannot
   * go on, and with {@link StoppedException} when it was stopped before the job began.
   */
  public CompletableFuture<JobResult> done() {
    return jobs.asked(null).done();
  }

  /**
   * Completes when all jobs were left after {@link #stop}; fails when the coordinator cannot go on.
   */
  public CompletableFuture<@Nullable Void> left() {
    return left.copy();
  }

  /** The time that this coordinator goes by, and signed check-ins with it. */
  public Instant now() {
    return clock.instant();
  }

  /** How the front door of each job stands. */
  public CompletableFuture<List<Status>> status() {
    return onLoop(() -> jobs.all().stream().map(LiveJob::status).toList());
  }

  /** Why nothing goes on now, if the disk is full or takes no writes; else null. */
  public @Nullable StorePause pause() {
    return store.pause();
  }

  /** Lets those in who administer it. */
  public AdminDesk admin() {
    return adminDesk;
  }

  /** How all jobs stand, in the order in which they came. */
  public CompletableFuture<List<JobStatus>> jobStatus() {
    return onLoop(
        () -> {
          List<JobStatus> all = new ArrayList<>();
          jobs.all().forEach(job -> all.add(standing(job)));
          all.addAll(jobs.unavailable());
          return all;
        });
  }

  /** How the job of that name stands; refused for any that this coordinator does not have. */
  public CompletableFuture<JobStatus> jobStatus(String name) {
    return onLoop(
        () ->
            jobs.unavailable().stream()
                .filter(job -> job.name().equals(name))
                .findFirst()
                .orElseGet(() -> standing(jobs.administered(name))));
  }

  private JobStatus standing(LiveJob job) {
    JobStatus[] standing = new JobStatus[1];
    within(job, () -> standing[0] = job.standing());
    return standing[0] == null ? job.standing() : standing[0];
  }

  /**
   * Pauses the job of that name, lets it go on, or ends it for good; completes when that is durable
   * and done.
   *
   * @param who says so, for the audit log
   */
  public CompletableFuture<JobStatus> say(String who, String name, JobControl.State to) {
    CompletableFuture<JobStatus> reply = new CompletableFuture<>();
    ask(reply, () -> jobs.administered(name).say(who, to, reply));
    return reply;
  }

  /** Refused by a coordinator of one job. */
  public JobHost requireSubmissions() {
    if (host == null) {
      throw new FrontDoorException(
          Kind.CONFLICT,
          "submissions-closed",
          "This coordinator was started for one job, and takes no others.",
          "Start it without --job: tributary serve.");
    }
    return host;
  }

  /**
   * Takes a job to run, beside those that it has; completes when that is durable. To be called
   * where it may take a while: what the host has to say against the job is thrown.
   *
   * @param who submits it, for the audit log
   */
  public CompletableFuture<JobStatus> submit(String who, Job job) {
    JobHost.Terms terms = requireSubmissions().terms(job);
    requireLedger(job);
    return onLoop(
        () -> {
          Sharing sharing = store.sharing();
          if ((sharing != null && !sharing.claim(job.name())) || !added(who, job)) {
            throw new FrontDoorException(
                Kind.CONFLICT,
                "job-name-taken",
                "This store has had a job " + job.name() + ".",
                "Give the job another name: one name stands for one population and its rounds.");
          }
          LiveJob live = takeUp(job, terms);
          return live.standing();
        });
  }

  /** A ledger that the population has must be one that the job can spend from. */
  private void requireLedger(Job job) {
    Budget part = Planner.budget(job);
    if (!store.populations().contains(part.population())) {
      return;
    }
    try {
      store.task(job.name(), part, Planner.populationBudget(job)).spent();
    } catch (LedgerDamagedException | BudgetExceededException e) {
      throw new FrontDoorException(
          Kind.CONFLICT,
          e instanceof BudgetExceededException ? "budget-exceeded" : "ledger-damaged",
          String.valueOf(e.getMessage()),
          "Give the job another privacy.population, or a budget that is part of that ledger's.");
    }
  }

  private boolean added(String who, Job job) {
    try {
      return store.submissions().add(who, job.name(), job.source());
    } catch (StoreException e) {
      throw JobDesk.told(e);
    }
  }

  private LiveJob takeUp(Job job, JobHost.Terms terms) {
    LiveJob live = new LiveJob(job, terms, shared);
    jobs.add(live);
    if (host != null) {
      host.takenUp(job, live.done());
    }
    if (cluster == null) {
      live.load();
    } else {
      within(live, live::load);
    }
    return live;
  }

  /** The coordinator's key, and its job if it has one alone, for clients that do not know them. */
  public CheckInReply introduce() {
    List<LiveJob> all = List.copyOf(jobs.all());
    return introduce(all.size() == 1 ? all.get(0).name() : "");
  }

  private CheckInReply introduce(String task) {
    return CheckInReply.newBuilder()
        .setCoordinatorKey(ByteString.copyFrom(identity.publicKey()))
        .setTask(task)
        .build();
  }

  /**
   * Lets a client in and gives it a token, which leads to the job from then on; a {@link
   * FrontDoorException} says why not. Where too many come at once, the reply has no token and says
   * when to come back; a client that a round needs now is let in whatever the others do.
   *
   * @param name of the job; null for the only one that is open
   */
  public CompletableFuture<CheckInReply> checkIn(@Nullable String name, CheckInRequest request) {
    LiveJob job;
    try {
      job = jobs.asked(name);
      desk.check(request, job.certified(), clock.instant());
    } catch (FrontDoorException e) {
      return CompletableFuture.failedFuture(e);
    }
    return onLoop(() -> admit(job, request));
  }

  /**
   * Who serves what concerns a job: empty for this coordinator.
   *
   * @param name of the job; null for the only one that there is
   */
  public CompletableFuture<Optional<Nodes.Node>> place(@Nullable String name) {
    if (cluster == null) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    if (name != null) {
      return cluster.place(name);
    }
    Nodes.View view = cluster.view();
    List<String> open =
        view.jobs().stream()
            .filter(job -> view.said().get(job) != JobControl.State.CANCELLED)
            .toList();
    return open.size() == 1
        ? cluster.place(open.get(0))
        : CompletableFuture.failedFuture(open.isEmpty() ? LiveJobs.noneOpen() : LiveJobs.unnamed());
  }

  /** The job that a token leads to; waits for the store at times. */
  public String jobOf(ByteString token) {
    return known(token).job();
  }

  private ClientToken known(ByteString token) {
    Instant now = clock.instant();
    ClientToken known =
        store.clientTokens().find(token, now).orElseThrow(FrontDoorException::unknownToken);
    if (!now.isBefore(known.expires())) {
      throw FrontDoorException.expiredToken();
    }
    return known;
  }

  /**
   * Judges a check-in before it goes to the coordinator that runs its job, which believes it.
   *
   * @throws FrontDoorException if it does not hold
   */
  public void check(@Nullable String population, CheckInRequest request) {
    desk.check(request, population, clock.instant());
  }

  /** Lets a client in whose check-in another coordinator has judged. */
  public CompletableFuture<CheckInReply> checkedIn(@Nullable String name, CheckInRequest request) {
    LiveJob job;
    try {
      job = jobs.asked(name);
      desk.certified(request, job.certified(), clock.instant());
    } catch (FrontDoorException e) {
      return CompletableFuture.failedFuture(e);
    }
    return onLoop(() -> admit(job, request));
  }

  /** Lets a client go whose withdrawal another coordinator has judged and written. */
  public CompletableFuture<CheckInReply> withdrawn(CheckInRequest request) {
    return onLoop(
        () -> {
          letGo(request.getIdentity());
          return introduce();
        });
  }

  /** The same for the only job that is open. */
  public CompletableFuture<CheckInReply> checkIn(CheckInRequest request) {
    return checkIn(null, request);
  }

  /**
   * Lets a client go, and deletes what is held of its identity: its place in every job of the store
   * becomes a number that is absent from now on, and the time of the act is kept with it. A round
   * in flight goes on as if the client had declined. What the client has put into sums stays in
   * them.
   *
   * <p>An identity that is not known is answered in the same way: a withdrawal may be repeated.
   */
  public CompletableFuture<CheckInReply> withdraw(CheckInRequest request) {
    try {
      desk.checkWithdrawal(request, clock.instant());
    } catch (FrontDoorException e) {
      return CompletableFuture.failedFuture(e);
    }
    return onLoop(() -> release(request));
  }

  /** Completes for a token that a check-in gave, and fails for any other. */
  public CompletableFuture<Void> authenticate(ByteString token) {
    return onLoop(
        () -> {
          seat(token);
          return null;
        });
  }

  /**
   * Takes a client's messages and brings what waits for it, at the latest when its wait is over.
   */
  public CompletableFuture<ExchangeReply> exchange(ByteString token, ExchangeRequest request) {
    CompletableFuture<ExchangeReply> reply = new CompletableFuture<>();
    ask(
        reply,
        () -> {
          Seat seat = seat(token);
          seat.job().exchange(seat.session(), request, reply);
        });
    return reply;
  }

  /** Nobody waits for this reply any more. */
  public void abandoned(ByteString token, CompletableFuture<ExchangeReply> reply) {
    loop.execute(
        () ->
            answer(
                reply,
                () ->
                    store
                        .clientTokens()
                        .find(token, clock.instant())
                        .flatMap(this::seat)
                        .ifPresent(seat -> seat.session().unpark(reply, clock.instant(), false))));
  }

  /** The file of a released model. */
  public CompletableFuture<Path> model(ByteString token, String digest) {
    if (cluster != null) {
      Inputs running = cluster.sharing().inputs();
      return anywhere(
          () -> {
            ClientToken client = known(token);
            String job = client.job();
            if (running.member(job, client.identity()).isEmpty()) {
              throw FrontDoorException.unknownToken();
            }
            Plan plan =
                running
                    .running(job)
                    .map(round -> Plan.parse(round.plan().toByteArray()))
                    .orElse(null);
            return LiveJob.model(store, job, digest, plan);
          });
    }
    return onLoop(() -> seat(token).job().model(digest));
  }

  /** Where any coordinator of the store has the answer; it may take a while. */
  private <T> CompletableFuture<T> anywhere(Supplier<T> answer) {
    try {
      return CompletableFuture.supplyAsync(answer, anywhere);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(FrontDoorException.stopped());
    }
  }

  /** Where the caller's input of this session goes, and how far it has come. */
  public CompletableFuture<Upload> upload(ByteString token, ByteString session) {
    SharedInputs shared = inputs;
    if (shared != null) {
      return anywhere(
          () -> {
            ClientToken known = known(token);
            return shared.upload(known.job(), known.identity(), session);
          });
    }
    return onLoop(
        () -> {
          Seat seat = seat(token);
          return seat.job().upload(seat.session(), session);
        });
  }

  /** Ends what this process does for its jobs; the next one takes up the rounds in flight. */
  public void stop(String reason) {
    if (cluster != null) {
      cluster.close();
    }
    loop.execute(
        () -> {
          leaving = true;
          for (LiveJob job : jobs.all()) {
            job.stop(reason);
            if (job.done().isCompletedExceptionally()) {
              refuseAll();
            }
          }
        });
  }

  /** Stops whatever runs and forgets the key. The store stays open: it is its owner's. */
  @Override
  public void close() {
    if (cluster != null) {
      cluster.close();
    }
    anywhere.shutdownNow();
    loop.close();
    jobs.all().forEach(LiveJob::close);
    disk.shutdown();
    refuseAll();
    identity.close();
  }

  /** Takes up what an earlier process left, or throws why that cannot be. */
  private void load(List<Runnable> known) {
    try {
      onLoop(
              () -> {
                store.waitForRoomHere(pause -> refuse(FrontDoorException.paused(pause.code())));
                desk.keepIn(store.nonces());
                known.forEach(Runnable::run);
                return known;
              })
          .join();
    } catch (CompletionException e) {
      close();
      left.join();
      throw e;
    }
  }

  private CheckInReply admit(LiveJob to, CheckInRequest request) {
    to.requireUp();
    to.requireOpenTo(request.getIdentity());
    Duration later = to.joinsAfter(request.getIdentity());
    if (later.isZero() && !to.needs(request.getIdentity())) {
      later = pace.admit(clock.instant());
    }
    if (!later.isZero()) {
      return introduce(to.name()).toBuilder().setRetryAfterMillis((int) later.toMillis()).build();
    }
    desk.remember(request.getNonce(), clock.instant());
    Session session = to.session(request);
    Instant now = clock.instant();
    session.admit(now);
    ByteString token =
        store.clientTokens().issue(to.name(), request.getIdentity(), now, tokenLifetime);
    to.seat(session);
    return introduce(to.name()).toBuilder().setToken(token).build();
  }

  private CheckInReply release(CheckInRequest request) {
    ByteString key = request.getIdentity();
    List<LiveJob> knowing = jobs.all().stream().filter(job -> job.knows(key)).toList();
    if (knowing.isEmpty() && !strangers.admit(clock.instant()).isZero()) {
      throw new FrontDoorException(
          Kind.BUSY,
          "withdrawal-busy",
          "There are too many withdrawals of identities that are not known here.",
          "Ask again later.");
    }
    if (!knowing.isEmpty() || store.isMember(key)) {
      desk.remember(request.getNonce(), clock.instant());
      store.withdraw(key, clock.instant());
      // Of a job that is not run here, whichever is tells of it.
      (knowing.isEmpty() ? jobs.all().stream().limit(1).toList() : knowing)
          .forEach(job -> job.tellWithdrawn(key));
    }
    jobs.all().forEach(job -> job.release(key));
    return introduce();
  }

  private Seat seat(ByteString token) {
    ClientToken known = known(token);
    Optional<LiveJob> job = jobs.named(known.job());
    if (job.isEmpty() && cluster != null) {
      throw FrontDoorException.moving();
    }
    job.ifPresent(LiveJob::requireUp);
    return seat(known).orElseThrow(FrontDoorException::unknownToken);
  }

  private Optional<Seat> seat(ClientToken known) {
    return jobs.named(known.job())
        .flatMap(
            job ->
                job.session(known.identity(), known.issued())
                    .map(session -> new Seat(job, session)));
  }

  private void settle() {
    jobs.all().forEach(job -> within(job, job::settle));
    if (leaving) {
      left.complete(null);
    }
  }

  /**
   * Runs what concerns one job. Of several jobs, what is wrong with one ends it and no other; what
   * is wrong with the store ends them all.
   */
  private void within(LiveJob job, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      if (cluster != null && e instanceof StoreException failed && goesOn(failed)) {
        drop(job);
        return;
      }
      boolean ofTheStore =
          e instanceof StoreException failed && !failed.code().equals(StoreException.OTHER_JOB);
      if (host == null || ofTheStore) {
        throw e;
      }
      job.fail(e);
    }
  }

  /** Whether a job goes on from the tables, here or elsewhere, after this. */
  private static boolean goesOn(StoreException failed) {
    return failed.code().equals(StoreException.JOB_TAKEN_OVER)
        || failed.code().equals(StoreException.UNREADABLE);
  }

  private void fail(Throwable cause) {
    jobs.all().forEach(job -> job.fail(cause));
    left.completeExceptionally(cause);
    refuseAll();
  }

  /** Answers whatever waits, and from now on whatever comes. */
  private void refuseAll() {
    ended = true;
    refuse(FrontDoorException.stopped());
  }

  /** Answers whatever waits; what was asked may still be done, and may be asked again. */
  private void refuse(FrontDoorException why) {
    unanswered.values().forEach(reply -> reply.completeExceptionally(why));
  }

  /** Runs a task that answers a request, which is refused if the loop does not come to it. */
  private void ask(CompletableFuture<?> reply, Runnable task) {
    StorePause pause = store.pause();
    if (pause != null) {
      reply.completeExceptionally(FrontDoorException.paused(pause.code()));
      return;
    }
    long number = requests.getAndIncrement();
    unanswered.put(number, reply);
    var unused = reply.whenComplete((answer, failure) -> unanswered.remove(number));
    if (!ended) {
      loop.execute(() -> answer(reply, task));
    }
    if (ended) {
      reply.completeExceptionally(FrontDoorException.stopped());
    }
  }

  /** A database that cannot be reached under a request ends no coordinator that shares it. */
  private void answer(CompletableFuture<?> reply, Runnable task) {
    try {
      task.run();
    } catch (FrontDoorException e) {
      reply.completeExceptionally(e);
    } catch (StoreException e) {
      if (cluster == null || !goesOn(e)) {
        throw e;
      }
      reply.completeExceptionally(FrontDoorException.moving());
    }
  }

  private <T> CompletableFuture<T> onLoop(Supplier<T> answer) {
    CompletableFuture<T> reply = new CompletableFuture<>();
    ask(reply, () -> reply.complete(answer.get()));
    return reply;
  }
}
