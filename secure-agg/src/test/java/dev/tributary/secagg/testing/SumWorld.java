package dev.tributary.secagg.testing;

import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.EnrolmentAuthority;
import dev.tributary.secagg.Floors;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.Step;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.wire.Bulk;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Entry;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Envelope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * One session in virtual time: a coordinator, its clients, links that keep their order, random
 * delays and a network that a test may bend. The same seed gives the same run.
 */
public final class SumWorld {

  /** What becomes of a message on its way. */
  @FunctionalInterface
  public interface Network {
    /** What arrives in place of this message: none, itself, others. */
    List<Effect.Send> carry(int from, Effect.Send send);
  }

  private record Delivery(long at, long order, int to, Event event) {}

  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  public static final Duration DEADLINE = Duration.ofSeconds(100);

  /** Milliseconds from the start until no input is taken any more: 0.1 + 0.1 + 0.6 of the time. */
  private static final long INPUT_ENDS = 80_000;

  /** Far more events than any session has. */
  private static final int MOST_EVENTS = 1_000_000;

  public final SumParameters parameters;
  public final byte[] sid;
  public final Identity[] identities;
  public final Certificate[] certificates;
  public final int[][] inputs;
  public final Machine[] clients;
  public final SumResult[] results;
  public final List<List<Entry>> entries = new ArrayList<>();
  public final List<Entry> serverEntries = new ArrayList<>();
  public final List<Effect.Send> sent = new ArrayList<>();
  public final EnrolmentAuthority authority;
  public Machine server;
  public SumResult result;
  public Instant endedAt;

  private final SumSuite suite;
  private final TrustAnchors anchors;
  private final List<byte[]> keys;
  private final Schedule schedule;
  private final Map<Integer, Event> starts = new HashMap<>();
  private final long seed;
  private final Random random;
  private final PriorityQueue<Delivery> queue =
      new PriorityQueue<>(
          (a, b) -> a.at != b.at ? Long.compare(a.at, b.at) : Long.compare(a.order, b.order));
  private final Map<Integer, Long> linkFreeAt = new HashMap<>();
  private final Map<Integer, Envelope.KindCase> dropBefore = new HashMap<>();
  private final BitSet gone = new BitSet();
  private final BitSet late = new BitSet();
  private Network network = (from, send) -> List.of(send);
  private long orders;
  private long now;
  private boolean inputsFirst;
  private boolean declareDrops;

  public SumWorld(SumSuite suite, SumParameters parameters, long seed) {
    this(suite, parameters, seed, true);
  }

  public SumWorld(SumSuite suite, SumParameters parameters, long seed, boolean certified) {
    this(suite, parameters, seed, certified, null);
  }

  /** The same people and inputs in a session of another id. */
  public SumWorld again(byte[] otherSid) {
    return new SumWorld(suite, parameters, seed, true, otherSid);
  }

