package dev.tributary.client;

import com.google.protobuf.ByteString;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.client.round.ClientRound;
import dev.tributary.plan.Plan;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import dev.tributary.wire.Work;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a {@link ClientRound} time, threads, network and disk. One thread, the actor, hands the
 * machine its events and carries out its effects in their order; jobs run on a second one. At most
 * one round is under way: a new offer ends the one before it.
 */
final class RoundShell {
  private static final Logger LOG = LoggerFactory.getLogger(RoundShell.class);
  private static final Duration PATIENCE_WITHOUT_PLAN = Duration.ofMinutes(1);
  private static final int ENDED_REMEMBERED = 64;

  /** What the shell asks of the client around it. */
  interface Surroundings {
    ClientRound.Context context();

    boolean eligible();

    void offered(ClientRound round);

    void ended(ClientOutcome outcome);

    void broken(Throwable failure);
  }

  private final ClientThreads threads;
  private final Surroundings around;
  private final Outbox outbox;
  private final ClientJournal journal;
  private final Clock clock;
  private final RoundDraws draws;
  private final Deque<ByteString> ended = new ArrayDeque<>();
  private volatile @Nullable Active active;
  private volatile boolean closed;

  RoundShell(
      ClientThreads threads,
      Surroundings around,
      Outbox outbox,
      ClientJournal journal,
      Clock clock,
      RoundDraws draws) {
    this.threads = threads;
    this.around = around;
    this.outbox = outbox;
    this.journal = journal;
    this.clock = clock;
    this.draws = draws;
  }

  /** A round under way. */
  private static final class Active {
    final ByteString session;
    final ClientRound round;
    final List<Future<?>> tasks = new ArrayList<>();
    Instant until;

    Active(ByteString session, ClientRound round, Instant until) {
      this.session = session;
      this.round = round;
      this.until = until;
    }
  }

  boolean idle() {
    return active == null;
  }

  /** Hands a message to the actor. */
  void deliver(Envelope message) {
    act(() -> take(message));
  }

  /** Leaves the round under way, if there is one. */
  void leave(String reason) {
    act(() -> stopActive(reason));
  }

  /** Waits until everything delivered is done, and ends a round that is still under way then. */
  void finish(String reason) throws InterruptedException {
    try {
      threads.actor().submit(() -> guarded(() -> stopActive(reason))).get();
    } catch (RejectedExecutionException | ExecutionException e) {
      LOG.debug("the client was closed before it had finished");
    }
  }

  /** Ends the round under way after the actor's thread has ended; nothing more is sent. */
  void closeNow(String reason) {
    closed = true;
    stopActive(reason);
  }

