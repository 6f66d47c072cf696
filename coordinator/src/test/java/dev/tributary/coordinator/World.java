package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.coordinator.store.JobControl;
import dev.tributary.coordinator.store.Store;
import dev.tributary.plan.Plan;
import dev.tributary.plan.Segments;
import dev.tributary.privacy.AdaptiveClip;
import dev.tributary.privacy.Histogram;
import dev.tributary.privacy.UpdatePipeline;
import dev.tributary.privacy.insecure.InsecureSeededNoise;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/**
 * A training and its members in virtual time, on one thread: members answer offers after a while by
 * their behaviour, with updates that tests know.
 */
final class World {
  enum Behaviour {
    ANSWERS,
    SILENT,
    DECLINES,
    LATE
  }

  private record Timed(Instant at, long order, Runnable action) {}

  static final int MEMBERS = 30;
  static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final List<byte[]> KEYS = keys();

  private final PriorityQueue<Timed> queue =
      new PriorityQueue<>(Comparator.comparing(Timed::at).thenComparing(Timed::order));
  final List<RoundReport> reports = new ArrayList<>();

  /** Of the rounds that were offered, by number. */
  final SortedMap<Integer, Plan> plans = new TreeMap<>();

  final List<String> recovered = new ArrayList<>();
  final List<String> waiting = new ArrayList<>();
  final List<String> leftOut = new ArrayList<>();

  /** The rounds in which spares were asked, and for how many. */
  final SortedMap<Integer, Integer> replaced = new TreeMap<>();

  private final SumSuite suite;
  private final Map<String, Body> kept;
  private final IntFunction<Behaviour> behaviours;
  private final FederatedTraining training;
  private Instant now;
  private long order;
  private final List<Event> arrived = new ArrayList<>();
  private JobResult result;

  /** How many things that happen the training hears of at a time. */
  int together = 1;

  /** Sees what the training says, when it leaves. */
  Consumer<Effect.Send> leaving = send -> {};

  private final Map<Integer, Machine> members = new HashMap<>();
  private boolean dead;

  World(Job job, Store store, IntFunction<Behaviour> behaviours, IntPredicate present, long seed) {
    this(job, store, behaviours, present, seed, null);
  }

  World(
      Job job,
      Store store,
      IntFunction<Behaviour> behaviours,
      IntPredicate present,
      long seed,
      Evaluator evaluator) {
    this(job, store, behaviours, present, seed, evaluator, new InsecurePlainSum());
  }

  World(
      Job job,
      Store store,
      IntFunction<Behaviour> behaviours,
      IntPredicate present,
      long seed,
      Evaluator evaluator,
      SumSuite suite) {
    this(job, store, behaviours, present, seed, evaluator, suite, null, BEGIN);
  }

  /**
   * A world in which rounds are taken up again.
   *
   * @param kept uploads by name, which outlive a world; null where none does
   * @param begin when the process starts
   */
  World(
      Job job,
      Store store,
      IntFunction<Behaviour> behaviours,
      IntPredicate present,
      long seed,
      Evaluator evaluator,
      SumSuite suite,
      Map<String, Body> kept,
      Instant begin) {
    this.suite = suite;
    this.kept = kept;
    this.behaviours = behaviours;
    this.now = begin;
    Seed root = seed(seed);
    RoundListener listener =
        new RoundListener() {
          @Override
          public void onWaiting(int round, int of, int there, int needed) {
            waiting.add(round + " of " + of + ": " + there + " of " + needed);
          }

          @Override
          public void onReplaced(int round, int of, int members) {
            replaced.put(round, members);
          }

          @Override
          public void onRound(RoundReport report) {
            reports.add(report);
          }

          @Override
          public void onLeftOut(int round, String client) {
            leftOut.add(round + ": " + client);
          }

          @Override
          public void onRecovered(int round, String what) {
            recovered.add(round + ": " + what);
          }
        };
    this.training =
        new FederatedTraining(
            new FederatedTraining.Context(
                job,
                Population.ofKeys(KEYS),
                store,
                suite,
                Identity.fromSeed(root.derive("coordinator")),
                TrustAnchors.trustOnFirstUse().verifier(),
                evaluator,
                listener,
                new InsecureSeededNoise(root.derive("noise").bytes()),
                round -> root.derive("round", round),
                present,
                null,
                kept == null ? null : this::kept));
    event(now, new Event.Start(root.derive("start")));
  }

  static Seed seed(long number) {
    return Seed.of(new byte[32]).derive("test", number);
  }

  /** What a member's training gives, known to the test: float32[d]. */
  static float[] update(int member, int length) {
    float[] update = new float[length];
    for (int i = 0; i < length; i++) {
      update[i] = ((member * 31 + i * 17) % 21 - 10) / 64f;
    }
    return update;
  }

  /** Runs until the job ends. */
  JobResult run() {
    while (result == null && step()) {
      // until the end
    }
    return result;
  }

  /** Lets one thing happen, or several that are heard {@link #together}; false if none is left. */
  boolean step() {
    Timed first = queue.peek();
    for (int i = 0; i < together && !queue.isEmpty(); i++) {
      if (queue.peek().at().isAfter(first.at().plusMillis(100))) {
        break;
      }
      Timed next = queue.poll();
      now = next.at();
      next.action().run();
    }
    if (arrived.isEmpty()) {
      return !queue.isEmpty();
    }
    List<Event> events = List.copyOf(arrived);
    arrived.clear();
    List<Effect> effects = training.on(now, events);
    if (!dead) {
      effects.forEach(this::perform);
    }
    return true;
  }

