package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.TrainingState.RoundEnd;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.round.Round;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundResult;
import dev.tributary.coordinator.store.JobControl;
import dev.tributary.coordinator.store.Member;
import dev.tributary.coordinator.store.RoundEvent;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.BudgetExceededException;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.secagg.CertificateVerifier;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.StepReport;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSuite;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Scratch;
import dev.tributary.wire.Seed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The job's loop as a machine: plan, reserve, round, apply, commit, until the rounds or the budget
 * are used up. Addresses are population indices. Ends in {@link JobResult}.
 *
 * <p>Durable before visible: the store is written inside {@link #on}, in the order of the effects,
 * so that no message leaves before what it rests on. A new machine over the same store goes on
 * where the old one stopped, within the round in flight if its inputs were kept.
 */
public final class FederatedTraining implements Machine {
  private static final String APPLY = "apply/";

  /** How often a round that waits for its clients looks for them again. */
  static final Duration LOOK = Duration.ofMillis(250);

  private final Context context;
  private final Planner planner;
  private @Nullable TrainingState state;
  private @Nullable Pending pending;
  private @Nullable LiveRound running;
  private @Nullable LiveRound last;
  private @Nullable Applying applying;
  private boolean finished;

  /** When the last round was offered, and the shortest time between two offers. */
  private @Nullable Instant offered;

  private @Nullable Duration shortest;
  private JobControl.State said = JobControl.State.RUNNING;

  /**
   * What a training needs from its surroundings.
   *
   * @param population its indices are the addresses of messages
   * @param coordinator signs the offers
   * @param verifier of the clients' certificates; null only for a suite without identities
   * @param evaluator measures released models; null where nothing is to be measured
   * @param centralNoise used by jobs with central noise alone, for their noise and for cohorts that
   *     are drawn by coins
   * @param seeds all the randomness of a round by its number, 0 for what comes before round 1
   * @param present whether a member was seen lately; who was not is not asked
   * @param relayed makes the place for the key material of a round, for at most so many bytes; null
   *     for the heap
   * @param inputs finds what a member uploaded to a session before a restart; null where uploads do
   *     not outlive the process, so that a round in flight is given up
   */
  public record Context(
      Job job,
      Population population,
      Store store,
      SumSuite suite,
      Identity coordinator,
      @Nullable CertificateVerifier verifier,
      @Nullable Evaluator evaluator,
      RoundListener listener,
      NoiseSource centralNoise,
      IntFunction<Seed> seeds,
      IntPredicate present,
      @Nullable LongFunction<Scratch> relayed,
      @Nullable Inputs inputs) {}

  /** Where uploads lie. */
  @FunctionalInterface
  public interface Inputs {
    /** The whole input of a member. */
    Body of(ByteString session, int member);
  }

  /**
   * A round that waits for enough clients to be there: of its cohort, or, where that is a sample,
   * of all clients, since neither the wait nor the draw may know anything of the other.
   *
   * @param asked whose presence counts: its cohort and its spares, or everybody
   * @param needed of them, before anyone is asked
   * @param since when it was due
   * @param report when the listener is told that it still waits
   */
  private record Pending(
      int number, Seed seed, List<Integer> asked, int needed, Instant since, Instant report) {
    Pending dueAt(Instant now, Instant next) {
      return new Pending(number, seed, asked, needed, now, next);
    }

    Pending reportAt(Instant next) {
      return new Pending(number, seed, asked, needed, since, next);
    }
  }

  /**
   * What a round that cannot be offered waits for.
   *
   * @param there members of its cohort that are there; of all clients, where it is yet to be drawn
   * @param needed of them, before anyone is asked
   * @param time since it was due
   */
  public record Waiting(int round, int there, int needed, Duration time) {}

  /**
   * How far the job is.
   *
   * @param inFlight number of the round in flight; null if there is none
   * @param model digest of the last released model, or of the first one
   */
  public record Progress(
      int committed,
      int aborted,
      @Nullable Integer inFlight,
      String model,
      TaskStore.Spent spent) {}

  /** A round whose sum is known and whose model is being made. */
  private record Applying(int number, RoundResult result, SumResult.RingSum sum) {}

  /**
   * A training that has not started.
   *
   * @throws RuntimeException as {@link Planner} does, for a job that cannot run
   */
  public FederatedTraining(Context context) {
    this.context = context;
    this.planner = new Planner(context.job(), context.suite().id());
  }

  @Override
  public List<Effect> on(Instant now, Event event) {
    return on(now, List.of(event));
  }

  /**
   * Several events that came one after the other. What is written of them is written together, so
   * that a thousand messages at a time do not wait for the disk a thousand times.
   */
  public List<Effect> on(Instant now, List<Event> events) {
    List<Effect> effects = new ArrayList<>();
    for (Event event : events) {
      if (!finished) {
        take(now, event, effects);
      }
    }
    if (state != null) {
      state.store().flush();
    }
    return effects;
  }

  private void take(Instant now, Event event, List<Effect> effects) {
    if (event instanceof Event.Start) {
      state =
          TrainingState.open(
              context.job(),
              context.store(),
              context.population(),
              context.seeds().apply(0),
              context.centralNoise(),
              context.listener(),
              context.inputs() != null,
              now);
      RoundRecord left = state.leftRunning();
      if (said == JobControl.State.CANCELLED) {
        if (left != null) {
          state.giveUp(left, now);
        }
        finish(JobResult.Outcome.CANCELLED, "cancelled", null, effects);
      } else if (left == null) {
        next(now, effects);
      } else {
        resume(now, left, effects);
      }
    } else if (state != null) {
      dispatch(now, event, effects);
    }
  }

  /** Whether a message of this session would be heard: the shell answers its sender accordingly. */
  public boolean hears(int member, ByteString session) {
    return running != null && running.hears(member, session);
  }

  /**
   * Whether a message of this session comes late: its round has just ended, early for its sender,
   * which finds the result or the reason in its mailbox.
   */
  public boolean heardEnough(int member, ByteString session) {
    return last != null && last.hears(member, session);
  }

  /**
   * From now on the job does what was said: no round begins while it is paused; once it is
   * cancelled, a {@link Event.Stop}, or its start, is its end.
   */
  public void obey(JobControl.State now) {
    said = now;
  }

  /** Whether it has started, before which nobody can join. */
  boolean started() {
    return state != null;
  }

  /** Why nobody can join any more; null where somebody can. */
  @Nullable String closed() {
    return finished ? "is over" : training().closed();
  }

  /** Takes a member in, behind the others; durable when this returns. */
  void join(Member member) {
    training().join(member);
  }

  /** How far the job is; null before it has started. */
  public @Nullable Progress progress() {
    TrainingState now = state;
    if (now == null) {
      return null;
    }
    Integer inFlight =
        running != null
            ? (Integer) running.number()
            : applying != null ? (Integer) applying.number() : null;
    return now.progress(inFlight);
  }

  /** What the next round waits for, if too few of its cohort are there to offer it. */
  public @Nullable Waiting waiting(Instant now) {
    Pending round = pending;
    if (round == null || said == JobControl.State.PAUSED) {
      return null;
    }
    int there = seats(round).there();
    return there < round.needed()
        ? new Waiting(round.number(), there, round.needed(), Duration.between(round.since(), now))
        : null;
  }

  /**
   * Whether a member has a part in the round in flight, or in the one that waits for its cohort.
   */
  public boolean asks(int member) {
    Pending round = pending;
    return (running != null && running.cohort().contains(member))
        || (round != null && (context.job().sampled() || round.asked().contains(member)));
  }

  /**
   * How long at least no round can ask a member, as its schedule says: the rounds before its next,
   * each as long as the shortest of this process. Zero where that is not known.
   */
  public Duration rests(int member) {
    TrainingState now = state;
    Duration each = shortest;
    if (now == null || each == null) {
      return Duration.ZERO;
    }
    int earliest = Math.min(now.selector().earliest(member), context.job().rounds() + 1);
    return each.multipliedBy(Math.max(0, earliest - now.nextRound()));
  }

  /** The plan of the round in flight, if there is one. */
  public @Nullable Plan plan() {
    return running == null ? null : running.plan();
  }

  private void dispatch(Instant now, Event event, List<Effect> effects) {
    LiveRound round = running;
    if (event instanceof Event.Received received) {
      if (round != null && hears(received.from(), received.message().getSession())) {
        follow(now, round, round.receive(now, received), effects);
      }
    } else if (event instanceof Event.Ran ran && ran.job().startsWith(APPLY)) {
      applied(now, ran, effects);
    } else if (event instanceof Event.Ran ran) {
      if (round != null) {
        follow(now, round, round.ran(now, ran), effects);
      }
    } else if (event instanceof Event.Stop stop) {
      stop(now, stop, effects);
    } else if (round != null) {
      follow(now, round, round.woken(now), effects);
    } else if (pending != null) {
      offer(now, effects);
    }
  }

  /** Does what a round wants, and what follows from its end. */
  private void follow(Instant now, LiveRound round, List<Effect> wanted, List<Effect> effects) {
    effects.addAll(wanted);
    RoundResult result = round.result();
    if (result != null) {
      summed(now, round, result, effects);
    }
  }

  private void next(Instant now, List<Effect> effects) {
    TrainingState training = training();
    if (!training.roundsLeft()) {
      finish(JobResult.Outcome.COMPLETED, "", null, effects);
      return;
    }
    training.letWithdrawnGo();
    int number = training.takeRound();
    Seed seed = context.seeds().apply(number);
    Instant report = now.plus(context.job().deadline());
    int floor = planner.sum().floor();
    if (context.job().sampled()) {
      // As many as let a cohort of their part of the clients reach the floor on average.
      int everybody = context.population().size();
      int size = cohortSize();
      int needed = (int) (((long) everybody * floor + size - 1) / size);
      List<Integer> asked = IntStream.range(0, everybody).boxed().toList();
      pending = new Pending(number, seed, asked, needed, now, report);
    } else {
      List<Integer> drawn = training.selector().select(number, seed.derive("cohort"));
      pending = new Pending(number, seed, drawn, floor, now, report);
    }
    // A wake-up of its own for every round: many rounds that end at once do not nest.
    effects.add(new Effect.Wake(now));
  }

  /**
   * Offers the pending round once enough clients are there. Until then nothing is reserved and no
   * round is used up, however long it takes. A sample is drawn then, and is never drawn again: if
   * too few of it are there, the round is charged and given up like any other.
   */
  private void offer(Instant now, List<Effect> effects) {
    Pending round = Objects.requireNonNull(pending);
    if (said == JobControl.State.PAUSED) {
      pending = round.dueAt(now, now.plus(context.job().deadline()));
      effects.add(new Effect.Wake(now.plus(LOOK)));
      return;
    }
    Seats seats = seats(round);
    int there = seats.there();
    if (there < round.needed()) {
      if (!now.isBefore(round.report())) {
        context.listener().onWaiting(round.number(), context.job().rounds(), there, round.needed());
        pending = round.reportAt(now.plus(context.job().deadline()));
      }
      effects.add(new Effect.Wake(now.plus(LOOK)));
      return;
    }
    pending = null;
    if (context.job().sampled()) {
      List<Integer> cohort =
          training().selector().select(round.number(), round.seed().derive("cohort"));
      begin(now, round, Seats.of(cohort, cohort.size(), absent(cohort)), effects);
    } else {
      begin(now, round, seats, effects);
    }
  }

  /** Who would have which slot now; of a sample that is yet to be drawn, everybody has one. */
  private Seats seats(Pending round) {
    int size = context.job().sampled() ? round.asked().size() : cohortSize();
    return Seats.of(round.asked(), size, absent(round.asked()));
  }

  private int cohortSize() {
    return context.job().cohort().size();
  }

  private BitSet absent(List<Integer> asked) {
    BitSet absent = new BitSet();
    for (int slot = 0; slot < asked.size(); slot++) {
      int member = asked.get(slot);
      if (!context.present().test(member) || training().leavesOut(member)) {
        absent.set(slot);
      }
    }
    return absent;
  }

  private void begin(Instant now, Pending round, Seats seats, List<Effect> effects) {
    TrainingState training = training();
    List<Integer> cohort = seats.cohort();
    BitSet absent = seats.absent();
    Plan plan =
        planner.plan(
            round.number(),
            training.modelDigest(),
            training.modelBytes(),
            training.controlDigest(),
            round.seed(),
            training.clipNorm());
    Seed seed = round.seed().derive("sum");
    training.selector().take(round.number(), seats.drawn());
    try {
      training
          .store()
          .reserve(
              round.number(),
              plan.bytes(),
              cohort,
              seats.drawn(),
              training.selector().sampling().event(planner.event()),
              training.selector().participations(),
              context.inputs() == null
                  ? null
                  : RoundReplay.started(now, seed, absent, cohort.size()));
    } catch (BudgetExceededException e) {
      finish(JobResult.Outcome.BUDGET_SPENT, String.valueOf(e.getMessage()), null, effects);
      return;
    }
    LiveRound started = live(round.number(), plan, cohort, absent);
    running = started;
    Duration apart = offered == null ? null : Duration.between(offered, now);
    offered = now;
    if (apart != null && (shortest == null || apart.compareTo(shortest) < 0)) {
      shortest = apart;
    }
    int of = context.job().rounds();
    if (seats.replaced() > 0) {
      context.listener().onReplaced(round.number(), of, seats.replaced());
    }
    context.listener().onOffered(round.number(), of, cohort.size(), absent.cardinality());
    follow(now, started, started.start(now, seed), effects);
  }

  private LiveRound live(int number, Plan plan, List<Integer> cohort, BitSet absent) {
    List<byte[]> keys = new ArrayList<>();
    for (int member : cohort) {
      keys.add(context.population().identityKey(member));
    }
    Round machine =
        new Round(
            plan,
            context.suite(),
            context.coordinator(),
            new Round.Cohort(keys, absent, context.verifier(), context.population().certified()),
            context.relayed());
    return new LiveRound(
        number, plan, machine, cohort, training().store(), context.inputs() != null);
  }

  /** Takes the round up that an earlier process left in flight. */
  private void resume(Instant now, RoundRecord left, List<Effect> effects) {
    TaskStore store = training().store();
    List<Integer> cohort = left.cohort();
    RoundEvent started = store.events(left.round()).iterator().next();
    LiveRound round =
        live(
            left.round(),
            Plan.parse(store.plan(left.round())),
            cohort,
            RoundReplay.absent(started, cohort.size()));
    Inputs inputs = Objects.requireNonNull(context.inputs());
    List<Effect> again = new ArrayList<>();
    try {
      int events = round.resume(member -> inputs.of(round.session(), member), again);
      context
          .listener()
          .onRecovered(left.round(), "taken up again where it was, by " + events + " events");
    } catch (RuntimeException e) {
      // An input of it is gone, or the program has become another: nothing of it may be said twice.
      context.listener().onRecovered(left.round(), "cannot be taken up again: " + e.getMessage());
      training().giveUp(left, now);
      next(now, effects);
      return;
    }
    running = round;
    again.add(new Effect.Wake(now));
    follow(now, round, again, effects);
  }

  private void summed(Instant now, LiveRound round, RoundResult result, List<Effect> effects) {
    TrainingState training = training();
    last = round;
    if (result.sum() instanceof SumResult.Aborted aborted) {
      running = null;
      training.abort(
          round.number(), end(aborted.code(), aborted.reason(), result, aborted.steps(), now));
      next(now, effects);
      return;
    }
    SumResult.RingSum sum = (SumResult.RingSum) result.sum();
    training.noteWrongShares(round.number(), round.cohort(), sum.wrongShares());
    Job job = context.job();
    boolean due = round.number() % job.evaluation().every() == 0 || round.number() == job.rounds();
    ModelUpdate update =
        new ModelUpdate(
            round.number(),
            training.base(),
            round.plan(),
            sum.sum(),
            ModelUpdate.denominator(job.strategy().denominator(), cohortSize(), result.survivors()),
            context.population().size(),
            training::strategy,
            context.centralNoise(),
            training.keptNoise(),
            planner.nextClipNorm(training.clipNorm()),
            due ? context.evaluator() : null);
    applying = new Applying(round.number(), result, sum);
    running = null;
    effects.add(new Effect.Run(APPLY + round.number(), update));
  }

  private void applied(Instant now, Event.Ran ran, List<Effect> effects) {
    Applying round = applying;
    if (round == null || !ran.job().equals(APPLY + round.number())) {
      if (ran.result() instanceof ModelUpdate.Result unwanted) {
        unwanted.close();
      }
      return;
    }
    applying = null;
    if (ran.result() instanceof Failed failed) {
      String reason = "making the model failed: " + failed.cause();
      training()
          .abort(
              round.number(),
              lost(end("INTERNAL", reason, round.result(), round.sum().steps(), now)));
      finish(JobResult.Outcome.FAILED, reason, failed.cause(), effects);
      return;
    }
    try (ModelUpdate.Result made = (ModelUpdate.Result) ran.result()) {
      training()
          .commit(round.number(), end("", "", round.result(), round.sum().steps(), now), made);
    }
    next(now, effects);
  }

  /**
   * Ends the job. What is in flight is called off, unless the job is to go on later: then it stays
   * as it is and is taken up again.
   */
  private void stop(Instant now, Event.Stop stop, List<Effect> effects) {
    boolean cancelled = said == JobControl.State.CANCELLED;
    if (cancelled || context.inputs() == null) {
      callOff(now, stop, effects);
    }
    running = null;
    applying = null;
    finish(
        cancelled ? JobResult.Outcome.CANCELLED : JobResult.Outcome.STOPPED,
        stop.reason(),
        null,
        effects);
  }

  private void callOff(Instant now, Event.Stop stop, List<Effect> effects) {
    LiveRound round = running;
    Applying made = applying;
    if (round != null) {
      effects.addAll(round.stop(now, stop));
      RoundResult result = Objects.requireNonNull(round.result(), "a stopped round has ended");
      if (result.sum() instanceof SumResult.Aborted aborted) {
        training()
            .abort(
                round.number(), end(aborted.code(), stop.reason(), result, aborted.steps(), now));
      }
    } else if (made != null) {
      training()
          .abort(
              made.number(),
              lost(end("STOPPED", stop.reason(), made.result(), made.sum().steps(), now)));
    }
  }

  private static RoundEnd end(
      String code, String reason, RoundResult result, List<StepReport> steps, Instant now) {
    return new RoundEnd(
        code,
        reason,
        result.outcomes().size(),
        new TreeMap<>(result.dropped()),
        new TreeMap<>(result.declined()),
        result.sum() instanceof SumResult.RingSum sum ? sum.wrongShares() : List.of(),
        steps,
        result.started(),
        now);
  }

  /** The same end with no survivors: their updates reached no model. */
  private static RoundEnd lost(RoundEnd end) {
    TreeMap<String, Integer> dropped = new TreeMap<>(end.dropped());
    dropped.merge(RoundResult.ROUND_LOST, end.survivors(), Integer::sum);
    return new RoundEnd(
        end.code(),
        end.reason(),
        end.cohort(),
        dropped,
        end.declined(),
        end.wrongShares(),
        end.steps(),
        end.started(),
        end.ended());
  }

  private void finish(
      JobResult.Outcome outcome, String reason, @Nullable Throwable failure, List<Effect> effects) {
    finished = true;
    pending = null;
    effects.add(new Effect.Finish(training().result(outcome, reason, failure)));
  }

  private TrainingState training() {
    return Objects.requireNonNull(state, "the training has not started");
  }
}