  private void act(Runnable step) {
    try {
      threads.actor().execute(() -> guarded(step));
    } catch (RejectedExecutionException e) {
      LOG.debug("the client is closed; an event came too late");
    }
  }

  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | Error e) {
      active = null;
      around.broken(e);
    }
  }

  private void take(Envelope message) {
    Active now = active;
    if (now != null
        && message.hasOffer()
        && !ClientRound.isGenuine(around.context(), message.getSession(), message.getOffer())) {
      LOG.debug("an offer of another session's plan, or without a signature, was dropped");
    } else if (now != null && now.session.equals(message.getSession())) {
      feed(now, new Event.Received(Machine.COORDINATOR, message));
    } else if (message.hasOffer() && !ended.contains(message.getSession())) {
      offered(message);
    } else {
      LOG.debug("a message for a round that is over here was dropped");
    }
  }

  private void offered(Envelope message) {
    stopActive("another round was offered");
    Instant soon = clock.instant().plus(PATIENCE_WITHOUT_PLAN);
    if (!around.eligible()) {
      remember(message.getSession());
      send(
          Envelope.newBuilder()
              .setSession(message.getSession())
              .setDecline(
                  Decline.newBuilder()
                      .setCode("not-eligible")
                      .setReason("This machine may not train now."))
              .build(),
          soon);
      return;
    }
    Seed seed = draws.seed(message.getOffer());
    ClientRound round;
    Active started;
    List<Effect> effects;
    try {
      round = new ClientRound(around.context(), message.getOffer());
      started = new Active(message.getSession(), round, soon);
      active = started;
      effects = round.on(clock.instant(), new Event.Start(seed));
    } finally {
      seed.destroy();
    }
    round
        .plan()
        .ifPresent(
            plan -> {
              started.until = clock.instant().plus(plan.deadline());
              around.offered(round);
            });
    carryOut(started, effects);
  }

  private void send(Envelope message, Instant until) {
    try {
      outbox.send(message, until);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ClientException e) {
      LOG.debug("a decline did not reach the coordinator: {}", e.getMessage());
    }
  }

  private void feed(Active to, Event event) {
    if (active == to) {
      carryOut(to, to.round.on(clock.instant(), event));
    }
  }

  private void stopActive(String reason) {
    Active now = active;
    if (now != null) {
      feed(now, new Event.Stop(reason));
    }
  }

  /** In list order; when one cannot be done, those after it are not, and the round is stopped. */
  private void carryOut(Active of, List<Effect> effects) {
    for (Effect effect : effects) {
      try {
        carryOut(of, effect);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return; // the client is closing, and ends the round itself
      } catch (ClientException e) {
        giveUp(of, e);
        return;
      }
    }
  }

  private void giveUp(Active of, ClientException why) {
    of.round.on(clock.instant(), new Event.Stop(String.valueOf(why.getMessage())));
    String task = of.round.plan().map(Plan::task).orElse("");
    int number = of.round.plan().map(Plan::round).orElse(-1);
    finish(
        of,
        new ClientOutcome(
            ClientOutcome.Kind.ABORTED,
            task,
            number,
            why.code().text(),
            String.valueOf(why.getMessage())));
    if (isOfTheState(why)) {
      around.broken(why);
    }
  }

  private static boolean isOfTheState(ClientException why) {
    return switch (why.code()) {
      case STATE_DAMAGED, STATE_UNUSABLE -> true;
      default -> false;
    };
  }

  private void carryOut(Active of, Effect effect) throws InterruptedException {
    if (effect instanceof Effect.Finish finish) {
      finish(of, (ClientOutcome) finish.result());
    } else if (closed) {
      LOG.debug("the client is closed; an effect was left undone");
    } else if (effect instanceof Effect.Persist persist) {
      journal.persist(persist.entry());
    } else if (effect instanceof Effect.Send send) {
      Body body = send.body();
      if (body == null) {
        outbox.send(send.message(), of.until);
      } else {
        outbox.send(send.message(), body, of.until);
      }
    } else if (effect instanceof Effect.Wake wake) {
      long millis = Math.max(0, Duration.between(clock.instant(), wake.at()).toMillis() + 1);
      Runnable step = () -> guarded(() -> feed(of, new Event.Woken()));
      of.tasks.add(threads.actor().schedule(step, millis, TimeUnit.MILLISECONDS));
    } else if (effect instanceof Effect.Run run) {
      of.tasks.add(threads.worker().submit(() -> work(of, run.job(), run.work())));
    }
  }

  private void work(Active of, String job, Work work) {
    Object result;
    try {
      result = work.run();
    } catch (Throwable e) { // whatever a trainer throws ends its round, not the client
      result = new Failed(e);
    }
    Object came = result;
    act(() -> feed(of, new Event.Ran(job, came)));
  }

  private void finish(Active of, ClientOutcome outcome) {
    remember(of.session);
    active = null;
    of.tasks.forEach(task -> task.cancel(true));
    around.ended(outcome);
  }

  private void remember(ByteString session) {
    ended.addLast(session);
    if (ended.size() > ENDED_REMEMBERED) {
      ended.removeFirst();
    }
  }
}
