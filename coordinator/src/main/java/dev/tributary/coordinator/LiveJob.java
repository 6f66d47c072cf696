package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.JobControl;
import dev.tributary.coordinator.store.Member;
import dev.tributary.coordinator.store.Sharing;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.Identity;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.RingPacking;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.CheckInRequest;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import dev.tributary.wire.v1.Receipt;
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
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One job of a coordinator: who has checked in for it, who takes part, what they upload, and its
 * training. Confined to the coordinator's loop; only its work runs elsewhere, on threads of its
 * own, so that the work of one job does not wait for another's.
 *
 * <p>Before the job starts the population is whoever checked in; at its start it is written down.
 * Whoever checks in later joins it, where the job lets it.
 */
final class LiveJob implements AutoCloseable {
  private static final int MESSAGES = 16;
  static final Duration LONGEST_POLL = Duration.ofSeconds(30);

  /** How long after the end of a job messages of its last round may come. */
  private static final Duration LATE = Duration.ofMinutes(1);

  private final Job job;
  private final JobHost.Terms terms;
  private final Shared shared;
  private final TaskStore task;
  private final Spool spool;
  private final JobDesk desk;
  private final Workers workers;
  private final CompletableFuture<JobResult> done = new CompletableFuture<>();

  private final Map<ByteString, Session> sessions = new HashMap<>();
  private final Map<ByteString, Member> enrolled = new LinkedHashMap<>();
  private final Map<Integer, Session> members = new HashMap<>();
  private final Set<Session> toWake = new LinkedHashSet<>();

  /** What has come for the training, and who is answered once it is durable. */
  private final List<Event> arrived = new ArrayList<>();

  private final List<Answer> answers = new ArrayList<>();
  private final long term;
  private @Nullable Population population;
  private @Nullable FederatedTraining training;
  private FederatedTraining.@Nullable Progress last;
  private String failure = "";
  private boolean finished;

  /** Whether clients are told that the job is over; one that is stopped is not. */
  private boolean over;

  /**
   * What all jobs of a process have in common.
   *
   * @param workers threads of each job
   * @param draws of each job's rounds; {@code random} is for all else
   * @param disk gives the disk what uploads have written, while they go on
   * @param pace how many clients are borne
   * @param stopped runs when a job has stopped because the process ends
   */
  record Shared(
      Store store,
      Identity identity,
      CertificateVerifier verifier,
      Loop loop,
      Clock clock,
      SecureRandom random,
      JobDraws draws,
      int workers,
      Executor disk,
      CheckInPace pace,
      Runnable stopped) {}

  /** Somebody who waits, and what is said once what came before it is durable. */
  private record Answer(CompletableFuture<?> reply, Runnable say) {}

  LiveJob(Job job, JobHost.Terms terms, Shared shared) {
    this.job = job;
    this.terms = terms;
    this.shared = shared;
    this.task = shared.store().task(name(), Planner.budget(job));
    this.spool =
        new Spool(
            shared.store().directory(),
            name(),
            scratch -> new PatientScratch(scratch, shared.store()),
            shared.disk());
    this.desk = new JobDesk(job, shared.store());
    this.workers = new Workers(shared.workers());
    this.term = shared.store().mailboxTerm();
  }

  /** Takes up what an earlier process left. */
  void load() {
    desk.load();
    List<Member> stored = task.population();
    if (stored.isEmpty()) {
      obey("cancelled before it began");
    } else {
      Population frozen = new Population(stored);
      task.withdrawn().forEach(frozen::withdraw);
      start(frozen);
    }
  }

  String name() {
    return job.name();
  }

  /** The population that certificates must name; null where any will do. */
  @Nullable String certified() {
    String population = job.privacy().population();
    return population.equals("default") ? null : population;
  }

  /** Whether it goes on. Safe for any thread. */
  boolean open() {
    return !done.isDone();
  }

  /** Refuses whatever is asked of a job that cannot go on in this process. */
  void requireUp() {
    if (done.isCompletedExceptionally()) {
      throw FrontDoorException.stopped();
    }
  }

  /** Completes when the job has ended; fails when it cannot go on. */
  CompletableFuture<JobResult> done() {
    return done.copy();
  }

  Coordinator.Status status() {
    return new Coordinator.Status(
        name(),
        there(),
        awaited(),
        population != null,
        finished,
        desk.paused(),
        training == null ? null : training.waiting(now()),
        spool.relayedBytes());
  }

  /** How it stands, for those who administer it. */
  JobStatus standing() {
    if (done.isCompletedExceptionally()) {
      return desk.failed(clients(), failure);
    }
    FederatedTraining running = training;
    FederatedTraining.Progress progress = running == null ? last : running.progress();
    FederatedTraining.Waiting waiting = running == null ? null : running.waiting(now());
    return desk.status(clients(), population != null, progress, waiting, done.getNow(null));
  }