  private SumWorld(
      SumSuite suite, SumParameters parameters, long seed, boolean certified, byte[] otherSid) {
    this.suite = suite;
    this.parameters = parameters;
    this.seed = seed;
    this.random = new Random(seed);
    int n = parameters.clients();
    byte[] drawn = bytes(32);
    sid = otherSid == null ? drawn : otherSid;
    identities = new Identity[n];
    certificates = new Certificate[n];
    inputs = new int[n][parameters.length()];
    clients = new Machine[n];
    results = new SumResult[n];
    authority = EnrolmentAuthority.fromSeed("people", Seed.of(bytes(32)), new SecureRandom());
    TrustAnchors anchors = certified ? authority.anchors() : TrustAnchors.trustOnFirstUse();
    Schedule schedule = Schedule.of(START, DEADLINE, suite.steps(parameters));
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      identities[i] = Identity.fromSeed(Seed.of(bytes(32)));
      keys.add(identities[i].publicKey());
      certificates[i] =
          authority.issue(
              identities[i].publicKey(), START.minusSeconds(60), START.plusSeconds(3600));
      entries.add(new ArrayList<>());
      for (int e = 0; e < parameters.length(); e++) {
        inputs[i][e] = random.nextInt() & RingVector.mask(parameters.ringBits());
      }
    }
    this.anchors = anchors;
    this.keys = keys;
    this.schedule = schedule;
    server = freshServer();
    for (int i = 0; i < n; i++) {
      clients[i] = freshClient(i);
    }
  }

  /** Another machine of the coordinator's end. */
  public Machine freshServer() {
    return suite.open(
        SumSession.coordinator(parameters, sid, keys, anchors.verifier(), schedule)
            .withPopulation(anchors.certified() ? "people" : null));
  }

  /** Another machine of a client's end. */
  public Machine freshClient(int i) {
    return suite.open(
        SumSession.client(
                parameters,
                sid,
                i,
                identities[i],
                anchors.certified() ? certificates[i] : null,
                anchors.verifier(),
                schedule)
            .withFloors(Floors.NONE));
  }

  /** Names of the steps, in order. */
  public List<String> stepNames() {
    return schedule.steps().stream().map(Step::name).toList();
  }

  /** When the step with this name ends. */
  public Instant endOf(String step) {
    return schedule.endOf(step);
  }

  /** The event that started an end, the coordinator's or a client's, in {@link #run}. */
  public Event start(int who) {
    return starts.get(who);
  }

  /** From its first message of this kind on, the client is gone. */
  public SumWorld drop(int client, Envelope.KindCase before) {
    dropBefore.put(client, before);
    return this;
  }

  /** The client's masked input arrives when its step is over. */
  public SumWorld lateInput(int client) {
    late.set(client);
    return this;
  }

  /** The shell tells the coordinator of each drop. */
  public SumWorld declaringDrops() {
    declareDrops = true;
    return this;
  }

  public SumWorld inputsFirst() {
    inputsFirst = true;
    return this;
  }

  public SumWorld network(Network bent) {
    network = bent;
    return this;
  }

  /** Runs until nothing more happens, and returns the coordinator's result. */
  public SumResult run() {
    begin(0, Machine.COORDINATOR);
    for (int i = 0; i < clients.length; i++) {
      long at = 0;
      begin(at, i);
      post(at + (inputsFirst ? 1 : 200 + random.nextInt(30_000)), i, input(i));
    }
    for (int handled = 0; !queue.isEmpty(); handled++) {
      if (handled == MOST_EVENTS) {
        throw new AssertionError("the session does not come to an end");
      }
      Delivery next = queue.poll();
      now = next.at;
      handle(next.to, next.event);
    }
    return result;
  }

  private void begin(long at, int who) {
    starts.put(who, new Event.Start(Seed.of(bytes(32))));
    post(at, who, starts.get(who));
  }

  public Event input(int client) {
    return new Event.Input(RingVector.of(parameters.ringBits(), inputs[client]));
  }

  private void handle(int to, Event event) {
    if (to >= 0 && gone.get(to)) {
      return;
    }
    Machine machine = to < 0 ? server : clients[to];
    for (Effect effect : machine.on(START.plusMillis(now), event)) {
      carryOut(to, effect);
      if (to >= 0 && gone.get(to)) {
        return;
      }
    }
  }

  private void carryOut(int who, Effect carried) {
    Effect effect = who < 0 ? joined(carried) : carried;
    if (effect instanceof Effect.Send send) {
      if (who >= 0 && send.message().getKindCase() == dropBefore.get(who)) {
        gone.set(who);
        if (declareDrops) {
          post(
              now + 1,
              Machine.COORDINATOR,
              new Event.Received(
                  who,
                  Envelope.newBuilder()
                      .setSession(com.google.protobuf.ByteString.copyFrom(sid))
                      .setDecline(dev.tributary.wire.v1.Decline.newBuilder().setCode("GONE"))
                      .build()));
        }
        return;
      }
      sent.add(send);
      for (Effect.Send arriving : network.carry(who, send)) {
        transmit(who, arriving);
      }
    } else if (effect instanceof Effect.Wake wake) {
      post(Duration.between(START, wake.at()).toMillis(), who, new Event.Woken());
      post(now, who, new Event.Woken());
    } else if (effect instanceof Effect.Run run) {
      Object outcome;
      try {
        outcome = run.work().run();
      } catch (Exception e) {
        outcome = new Failed(e);
      }
      post(now + random.nextInt(20), who, new Event.Ran(run.job(), outcome));
    } else if (effect instanceof Effect.Persist persist) {
      (who < 0 ? serverEntries : entries.get(who)).add(persist.entry());
    } else if (effect instanceof Effect.Finish finish) {
      if (who < 0) {
        if (result != null) {
          throw new AssertionError("the coordinator finished twice");
        }
        result = (SumResult) finish.result();
        endedAt = START.plusMillis(now);
      } else {
        if (results[who] != null) {
          throw new AssertionError("client " + who + " finished twice");
        }
        results[who] = (SumResult) finish.result();
      }
    }
  }

  /** What the coordinator sends, with the rest of it that lies elsewhere. */
  private static Effect joined(Effect effect) {
    if (!(effect instanceof Effect.Send send) || send.body() == null) {
      return effect;
    }
    try {
      return new Effect.Send(send.to(), Bulk.whole(send.message(), send.body()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void transmit(int from, Effect.Send send) {
    int link = from < 0 ? send.to() : -1 - from - 1;
    long at = Math.max(now + 1 + random.nextInt(400), linkFreeAt.getOrDefault(link, 0L) + 1);
    if (from >= 0 && late.get(from) && send.message().hasMaskedInput()) {
      at = Math.max(at, INPUT_ENDS + 1 + random.nextInt(1000));
    }
    linkFreeAt.put(link, at);
    post(
        at,
        from < 0 ? send.to() : Machine.COORDINATOR,
        new Event.Received(from < 0 ? Machine.COORDINATOR : from, send.message(), send.body()));
  }

  /** Puts an event on the calendar, in milliseconds from the start. */
  public void post(long at, int to, Event event) {
    queue.add(new Delivery(Math.max(at, now), orders++, to, event));
  }

  /** The plain sum over these slots, in the ring. */
  public int[] plainSum(BitSet slots) {
    int[] sum = new int[parameters.length()];
    slots.stream()
        .forEach(
            slot -> {
              for (int e = 0; e < sum.length; e++) {
                sum[e] += inputs[slot][e];
              }
            });
    int mask = RingVector.mask(parameters.ringBits());
    for (int e = 0; e < sum.length; e++) {
      sum[e] &= mask;
    }
    return sum;
  }

  public static int[] values(RingVector vector) {
    int[] values = new int[vector.length()];
    vector.read(0, values, values.length);
    return values;
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
