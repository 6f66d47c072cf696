package dev.tributary.client;

import com.google.protobuf.ByteString;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSuite;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Delivery;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ExchangeReply;
import dev.tributary.wire.v1.ExchangeRequest;
import dev.tributary.wire.v1.Receipt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rounds of a test's coordinator: once all members have checked in, one round after another
 * with the server end of a real sum machine, then the end of the job.
 */
final class TestRounds implements AutoCloseable {
  final List<Object> results = new CopyOnWriteArrayList<>();
  final List<Envelope> received = new CopyOnWriteArrayList<>();
  private final Cohort cohort;
  private final Function<Integer, Plan> plans;
  private final int rounds;
  private final List<byte[]> keys = new ArrayList<>();
  private final Set<ByteString> past = new HashSet<>();
  private final List<List<Delivery>> boxes = new ArrayList<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private int number = -1;
  private long sequence;
  private @Nullable Plan plan;
  private @Nullable Machine server;

  TestRounds(Cohort cohort, int rounds, Function<Integer, Plan> plans) {
    this.cohort = cohort;
    this.rounds = rounds;
    this.plans = plans;
  }

  synchronized int enrol(byte[] key) {
    for (int member = 0; member < keys.size(); member++) {
      if (java.util.Arrays.equals(keys.get(member), key)) {
        return member;
      }
    }
    keys.add(key);
    boxes.add(new ArrayList<>());
    if (keys.size() == cohort.size) {
      next();
    }
    return keys.size() - 1;
  }

  private void next() {
    number++;
    if (plan != null) {
      past.add(ByteString.copyFrom(plan.sessionId()));
    }
    server = null;
    if (number == rounds) {
      notifyAll();
      return;
    }
    Plan now = plans.apply(number);
    plan = now;
    SumSuite suite = Objects.requireNonNull(Cohort.suite(now.sum().suite()));
    Schedule schedule = Schedule.of(Instant.now(), now.deadline(), suite.steps(now.sum()));
    server =
        suite.open(
            SumSession.coordinator(
                now.sum(), now.sessionId(), keys, cohort.trust().verifier(), schedule));
    for (int slot = 0; slot < cohort.size; slot++) {
      put(
          slot,
          Envelope.newBuilder()
              .setSession(ByteString.copyFrom(now.sessionId()))
              .setOffer(cohort.offer(now, slot))
              .build());
    }
    feed(new Event.Start(Seed.of(new byte[Seed.LENGTH])));
  }

  private void put(int member, Envelope message) {
    boxes
        .get(member)
        .add(Delivery.newBuilder().setSequence(++sequence).setEnvelope(message).build());
    notifyAll();
  }

  private synchronized void feed(Event event) {
    Machine machine = server;
    if (machine == null) {
      return;
    }
    for (Effect effect : machine.on(Instant.now(), event)) {
      if (effect instanceof Effect.Send send) {
        put(send.to(), send.message());
      } else if (effect instanceof Effect.Run run) {
        timer.execute(() -> feed(new Event.Ran(run.job(), result(run))));
      } else if (effect instanceof Effect.Wake wake) {
        long millis = Math.max(0, wake.at().toEpochMilli() - System.currentTimeMillis() + 1);
        timer.schedule(() -> feed(new Event.Woken()), millis, TimeUnit.MILLISECONDS);
      } else if (effect instanceof Effect.Finish finish) {
        results.add(finish.result());
        next();
      }
    }
  }

  private static Object result(Effect.Run run) {
    try {
      return run.work().run();
    } catch (Exception e) {
      return new Failed(e);
    }
  }

  /** Takes in the messages, then waits for deliveries. */
  synchronized ExchangeReply exchange(
      int member, ExchangeRequest request, Function<String, byte[]> bodies)
      throws InterruptedException {
    ExchangeReply.Builder reply = ExchangeReply.newBuilder();
    for (Envelope message : request.getMessagesList()) {
      reply.addReceipts(take(member, message, bodies));
    }
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(request.getWaitMillis());
    while (true) {
      for (Delivery delivery : boxes.get(member)) {
        if (delivery.getSequence() > request.getAcknowledged()) {
          reply.addDeliveries(delivery);
        }
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      boolean over = number == rounds;
      if (reply.getDeliveriesCount() > 0 || over || left <= 0) {
        return reply.setFinished(over && reply.getDeliveriesCount() == 0).build();
      }
      wait(left);
    }
  }

  private Receipt take(int member, Envelope message, Function<String, byte[]> bodies) {
    received.add(message);
    Plan now = plan;
    if (past.contains(message.getSession())) {
      return Receipt.newBuilder().setAccepted(true).build(); // late: the sum was there without it
    }
    if (now == null || !message.getSession().equals(ByteString.copyFrom(now.sessionId()))) {
      return Receipt.newBuilder().setCode("session-unknown").setReason("not under way").build();
    }
    Body body =
        message.hasMaskedInput()
            ? Body.of(bodies.apply(java.util.HexFormat.of().formatHex(now.sessionId())))
            : null;
    feed(new Event.Received(member, message, body));
    return Receipt.newBuilder().setAccepted(true).build();
  }

  List<SumResult.RingSum> sums() {
    return results.stream()
        .filter(each -> each instanceof SumResult.RingSum)
        .map(each -> (SumResult.RingSum) each)
        .toList();
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
