package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.store.Blobs;
import dev.tributary.coordinator.store.JobControl;
import dev.tributary.coordinator.store.Member;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.RevocationMemory;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.RingPacking;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.CheckInReply;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import dev.tributary.wire.v1.Receipt;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator as plain Java, whatever the transport: clients check in, exchange messages,
 * upload inputs and fetch models; inside, one {@link FederatedTraining} runs.
 *
 * <p>Concurrency: every method may be called from any thread and returns at once. All state belongs
 * to one loop thread; work of the machines runs on a pool and comes back to the loop as an event. A
 * failure on the loop (a full disk, a damaged ledger) ends the coordinator: {@link #done} fails,
 * and nothing that was not durable has been said.
 *
 * <p>Tokens live in memory: after a restart clients are told so and check in again. Before the job
 * starts the population is whoever checked in; at its start it is frozen and written down.
 */
public final class Coordinator implements AutoCloseable {
  private static final String KEY_FILE = "coordinator-key.pem";
  private static final String REVOCATIONS_FILE = "revocations";
  private static final int TOKEN = 32;
  private static final int MESSAGES = 16;
  private static final Duration LONGEST_POLL = Duration.ofSeconds(30);

  private final Settings settings;
  private final Store store;
  private final TaskStore task;
  private final Identity identity;
  private final CertificateVerifier verifier;
  private final CheckInDesk desk;
  private final Spool spool;
  private final JobDesk jobDesk;
  private final AdminDesk adminDesk;
  private final Loop loop;
  private final SecureRandom random = new SecureRandom();
  private final CompletableFuture<JobResult> done = new CompletableFuture<>();

  private final Map<ByteString, Session> tokens = new HashMap<>();
  private final Map<ByteString, Session> sessions = new HashMap<>();
  private final Map<ByteString, Member> enrolled = new LinkedHashMap<>();
  private final Map<Integer, Session> members = new HashMap<>();
  private final Set<Session> toWake = new LinkedHashSet<>();

  /** What has come for the training, and who is answered once it is durable. */
  private final List<Event> arrived = new ArrayList<>();

  private final List<Runnable> answers = new ArrayList<>();
  private @Nullable Population population;
  private @Nullable FederatedTraining training;
  private boolean finished;

  /** Whether clients are told that the job is over; one that is stopped is not. */
  private boolean over;

  /** Requests by number that wait for their answer; each gets one, if only a refusal. */
  private final Map<Long, CompletableFuture<?>> unanswered = new ConcurrentHashMap<>();

  private final AtomicLong requests = new AtomicLong();

  private volatile boolean ended;

  /**
   * How a coordinator works.
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
   * How the front door stands, for a health check.
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

  private Coordinator(Store store, Settings settings, Identity identity) {
    this.store = store;
    this.settings = settings;
    this.identity = identity;
    this.verifier = settings.trust().verifier();
    String name = settings.job().privacy().population();
    this.desk =
        new CheckInDesk(identity.publicKey(), verifier, name.equals("default") ? null : name);
    this.task = store.task(settings.job().name(), Planner.budget(settings.job()));
    this.spool = new Spool(store.directory().resolve("spool"));
    this.jobDesk = new JobDesk(settings.job(), store);
    this.adminDesk = new AdminDesk(store, settings.clock());
    this.loop = new Loop(settings.workers(), this::settle, this::fail);
  }

  /**
   * A coordinator over a store, which goes on where an earlier one stopped. Its signing key lies in
   * the store's folder and is made there at first.
   *
   * @throws RuntimeException as {@link Planner} does, for a job that cannot run
   * @throws dev.tributary.secagg.OutdatedTrustException if the anchors' revocation list is older
   *     than one that this store has seen
   */
  public static Coordinator open(Store store, Settings settings) {
    new Planner(settings.job(), settings.suite().id());
    taken(store, settings.trust());
    Path key = store.directory().resolve(KEY_FILE);
    Identity identity;
    if (Files.exists(key)) {
      identity = Identity.load(key);
    } else {
      identity = Identity.generate(new SecureRandom());
      identity.save(key);
    }
    Coordinator coordinator = new Coordinator(store, settings, identity);
    coordinator.load();
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
  }

  /**
   * Before anchors count, what is oldest of them to come, and that they were changed, is written.
   */
  private static void taken(Store store, TrustAnchors anchors) {
    RevocationMemory.hold(store.directory().resolve(REVOCATIONS_FILE), anchors);
    String pem = Blobs.digest(anchors.toPem().getBytes(StandardCharsets.UTF_8));
    store.auditLog().trust("coordinator", anchors + ", sha256:" + pem);
  }

  /** The Ed25519 public key that signs offers. */
  public byte[] publicKey() {
    return identity.publicKey();
  }

  /**
   * Completes when the job has ended; fails when the coordinator cannot go on, and with {@link
   * StoppedException} when it was stopped before the job began.
   */
  public CompletableFuture<JobResult> done() {
    return done.copy();
  }

  public CompletableFuture<Status> status() {
    return onLoop(
        () ->
            new Status(
                settings.job().name(),
                population == null ? enrolled.size() : population.size(),
                population == null ? settings.population() : population.size(),
                training != null,
                finished,
                jobDesk.paused(),
                training == null ? null : training.waiting(now()),
                spool.relayedBytes()));
  }

  /** Lets those in who administer it. */
  public AdminDesk admin() {
    return adminDesk;
  }

  /** How the job stands. */
  public CompletableFuture<JobStatus> jobStatus() {
    return onLoop(this::standing);
  }

  /** How the job of that name stands; refused for any but this coordinator's. */
  public CompletableFuture<JobStatus> jobStatus(String name) {
    return onLoop(
        () -> {
          jobDesk.require(name);
          return standing();
        });
  }

  /**
   * Pauses the job of that name, lets it go on, or ends it for good; completes when that is durable
   * and done.
   *
   * @param who says so, for the audit log
   */
  public CompletableFuture<JobStatus> say(String who, String name, JobControl.State to) {
    CompletableFuture<JobStatus> reply = new CompletableFuture<>();
    ask(
        reply,
        () -> {
          try {
            jobDesk.require(name);
            jobDesk.say(who, to, finished);
            obey("cancelled by " + who);
            answers.add(() -> reply.complete(standing()));
          } catch (FrontDoorException e) {
            reply.completeExceptionally(e);
          }
        });
    return reply;
  }

  private void obey(String reason) {
    boolean cancelled = jobDesk.said() == JobControl.State.CANCELLED;
    if (training != null) {
      training.obey(jobDesk.said());
      if (cancelled) {
        on(new Event.Stop(reason));
      }
    } else if (cancelled) {
      perform(new Effect.Finish(jobDesk.neverBegan(reason)));
    }
  }

  private JobStatus standing() {
    JobResult result = done.isDone() && !done.isCompletedExceptionally() ? done.getNow(null) : null;
    return jobDesk.status(
        population == null ? enrolled.size() : population.size(),
        population == null ? settings.population() : population.size(),
        training,
        result,
        now());
  }

  /** The coordinator's key and task, for clients that do not know them yet. */
  public CheckInReply introduce() {
    return CheckInReply.newBuilder()
        .setCoordinatorKey(ByteString.copyFrom(identity.publicKey()))
        .setTask(settings.job().name())
        .build();
  }

  /** Lets a client in and gives it a token; a {@link FrontDoorException} says why not. */
  public CompletableFuture<CheckInReply> checkIn(CheckInRequest request) {
    try {
      desk.check(request, settings.clock().instant());
    } catch (FrontDoorException e) {
      return CompletableFuture.failedFuture(e);
    }
    return onLoop(() -> admit(request));
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
      desk.checkWithdrawal(request, settings.clock().instant());
    } catch (FrontDoorException e) {
      return CompletableFuture.failedFuture(e);
    }
    return onLoop(() -> release(request));
  }

  /** Completes for a token that a check-in gave, and fails for any other. */
  public CompletableFuture<Void> authenticate(ByteString token) {
    return onLoop(
        () -> {
          session(token);
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
          try {
            exchange(session(token), request, reply);
          } catch (FrontDoorException e) {
            reply.completeExceptionally(e);
          }
        });
    return reply;
  }

  /** Nobody waits for this reply any more. */
  public void abandoned(ByteString token, CompletableFuture<ExchangeReply> reply) {
    loop.execute(
        () -> {
          Session session = tokens.get(token);
          if (session != null) {
            session.unpark(reply, now(), false);
          }
        });
  }

  /** The file of a released model. */
  public CompletableFuture<Path> model(ByteString token, String digest) {
    return onLoop(
        () -> {
          session(token);
          if (!digest.matches("[0-9a-f]{64}") || task.modelLength(digest).isEmpty()) {
            throw new FrontDoorException(
                Kind.NOT_FOUND,
                "model-unknown",
                "No round of this coordinator released a model " + digest + ".",
                "Ask for the digest that the plan names.");
          }
          return store.blobs().file(digest);
        });
  }

  /** Where the caller's input of this session goes, and how far it has come. */
  public CompletableFuture<Upload> upload(ByteString token, ByteString session) {
    return onLoop(
        () -> {
          Session caller = session(token);
          Plan plan = training == null ? null : training.plan();
          if (plan == null || !Objects.requireNonNull(training).hears(caller.member(), session)) {
            throw FrontDoorException.roundOver();
          }
          int length = plan.sum().length();
          return spool.of(caller.member(), RingPacking.packedLength(length, plan.sum().ringBits()));
        });
  }

  /** Ends what this process does for the job; the next one takes up the round in flight. */
  public void stop(String reason) {
    loop.execute(
        () -> {
          if (training == null) {
            fail(new StoppedException(reason));
          } else {
            on(new Event.Stop(reason));
          }
        });
  }

  /** Stops whatever runs and forgets the key. The store stays open: it is its owner's. */
  @Override
  public void close() {
    loop.close();
    spool.close();
    refuseAll();
    identity.close();
  }

  /** Takes up what an earlier process left, or throws why that cannot be. */
  private void load() {
    try {
      onLoop(
              () -> {
                desk.keepIn(store.nonces());
                jobDesk.load();
                List<Member> stored = task.population();
                if (!stored.isEmpty()) {
                  Population frozen = new Population(stored);
                  task.withdrawn().forEach(frozen::withdraw);
                  start(frozen);
                } else {
                  obey("cancelled before it began");
                }
                return stored;
              })
          .join();
    } catch (CompletionException e) {
      close();
      done.join();
      throw e;
    }
  }

  private CheckInReply admit(CheckInRequest request) {
    ByteString key = request.getIdentity();
    if (population != null && population.indexOf(key).isEmpty()) {
      throw new FrontDoorException(
          Kind.FORBIDDEN,
          "population-closed",
          "The job " + settings.job().name() + " has begun, and its population is closed.",
          "Wait for this coordinator's next job.");
    }
    if (population == null && finished) {
      throw new FrontDoorException(
          Kind.FORBIDDEN,
          "population-closed",
          "The job " + settings.job().name() + " was cancelled before it began.",
          "Wait for this coordinator's next job.");
    }
    desk.remember(request.getNonce(), now());
    Session session = sessions.computeIfAbsent(key, k -> new Session(k, now()));
    session.seen(now());
    session.certificate(request.getCertificate());
    byte[] bytes = new byte[TOKEN];
    random.nextBytes(bytes);
    ByteString token = ByteString.copyFrom(bytes);
    ByteString before = session.token(token);
    if (before != null) {
      tokens.remove(before);
    }
    tokens.put(token, session);
    if (population == null) {
      ByteString certificate = request.getCertificate();
      enrolled.put(key, new Member(key, certificate.isEmpty() ? null : certificate));
      if (enrolled.size() >= settings.population()) {
        start(new Population(new ArrayList<>(enrolled.values())));
      }
    } else {
      bind(session, population);
    }
    return introduce().toBuilder().setToken(token).build();
  }

  private CheckInReply release(CheckInRequest request) {
    ByteString key = request.getIdentity();
    OptionalInt member = population == null ? OptionalInt.empty() : population.indexOf(key);
    if (enrolled.containsKey(key) || store.isMember(key)) {
      desk.remember(request.getNonce(), now());
      enrolled.remove(key);
      store.withdraw(key, now());
      settings.listener().onWithdrawn(member.orElse(-1));
    }
    Session session = sessions.remove(key);
    if (session != null) {
      ByteString token = session.token(ByteString.EMPTY);
      if (token != null) {
        tokens.remove(token);
      }
      session.wake(false);
    }
    member.ifPresent(this::release);
    return introduce();
  }

  private void release(int member) {
    Objects.requireNonNull(population).withdraw(member);
    members.remove(member);
    spool.forget(member);
    FederatedTraining running = training;
    Plan plan = running == null ? null : running.plan();
    if (plan != null) {
      on(new Event.Received(member, withdrawn(ByteString.copyFrom(plan.sessionId()))));
    }
  }

  private static Envelope withdrawn(ByteString session) {
    return Envelope.newBuilder()
        .setSession(session)
        .setDecline(Decline.newBuilder().setCode("withdrawn"))
        .build();
  }

  private void bind(Session session, Population frozen) {
    OptionalInt index = frozen.indexOf(session.identity());
    if (index.isPresent()) {
      session.member(index.getAsInt());
      members.put(index.getAsInt(), session);
    }
  }

  private Session awaited(int member) {
    ByteString key = ByteString.copyFrom(Objects.requireNonNull(population).identityKey(member));
    Session session = sessions.computeIfAbsent(key, k -> new Session(k, Instant.EPOCH));
    session.member(member);
    return session;
  }

  private void start(Population frozen) {
    population = frozen;
    sessions.values().forEach(session -> bind(session, frozen));
    training =
        new FederatedTraining(
            new FederatedTraining.Context(
                settings.job(),
                frozen,
                store,
                settings.suite(),
                identity,
                verifier,
                settings.evaluator(),
                settings.listener(),
                NoiseSource.secure(),
                round -> Seed.random(random),
                this::present,
                spool::relayed,
                spool::kept));
    training.obey(jobDesk.said());
    loop.execute(() -> on(new Event.Start(Seed.random(random))));
  }

  private boolean present(int member) {
    Session session = members.get(member);
    return session != null
        && session.present(now())
        && verifier
            .refusal(
                session.certificate().toByteArray(), session.identity().toByteArray(), null, now())
            .isEmpty();
  }

  private void exchange(
      Session session, ExchangeRequest request, CompletableFuture<ExchangeReply> reply) {
    if (request.getMessagesCount() > MESSAGES) {
      throw new FrontDoorException(
          Kind.TOO_LARGE,
          "exchange-too-large",
          "An exchange carries at most " + MESSAGES + " messages.",
          "Send them one after the other.");
    }
    session.seen(now());
    session.acknowledge(request.getAcknowledged());
    List<Receipt> receipts = new ArrayList<>();
    for (Envelope message : request.getMessagesList()) {
      receipts.add(receive(session, message));
    }
    if (receipts.isEmpty()) {
      answer(session, request, receipts, reply);
    } else {
      answers.add(() -> answer(session, request, receipts, reply));
    }
  }

  private void answer(
      Session session,
      ExchangeRequest request,
      List<Receipt> receipts,
      CompletableFuture<ExchangeReply> reply) {
    long wait = Math.min(Integer.toUnsignedLong(request.getWaitMillis()), LONGEST_POLL.toMillis());
    if (finished || wait == 0 || !receipts.isEmpty() || session.hasMail()) {
      reply.complete(session.reply(receipts, over));
      return;
    }
    session.park(reply);
    Future<?> timer = loop.after(Duration.ofMillis(wait), () -> session.unpark(reply, now(), true));
    var unused = reply.whenComplete((answer, failure) -> timer.cancel(false));
  }

  private Receipt receive(Session session, Envelope message) {
    FederatedTraining running = training;
    if (running != null && running.heardEnough(session.member(), message.getSession())) {
      return Receipt.newBuilder().setAccepted(true).setCode("late").build();
    }
    if (running == null || !running.hears(session.member(), message.getSession())) {
      return refused("round-over", "The round of this message is not running.");
    }
    Body body = null;
    if (message.hasMaskedInput()) {
      Upload upload = spool.find(session.member());
      if (upload == null || !upload.complete()) {
        return refused("input-missing", "The input that this message announces is not here yet.");
      }
      body = Body.of(upload.file());
    }
    if (!isFromClient(message.getKindCase())) {
      return refused("message-unexpected", "A coordinator takes no message of this kind.");
    }
    on(new Event.Received(session.member(), message, body));
    return Receipt.newBuilder().setAccepted(true).build();
  }

  /** Whether a client says this, in any suite and on any graph. */
  static boolean isFromClient(Envelope.KindCase kind) {
    return switch (kind) {
      case DECLINE,
          ADVERTISE_KEYS,
          CHOICE,
          SHARE_KEYS,
          MASKED_INPUT,
          SIGNED_SURVIVORS,
          SAMPLE,
          UNMASK,
          ABORT ->
          true;
      default -> false;
    };
  }

  private static Receipt refused(String code, String reason) {
    return Receipt.newBuilder().setCode(code).setReason(reason).build();
  }

  private void on(Event event) {
    arrived.add(event);
  }

  /**
   * Gives the training all that has come, carries out what it wants, in order, and then answers:
   * what the training returns is durable, and so is what a receipt says.
   */
  private void settle() {
    List<Event> events = List.copyOf(arrived);
    arrived.clear();
    FederatedTraining running = training;
    if (running != null && !finished && !events.isEmpty()) {
      for (Effect effect : running.on(now(), events)) {
        perform(effect);
      }
      if (over || !finished) {
        Plan plan = running.plan();
        spool.enter(plan == null ? null : ByteString.copyFrom(plan.sessionId()));
      }
    }
    toWake.forEach(session -> session.wake(over));
    toWake.clear();
    List<Runnable> due = List.copyOf(answers);
    answers.clear();
    due.forEach(Runnable::run);
  }

  private void perform(Effect effect) {
    if (effect instanceof Effect.Send send) {
      if (Objects.requireNonNull(population).withdrew(send.to())) {
        return;
      }
      // Of a round that is taken up again, messages wait for members who are yet to come back.
      Session session = members.computeIfAbsent(send.to(), this::awaited);
      session.deliver(send.message(), send.body());
      toWake.add(session);
    } else if (effect instanceof Effect.Wake wake) {
      var unused = loop.after(Duration.between(now(), wake.at()), () -> on(new Event.Woken()));
    } else if (effect instanceof Effect.Run run) {
      loop.run(run.work(), result -> on(new Event.Ran(run.job(), result)));
    } else if (effect instanceof Effect.Finish finish) {
      finished = true;
      JobResult result = (JobResult) finish.result();
      if (result.outcome() == JobResult.Outcome.STOPPED) {
        refuseAll(); // The job goes on later: nobody is told that it is over.
      } else {
        over = true;
        toWake.addAll(sessions.values());
      }
      done.complete(result);
    }
  }

  private void fail(Throwable cause) {
    finished = true;
    sessions.values().forEach(session -> session.wake(false));
    done.completeExceptionally(cause);
    refuseAll();
  }

  /** Answers whatever waits, and from now on whatever comes. */
  private void refuseAll() {
    ended = true;
    unanswered.values().forEach(reply -> reply.completeExceptionally(FrontDoorException.stopped()));
  }

  /** Runs a task that answers a request, which is refused if the loop does not come to it. */
  private void ask(CompletableFuture<?> reply, Runnable task) {
    long number = requests.getAndIncrement();
    unanswered.put(number, reply);
    var unused = reply.whenComplete((answer, failure) -> unanswered.remove(number));
    if (!ended) {
      loop.execute(task);
    }
    if (ended) {
      reply.completeExceptionally(FrontDoorException.stopped());
    }
  }

  private Session session(ByteString token) {
    Session session = tokens.get(token);
    if (session == null) {
      throw FrontDoorException.unknownToken();
    }
    return session;
  }

  private Instant now() {
    return settings.clock().instant();
  }

  private <T> CompletableFuture<T> onLoop(Supplier<T> answer) {
    CompletableFuture<T> reply = new CompletableFuture<>();
    ask(
        reply,
        () -> {
          try {
            reply.complete(answer.get());
          } catch (FrontDoorException e) {
            reply.completeExceptionally(e);
          }
        });
    return reply;
  }
}
