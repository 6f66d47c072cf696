package dev.tributary.client.round;

import com.google.protobuf.ByteString;
import dev.tributary.client.ClientJournal;
import dev.tributary.client.Cohort;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSuite;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One round in virtual time: client rounds against the server's sum machine, messages in order. */
public final class VirtualRound {
  private record Happening(int at, Event event) {}

  private record Alarm(Instant time, int at) {}

  private final Cohort cohort;
  private final Plan plan;
  private final Machine server;
  private final Map<Integer, ClientRound> clients = new TreeMap<>();
  private final Map<Integer, ClientJournal> journals = new HashMap<>();
  private final Map<Integer, ClientOutcome> outcomes = new TreeMap<>();
  private final List<Envelope> sent = new ArrayList<>();
  private final Deque<Happening> queue = new ArrayDeque<>();
  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>((a, b) -> a.time().compareTo(b.time()));
  private Instant now = Cohort.NOW;
  private @Nullable Object sum;
  private Predicate<Envelope> lost = message -> false;

  public VirtualRound(Cohort cohort, Plan plan) {
    this.cohort = cohort;
    this.plan = plan;
    SumSuite suite = Objects.requireNonNull(Cohort.suite(plan.sum().suite()));
    Schedule schedule = Schedule.of(now, plan.deadline(), suite.steps(plan.sum()));
    List<byte[]> keys = cohort.identities.stream().map(each -> each.publicKey()).toList();
    server =
        suite.open(
            SumSession.coordinator(
                plan.sum(), plan.sessionId(), keys, cohort.trust().verifier(), schedule));
    queue.add(
        new Happening(
            Machine.COORDINATOR, new Event.Start(cohort.seed.derive("server", plan.round()))));
  }

  /** Messages from clients that never arrive. */
  public VirtualRound losing(Predicate<Envelope> which) {
    lost = which;
    return this;
  }

  public void add(int member, ClientRound.Context context) {
    clients.put(member, new ClientRound(context, cohort.offer(plan, member)));
    journals.put(member, context.journal());
    queue.add(
        new Happening(member, new Event.Start(cohort.seed.derive("client", plan.round(), member))));
  }

  public void addAll() {
    for (int member = 0; member < cohort.size; member++) {
      add(member, cohort.context(member));
    }
  }

  public VirtualRound run() {
    while (sum == null || outcomes.size() < clients.size()) {
      Happening next = queue.poll();
      if (next == null) {
        Alarm alarm = Objects.requireNonNull(alarms.poll(), "nothing happens any more");
        now = alarm.time().isAfter(now) ? alarm.time() : now;
        next = new Happening(alarm.at(), new Event.Woken());
      }
      Machine machine = next.at() < 0 ? server : clients.get(next.at());
      for (Effect effect : machine.on(now, next.event())) {
        carryOut(next.at(), effect);
      }
    }
    return this;
  }

  private void carryOut(int at, Effect effect) {
    if (effect instanceof Effect.Send send) {
      send(at, send.to(), send.message(), send.body());
    } else if (effect instanceof Effect.Wake wake) {
      alarms.add(new Alarm(wake.at(), at));
    } else if (effect instanceof Effect.Run run) {
      Object result;
      try {
        result = run.work().run();
      } catch (Exception e) {
        result = new Failed(e);
      }
      queue.add(new Happening(at, new Event.Ran(run.job(), result)));
    } else if (effect instanceof Effect.Persist persist && at >= 0) {
      journals.get(at).persist(persist.entry());
    } else if (effect instanceof Effect.Finish finish) {
      if (at < 0) {
        sum = finish.result();
      } else {
        outcomes.put(at, (ClientOutcome) finish.result());
      }
    }
  }

  private void send(int from, int to, Envelope message, @Nullable Body body) {
    if (from >= 0) {
      sent.add(message);
      if (lost.test(message)) {
        return;
      }
    }
    int receiver = from >= 0 ? Machine.COORDINATOR : to;
    if (receiver < 0 || clients.containsKey(receiver)) {
      queue.add(new Happening(receiver, new Event.Received(from, message, body)));
    }
  }

  public Object sum() {
    return Objects.requireNonNull(sum);
  }

  public Map<Integer, ClientOutcome> outcomes() {
    return outcomes;
  }

  /** Everything that clients sent. */
  public List<Envelope> sent() {
    return sent;
  }

  ByteString session() {
    return ByteString.copyFrom(plan.sessionId());
  }
}