  private JobStatus.Clients clients() {
    Population all = population;
    return all == null
        ? new JobStatus.Clients(enrolled.size(), terms.population(), 0, 0)
        : new JobStatus.Clients(
            all.enrolled(),
            all.size(),
            Math.max(0, all.size() - terms.population()),
            all.withdrawn().size());
  }

  private int there() {
    return population == null ? enrolled.size() : population.enrolled();
  }

  private int awaited() {
    return population == null ? terms.population() : population.size();
  }

  /** Does what somebody says of it; the reply comes when that is durable and done. */
  void say(String who, JobControl.State to, CompletableFuture<JobStatus> reply) {
    desk.say(who, to, finished);
    obey("cancelled by " + who);
    answers.add(new Answer(reply, () -> reply.complete(standing())));
  }

  /** Does what was said at another coordinator. */
  void heed(JobControl.State said) {
    if (open() && desk.heed(said)) {
      obey("cancelled at another coordinator");
    }
  }

  /** The key of a member that has left at another coordinator; null if that is known here. */
  @Nullable ByteString leaver(int member) {
    return population == null || member >= population.size() || population.withdrew(member)
        ? null
        : ByteString.copyFrom(population.identityKey(member));
  }

  private void obey(String reason) {
    boolean cancelled = desk.said() == JobControl.State.CANCELLED;
    if (training != null) {
      training.obey(desk.said());
      if (cancelled) {
        arrived.add(new Event.Stop(reason));
      }
    } else if (cancelled) {
      perform(new Effect.Finish(desk.neverBegan(reason)));
    }
  }

  /** Refuses a key that has no part in the job. */
  void requireOpenTo(ByteString key) {
    if (population != null && population.indexOf(key).isEmpty()) {
      String why = notJoining(key, population);
      if (why != null) {
        throw closed(why);
      }
    }
    if (population == null && finished) {
      throw closed("was cancelled before it began");
    }
  }

  private @Nullable String notJoining(ByteString key, Population begun) {
    if (job.cohort().joining() == Job.Joining.CLOSED) {
      return "has begun, and its population is closed";
    }
    if (begun.hasLeft(key)) {
      return "has had this client, which has withdrawn";
    }
    if (training == null) {
      return "is over";
    }
    return training.started() ? training.closed() : null;
  }

  /** How long a client is to wait before it can join; zero for all but a job's first moment. */
  Duration joinsAfter(ByteString key) {
    boolean starting = training != null && !training.started();
    return starting && indexOf(key).isEmpty() ? Duration.ofSeconds(1) : Duration.ZERO;
  }

  private FrontDoorException closed(String why) {
    return new FrontDoorException(
        Kind.FORBIDDEN,
        "population-closed",
        "The job " + name() + " " + why + ".",
        "Wait for this coordinator's next job.");
  }

  /** The session of a client that is let in. */
  Session session(CheckInRequest request) {
    Session session =
        sessions.computeIfAbsent(request.getIdentity(), key -> new Session(key, term, now()));
    session.seen(now());
    session.certificate(request.getCertificate());
    return session;
  }

  /**
   * The session of somebody who shows a token of this job. A member that checked in under an
   * earlier process goes on with the certificate that it joined with; where that is refused, or the
   * job has not begun, it has to check in again.
   *
   * @param issued when the token was
   */
  Optional<Session> session(ByteString identity, Instant issued) {
    Session known = sessions.get(identity);
    if (known != null && known.certificate() != null) {
      return known.replaced(issued) ? Optional.empty() : Optional.of(known);
    }
    OptionalInt index = indexOf(identity);
    if (index.isEmpty()) {
      return Optional.empty();
    }
    ByteString joined =
        Objects.requireNonNull(population).members().get(index.getAsInt()).certificate();
    ByteString certificate = joined == null ? ByteString.EMPTY : joined;
    if (refused(identity, certificate)) {
      return Optional.empty();
    }
    Session session = members.computeIfAbsent(index.getAsInt(), this::awaited);
    session.certificate(certificate);
    return Optional.of(session);
  }

  private boolean refused(ByteString identity, ByteString certificate) {
    return shared
        .verifier()
        .refusal(certificate.toByteArray(), identity.toByteArray(), null, now())
        .isPresent();
  }

  /** From now on nobody goes on with a token whose certificate is refused now. */
  void dropRefused() {
    for (Session session : sessions.values()) {
      ByteString shown = session.certificate();
      if (shown != null && refused(session.identity(), shown)) {
        session.certificate(null);
        session.wake(false);
      }
    }
  }