  /** The process dies within what happens next: all is written, nothing leaves. */
  void dieWithin() {
    dead = true;
    step();
  }

  JobResult result() {
    return result;
  }

  Instant now() {
    return now;
  }

  void obey(JobControl.State said) {
    training.obey(said);
  }

  FederatedTraining.Progress progress() {
    return training.progress();
  }

  void stop() {
    event(now, new Event.Stop("enough"));
  }

  private void at(Instant time, Runnable action) {
    queue.add(new Timed(time.isBefore(now) ? now : time, order++, action));
  }

  private void event(Instant time, Event event) {
    at(time, () -> arrived.add(event));
  }

  private void perform(Effect effect) {
    if (effect instanceof Effect.Send send) {
      leaving.accept(send);
      at(now.plusMillis(5), () -> memberReceives(send.to(), send.message()));
    } else if (effect instanceof Effect.Wake wake) {
      event(wake.at(), new Event.Woken());
    } else if (effect instanceof Effect.Run run) {
      Object value;
      try {
        value = run.work().run();
      } catch (Exception e) {
        value = new Failed(e);
      }
      event(now.plusMillis(1), new Event.Ran(run.job(), value));
    } else if (effect instanceof Effect.Finish finish) {
      result = (JobResult) finish.result();
    } else {
      throw new AssertionError("a training persists by itself: " + effect);
    }
  }

  private void memberReceives(int member, Envelope message) {
    Machine inRound = members.get(member);
    if (!message.hasOffer()) {
      if (inRound != null) {
        Event received = new Event.Received(Machine.COORDINATOR, message, null);
        said(member, message.getSession(), inRound.on(now, received), Duration.ofMillis(20));
      }
      return;
    }
    switch (behaviours.apply(member)) {
      case ANSWERS -> answer(member, message, Duration.ofMillis(20 + member));
      case LATE -> answer(member, message, Duration.ofSeconds(60));
      case DECLINES ->
          event(
              now.plusMillis(10),
              new Event.Received(
                  member,
                  Envelope.newBuilder()
                      .setSession(message.getSession())
                      .setDecline(Decline.newBuilder().setCode("policy-epsilon").setReason("no"))
                      .build()));
      case SILENT -> {}
    }
  }

  private void answer(int member, Envelope offer, Duration after) {
    Plan plan = Plan.parse(offer.getOffer().getPlan().toByteArray());
    if (!ByteString.copyFrom(plan.sessionId()).equals(offer.getSession())) {
      throw new AssertionError("an offer of another session than its plan's");
    }
    plans.put(plan.round(), plan);
    int[] ring = contribution(plan, member);
    Machine client =
        suite.open(
            SumSession.client(
                plan.sum(),
                plan.sessionId(),
                offer.getOffer().getSlot(),
                Identity.fromSeed(seed(member).derive("identity")),
                null,
                TrustAnchors.trustOnFirstUse().verifier(),
                Schedule.of(now, plan.deadline(), suite.steps(plan.sum()))));
    members.put(member, client);
    Event input = new Event.Input(RingVector.of(plan.pipeline().ringBits(), ring));
    said(member, offer.getSession(), client.on(now, new Event.Start(seed(member))), after);
    said(member, offer.getSession(), client.on(now, input), after);
  }

  private void said(int member, ByteString session, List<Effect> effects, Duration after) {
    for (Effect effect : effects) {
      if (effect instanceof Effect.Send send) {
        if (kept != null && send.body() != null) {
          kept.put(name(session, member), send.body());
        }
        event(now.plus(after), new Event.Received(member, send.message(), send.body()));
      }
    }
  }

  private Body kept(ByteString session, int member) {
    Body body = kept.get(name(session, member));
    if (body == null) {
      throw new UncheckedIOException(new FileNotFoundException(name(session, member)));
    }
    return body;
  }

  private static String name(ByteString session, int member) {
    return member + " in " + HexFormat.of().formatHex(session.toByteArray());
  }

  /** What a member sends in the round of this plan. */
  static int[] contribution(Plan plan, int member) {
    float[] update = update(member, plan.updateLength());
    float[] rest =
        plan.clipBit() > 0 ? AdaptiveClip.joint(update, plan.restNorm(), plan.clipBit()) : update;
    float[] whole =
        plan.accuracyUnit() > 0
            ? Histogram.joint(
                rest,
                plan.pipeline().clipNorm(),
                plan.accuracyUnit(),
                plan.length(Segments.ACCURACY),
                bin(plan, member))
            : rest;
    byte[] noise = seed(plan.round()).derive("member", member).bytes();
    return new UpdatePipeline(plan.pipeline()).encode(whole, new InsecureSeededNoise(noise)).ring();
  }

  /** Members do ever better, from round to round too. */
  static int bin(Plan plan, int member) {
    return Math.min(plan.length(Segments.ACCURACY) - 1, member % 4 + plan.round());
  }

  static byte[] key(int member) {
    return KEYS.get(member).clone();
  }

  private static List<byte[]> keys() {
    List<byte[]> keys = new ArrayList<>();
    for (int member = 0; member < MEMBERS; member++) {
      keys.add(Identity.fromSeed(seed(member).derive("identity")).publicKey());
    }
    return keys;
  }
}
