package dev.tributary.client;

import com.google.protobuf.ByteString;
import dev.tributary.client.ClientException.Code;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.client.round.ClientRound;
import dev.tributary.client.round.ModelSource;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a client: wait until eligible, get certified, check in, poll; again from the start
 * when the token is gone. What the poll brings goes to the {@link RoundShell}.
 */
final class ClientLoop implements RoundShell.Surroundings {
  private static final Logger LOG = LoggerFactory.getLogger(ClientLoop.class);
  private static final Duration ELIGIBILITY = Duration.ofSeconds(30);

  private final ClientSettings settings;
  private final Transport transport;
  private final StateDirectory state;
  private final Identity identity;
  private final CompletableFuture<@Nullable Void> done;
  private final CertificateVerifier verifier;
  private final ClientJournal journal;
  private final ClientThreads threads;
  private final RoundShell shell;
  private final Outbox outbox;
  private final CheckIn checkIn;
  private final Backoff backoff;
  private final AtomicReference<@Nullable Connection> connection = new AtomicReference<>();
  private volatile @Nullable Certificate certificate;
  private volatile Preview preview;
  private final HostedTrainer trainer;
  private final CountingTransport counted;
  private final Object held = new Object();
  private volatile boolean paused;
  private volatile boolean stopping;
  private volatile @Nullable Offered offered;
  private Instant lastHeard;

  ClientLoop(
      ClientSettings settings,
      Transport transport,
      StateDirectory state,
      Identity identity,
      ClientJournal journal,
      CompletableFuture<@Nullable Void> done) {
    this.settings = settings;
    counted = new CountingTransport(transport);
    this.transport = counted;
    trainer = new HostedTrainer(settings.trainer(), this::pace, this::trained);
    this.state = state;
    this.identity = identity;
    this.done = done;
    this.journal = journal;
    verifier = settings.trust().verifier();
    certificate = state.certificate().orElse(null);
    threads = new ClientThreads("tributary", this::run);
    backoff = new Backoff(settings.random());
    outbox =
        new Outbox(
            counted,
            connection,
            this::accept,
            settings.clock(),
            settings.pause(),
            settings.random());
    shell = new RoundShell(threads, this, outbox, journal, settings.clock(), settings.draws());
    checkIn = new CheckIn(counted, state, identity, settings.clock(), settings.random());
    preview = Preview.ofCheckIn(certificateBytes());
    lastHeard = settings.clock().instant();
  }

  /** The round under way: what would leave in it, and where the counters stood at its offer. */
  private record Offered(
      Plan plan, SumSuite suite, Instant at, long trained, long sent, long received) {}

  void hold() {
    paused = true;
    shell.leave("the app paused the client");
  }

  void goOn() {
    synchronized (held) {
      paused = false;
      held.notifyAll();
    }
  }

  private Pace pace(TrainingRequest request) {
    return new HostPace(
        settings.trainingShare(),
        System::nanoTime,
        settings.pause(),
        done -> tell(listener -> listener.onProgress(request.taskName(), request.round(), done)));
  }

  private void trained(TrainingRequest request, float[] update) {
    Offered now = offered;
    if (now != null && now.plan().round() == request.round()) {
      Preview known = Preview.ofTraining(now.plan(), now.suite(), request.model().spec(), update);
      preview = known;
      tell(listener -> listener.onTrained(known));
    }
  }

  void start() {
    threads.start();
  }