  /** Gives a client that was let in its place; the last that is awaited starts the job. */
  void seat(Session session) {
    ByteString key = session.identity();
    ByteString certificate = session.certificate();
    boolean none = certificate == null || certificate.isEmpty();
    Member member = new Member(key, none ? null : certificate);
    if (population != null) {
      if (population.indexOf(key).isEmpty()) {
        Objects.requireNonNull(training).join(member);
      }
      bind(session, population);
      return;
    }
    enrolled.put(key, member);
    if (enrolled.size() >= terms.population()) {
      start(new Population(new ArrayList<>(enrolled.values())));
    }
  }

  /** Whether a key is awaited or a member. */
  boolean knows(ByteString key) {
    return enrolled.containsKey(key) || indexOf(key).isPresent();
  }

  private OptionalInt indexOf(ByteString key) {
    return population == null ? OptionalInt.empty() : population.indexOf(key);
  }

  /** Tells of a client that has withdrawn, before it is let go. */
  void tellWithdrawn(ByteString key) {
    terms.listener().onWithdrawn(indexOf(key).orElse(-1));
  }

  /** Lets a client go that has withdrawn. */
  void release(ByteString key) {
    enrolled.remove(key);
    Session session = sessions.remove(key);
    if (session != null) {
      session.wake(false);
    }
    indexOf(key).ifPresent(this::release);
  }

  private void release(int member) {
    Objects.requireNonNull(population).withdraw(member);
    members.remove(member);
    spool.forget(member);
    Plan plan = training == null ? null : training.plan();
    if (plan != null) {
      arrived.add(new Event.Received(member, withdrawn(ByteString.copyFrom(plan.sessionId()))));
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
    Session session = sessions.computeIfAbsent(key, k -> new Session(k, term, Instant.EPOCH));
    session.member(member);
    return session;
  }

  private void start(Population frozen) {
    population = frozen;
    sessions.values().forEach(session -> bind(session, frozen));
    training =
        new FederatedTraining(
            new FederatedTraining.Context(
                job,
                frozen,
                shared.store(),
                terms.suite(),
                shared.identity(),
                shared.verifier(),
                terms.evaluator(),
                terms.listener(),
                shared.draws().centralNoise(),
                shared.draws()::seed,
                this::present,
                spool::relayed,
                this::kept));
    training.obey(desk.said());
    later(Duration.ZERO, new Event.Start(Seed.random(shared.random())));
  }

  private boolean present(int member) {
    Session session = members.get(member);
    if (session == null || !session.present(now())) {
      return false;
    }
    ByteString certificate = session.certificate();
    return certificate != null && !refused(session.identity(), certificate);
  }

  /** Takes a client's messages and brings what waits for it, at the latest after its wait. */
  void exchange(Session session, ExchangeRequest request, CompletableFuture<ExchangeReply> reply) {
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
      answers.add(new Answer(reply, () -> answer(session, request, receipts, reply)));
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
    Duration later = notWantedFor(session.member());
    if (!later.isZero()) {
      reply.complete(
          ExchangeReply.newBuilder().setRetryAfterMillis((int) later.toMillis()).build());
      return;
    }
    session.park(reply);
    Future<?> timer =
        shared.loop().after(Duration.ofMillis(wait), () -> session.unpark(reply, now(), true));
    var unused = reply.whenComplete((answer, failure) -> timer.cancel(false));
  }

  /**
   * Whether a client has a part in the round in flight, or in the one that waits for its cohort.
   */
  boolean needs(ByteString identity) {
    OptionalInt member = indexOf(identity);
    return member.isPresent() && training != null && training.asks(member.getAsInt());
  }

  /**
   * How long a client that asks for nothing but to wait need not: of a population that is larger
   * than what may wait, until its job goes on or its schedule lets it be in a round again. Zero
   * where it should wait. Nothing of this follows from who is there, and none of it decides who is
   * chosen.
   */
  private Duration notWantedFor(int member) {
    CheckInPace pace = shared.pace();
    if (awaited() <= pace.parked()) {
      return Duration.ZERO;
    }
    FederatedTraining running = training;
    if (running != null && running.asks(member)) {
      return Duration.ZERO;
    }
    if (running == null || desk.paused()) {
      return pace.window(awaited());
    }
    Duration rests = running.rests(member);
    Duration shortest = Duration.ofSeconds(30);
    return rests.compareTo(shortest) < 0 ? Duration.ZERO : pace.within(rests);
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
      body = input(running, session.member());
      if (body == null) {
        return refused("input-missing", "The input that this message announces is not here yet.");
      }
    }
    if (!isFromClient(message.getKindCase())) {
      return refused("message-unexpected", "A coordinator takes no message of this kind.");
    }
    arrived.add(new Event.Received(session.member(), message, body));
    return Receipt.newBuilder().setAccepted(true).build();
  }