  /** Ends everything; false if a thread outlived the seconds given. */
  boolean stop(long seconds) {
    stopping = true;
    threads.stop();
    try {
      boolean ended = threads.awaitEnd(seconds);
      shell.closeNow("the client was closed");
      return ended;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  Preview preview() {
    return preview;
  }

  void trust(TrustAnchors newer) {
    verifier.trust(newer);
  }

  private long certificateBytes() {
    Certificate known = certificate;
    return known == null ? 0 : known.bytes().length;
  }

  private void run() {
    try {
      work();
      done.complete(null);
    } catch (InterruptedException e) {
      done.complete(null);
    } catch (RuntimeException | Error e) {
      fail(e); // Nobody waits for what a thread has died of.
    } finally {
      threads.stopWorking();
      tell(ClientListener::onDone);
    }
  }

  private void fail(Throwable e) {
    if (stopping) {
      done.complete(null);
    } else {
      done.completeExceptionally(e);
    }
  }

  private void work() throws InterruptedException {
    boolean over = false;
    while (!over) {
      awaitEligible();
      CheckIn.Answer answer = persistently(this::certifyAndCheckIn);
      Connection open = answer.connection();
      if (open == null) {
        comeBack(answer.window());
        continue;
      }
      connection.set(open);
      tell(listener -> listener.onCheckedIn(answer.task()));
      over = poll(open);
    }
  }

  private void awaitEligible() throws InterruptedException {
    if (eligible()) {
      return;
    }
    tell(ClientListener::onWaiting);
    while (!eligible()) {
      if (paused) {
        synchronized (held) {
          while (paused) {
            held.wait();
          }
        }
      } else {
        settings.pause().sleep(ELIGIBILITY);
      }
    }
  }

  private CheckIn.Answer certifyAndCheckIn() throws InterruptedException {
    certify();
    return checkIn.ask(settings.job(), certificate);
  }

  private void certify() throws InterruptedException {
    Certificate known = certificate;
    if (known != null && refusal(known).isEmpty()) {
      return;
    }
    try {
      Optional<Certificate> fresh = settings.enrolment().enrol(identity.publicKey());
      if (fresh.isEmpty()) {
        if (verifier.certified()) {
          throw new ClientException(
              Code.CONFIGURATION_INVALID,
              "Members must be certified, but the enrolment gave no certificate. Give builder().enrolment(...).");
        }
        return;
      }
      Optional<String> refusal = refusal(fresh.get());
      if (refusal.isPresent()) {
        throw new ClientException(
            Code.ENROLMENT_FAILED,
            "The enrolment gave a certificate that does not hold: " + refusal.get() + ".");
      }
      state.keep(fresh.get());
      certificate = fresh.get();
    } catch (IOException e) {
      throw new ClientException(
          Code.ENROLMENT_FAILED, "The client could not get its identity certified: " + e, e);
    }
  }

  private Optional<String> refusal(Certificate shown) {
    return verifier.refusal(shown.bytes(), identity.publicKey(), null, settings.clock().instant());
  }

  /** Whether the certificate that was shown at the check-in does not hold any more. */
  private boolean lapsed() {
    Certificate shown = certificate;
    return shown != null && refusal(shown).isPresent();
  }

  /** Polls until the job is over (true), or a new check-in is due (false). */
  private boolean poll(Connection open) throws InterruptedException {
    LongPoll poll = new LongPoll();
    Backoff early = new Backoff(settings.random());
    while (!shell.idle() || (eligible() && !lapsed())) {
      ExchangeReply reply;
      Instant asked = settings.clock().instant();
      try {
        reply = persistently(() -> held(open, poll));
      } catch (ClientException e) {
        if (e.code() == Code.TOKEN_EXPIRED) {
          return false;
        }
        throw e;
      }
      accept(open, reply);
      if (reply.getFinished()) {
        shell.finish("the job is over");
        return true;
      }
      Duration took = Duration.between(asked, settings.clock().instant());
      if (reply.getDeliveriesCount() > 0 || !poll.early(took)) {
        early.succeeded();
      } else if (reply.getRetryAfterMillis() == 0) {
        settings.pause().sleep(early.afterFailure(Duration.ZERO));
      }
      if (reply.getRetryAfterMillis() != 0) {
        comeBack(Duration.ofMillis(Integer.toUnsignedLong(reply.getRetryAfterMillis())));
      }
    }
    return false;
  }

  private void comeBack(Duration window) throws InterruptedException {
    Duration wait = backoff.window(window);
    tell(listener -> listener.onToldToComeBack(wait));
    settings.pause().sleep(wait);
  }

  private ExchangeReply held(Connection open, LongPoll poll) throws InterruptedException {
    Instant asked = settings.clock().instant();
    try {
      int millis = (int) poll.hold().toMillis();
      return transport.exchange(open.token(), open.request().setWaitMillis(millis).build());
    } catch (ClientException e) {
      if (e.code() == Code.COORDINATOR_UNREACHABLE) {
        poll.cut(Duration.between(asked, settings.clock().instant()));
      }
      throw e;
    }
  }

  private interface Request<T> {
    T send() throws InterruptedException;
  }

  private <T> T persistently(Request<T> request) throws InterruptedException {
    while (true) {
      try {
        T answer = request.send();
        backoff.succeeded();
        lastHeard = settings.clock().instant();
        return answer;
      } catch (ClientException e) {
        Duration wait = backoff.afterFailure(e.window());
        if (!e.code().passing() || givesUp()) {
          throw e;
        }
        if (e.code() == Code.TOKEN_EXPIRED) {
          connection.set(null);
          settings.pause().sleep(wait);
          throw e;
        }
        LOG.debug("{}", e.getMessage());
        tell(listener -> listener.onTrouble(e, wait));
        settings.pause().sleep(wait);
      }
    }
  }

  private boolean givesUp() {
    Duration patience = settings.giveUpAfter();
    return patience != null
        && Duration.between(lastHeard, settings.clock().instant()).compareTo(patience) > 0;
  }

  private void accept(Connection open, ExchangeReply reply) {
    synchronized (open) {
      for (Envelope message : open.take(reply)) {
        shell.deliver(message);
      }
    }
  }

  @Override
  public ClientRound.Context context() {
    Connection open = Objects.requireNonNull(connection.get(), "offers come after the check-in");
    ModelSource models =
        (digest, length) ->
            outbox.fetch(
                digest,
                length,
                settings.clock().instant().plus(settings.policy().maximumDeadline()));
    return new ClientRound.Context(
        identity,
        certificate,
        verifier,
        ByteString.copyFrom(open.coordinatorKey()),
        settings.policy(),
        trainer,
        models,
        settings.draws().noise(),
        journal,
        settings.suites(),
        state.memory());
  }

  @Override
  public boolean eligible() {
    return !paused && settings.eligibility().mayTrain();
  }

  @Override
  public void offered(ClientRound round) {
    round
        .plan()
        .ifPresent(
            plan -> {
              SumSuite suite = settings.suites().apply(plan.sum().suite());
              if (suite != null) {
                preview = Preview.ofRound(plan, suite);
                offered =
                    new Offered(
                        plan,
                        suite,
                        settings.clock().instant(),
                        trainer.nanos(),
                        counted.sent(),
                        counted.received());
                tell(listener -> listener.onOffer(preview));
              }
            });
  }

  @Override
  public void ended(ClientOutcome outcome) {
    preview = Preview.ofCheckIn(certificateBytes());
    Cost cost = cost(offered);
    offered = null;
    tell(listener -> listener.onRound(outcome, cost));
  }

  private Cost cost(@Nullable Offered round) {
    return round == null
        ? Cost.NONE
        : new Cost(
            Duration.between(round.at(), settings.clock().instant()),
            Duration.ofNanos(trainer.nanos() - round.trained()),
            counted.sent() - round.sent(),
            counted.received() - round.received());
  }

  @Override
  public void broken(Throwable failure) {
    fail(failure);
    threads.stop();
  }

  private void tell(Consumer<ClientListener> what) {
    try {
      what.accept(settings.listener());
    } catch (RuntimeException | Error e) {
      LOG.warn("the app's listener failed: {}", e.toString());
    }
  }
}