  /** What a member has uploaded to the round in flight; null if that is not whole. */
  private @Nullable Body input(FederatedTraining running, int member) {
    Sharing sharing = shared.store().sharing();
    Plan plan = running.plan();
    if (sharing != null && plan != null) {
      Body body = sharing.inputs().of(name(), plan.round(), member);
      return body.length() == inputLength(plan) ? body : null;
    }
    Upload upload = spool.find(member);
    return upload == null || !upload.complete() ? null : upload.body();
  }

  /** What a member had uploaded to the round that is taken up. */
  private Body kept(ByteString session, int member) {
    Sharing sharing = shared.store().sharing();
    if (sharing == null) {
      return spool.kept(session, member);
    }
    int round = sharing.inputs().running(name()).orElseThrow().round();
    Body body = sharing.inputs().of(name(), round, member);
    if (body.length() == 0) {
      throw new IllegalStateException("an input that was accepted is gone");
    }
    return body;
  }

  private static long inputLength(Plan plan) {
    return RingPacking.packedLength(plan.sum().length(), plan.sum().ringBits());
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

  /** The file of a model that one of its rounds released, or of the control variate beside it. */
  Path model(String digest) {
    return model(shared.store(), name(), digest, training == null ? null : training.plan());
  }

  /**
   * The same for a job that may run elsewhere.
   *
   * @param plan of its round in flight; null if there is none
   */
  static Path model(Store store, String job, String digest, @Nullable Plan plan) {
    boolean control = plan != null && !digest.isEmpty() && plan.controlDigest().equals(digest);
    if (!control && (!digest.matches("[0-9a-f]{64}") || store.modelLength(job, digest).isEmpty())) {
      throw new FrontDoorException(
          Kind.NOT_FOUND,
          "model-unknown",
          "No round of this coordinator released a model " + digest + ".",
          "Ask for the digest that the plan names.");
    }
    return store.blobs().file(digest);
  }

  /** Where a client's input of a session goes, and how far it has come. */
  Upload upload(Session caller, ByteString session) {
    Plan plan = training == null ? null : training.plan();
    if (plan == null || !Objects.requireNonNull(training).hears(caller.member(), session)) {
      throw FrontDoorException.roundOver();
    }
    return spool.of(caller.member(), inputLength(plan));
  }

  /** Ends what this process does for the job; the next one takes up the round in flight. */
  void stop(String reason) {
    if (training == null) {
      fail(new StoppedException(reason));
    } else {
      arrived.add(new Event.Stop(reason));
    }
  }

  /**
   * Gives the training all that has come, carries out what it wants, in order, and then answers:
   * what the training returns is durable, and so is what a receipt says.
   */
  void settle() {
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
    List<Answer> due = List.copyOf(answers);
    answers.clear();
    due.forEach(answer -> answer.say().run());
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
      later(Duration.between(now(), wake.at()), new Event.Woken());
    } else if (effect instanceof Effect.Run run) {
      workers.run(
          run.work(),
          result -> shared.loop().execute(() -> arrived.add(new Event.Ran(run.job(), result))));
    } else if (effect instanceof Effect.Finish finish) {
      finished = true;
      JobResult result = (JobResult) finish.result();
      if (result.outcome() == JobResult.Outcome.STOPPED) {
        shared.stopped().run(); // The job goes on later: nobody is told that it is over.
      } else {
        over = true;
        toWake.addAll(sessions.values());
        last = training == null ? null : training.progress();
        // It is remembered by its figures: its models and sums are not kept in memory.
        var unused = shared.loop().after(LATE, () -> training = null);
      }
      done.complete(result);
    }
  }

  private void later(Duration delay, Event event) {
    var unused = shared.loop().after(delay, () -> arrived.add(event));
  }

  /** Ends it without a result; who waits for an answer that would not be true is refused. */
  void fail(Throwable cause) {
    finished = true;
    failure = String.valueOf(cause.getMessage());
    training = null;
    arrived.clear();
    FrontDoorException refusal =
        cause instanceof StoreException moved && moved.code().equals(StoreException.JOB_TAKEN_OVER)
            ? FrontDoorException.moving()
            : FrontDoorException.stopped();
    answers.forEach(answer -> answer.reply().completeExceptionally(refusal));
    answers.clear();
    sessions.values().forEach(session -> session.wake(false));
    done.completeExceptionally(cause);
  }

  /** Ends what it does here at once; what is under way is not waited for. */
  void leave() {
    Loop.named("tributary-leaving").newThread(workers::close).start();
    spool.close();
  }

  @Override
  public void close() {
    workers.close();
    spool.close();
  }

  private Instant now() {
    return shared.clock().instant();
  }
}
