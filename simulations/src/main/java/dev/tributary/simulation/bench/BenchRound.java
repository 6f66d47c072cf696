package dev.tributary.simulation.bench;

import dev.tributary.secagg.StepReport;
import dev.tributary.secagg.SumResult;
import dev.tributary.wire.Body;
import dev.tributary.wire.Bulk;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One whole round in this process: the deployed machines of the coordinator and of every client. As
 * many clients work at a time as there are threads; a vector stands in memory only while its client
 * masks it. The sum is held to the plain sum.
 */
final class BenchRound {
  /** Takes what the coordinator receives, in its order. */
  interface Tape {
    void record(int from, Envelope message);
  }

  /**
   * What a round cost. Seconds are of processor time, but for two.
   *
   * @param masks that the coordinator took off
   * @param wallSeconds from the first message to the sum, by the clock
   * @param clientSeconds of all clients together
   * @param coordinatorSeconds of the coordinator, jobs included
   * @param recoverSeconds of them, for the secrets of those who are needed
   * @param unmaskSeconds of them, for taking masks off
   * @param unmaskWallSeconds the same by the clock
   * @param peakHeap largest heap seen, clients and garbage included, bytes
   */
  record Figures(
      int clients,
      int length,
      int lost,
      long masks,
      double wallSeconds,
      double clientSeconds,
      double coordinatorSeconds,
      double recoverSeconds,
      double unmaskSeconds,
      double unmaskWallSeconds,
      long peakHeap,
      List<StepReport> steps) {
    double cpuSeconds() {
      return clientSeconds + coordinatorSeconds;
    }

    /** The round with less processor time, and the faster unmasking of the two. */
    Figures best(Figures other) {
      Figures less = cpuSeconds() <= other.cpuSeconds() ? this : other;
      Figures faster = unmaskWallSeconds <= other.unmaskWallSeconds ? this : other;
      return new Figures(
          clients,
          length,
          lost,
          masks,
          less.wallSeconds,
          less.clientSeconds,
          less.coordinatorSeconds,
          less.recoverSeconds,
          faster.unmaskSeconds,
          faster.unmaskWallSeconds,
          less.peakHeap,
          less.steps);
    }
  }

  /** A client's machine and what still waits for it. */
  private static final class Client {
    @Nullable Machine machine;
    final Deque<Event> waiting = new ArrayDeque<>();
    boolean busy;
  }

  private final BenchCohort cohort;
  private final Workers workers;
  private final Tape tape;
  private final List<Client> clients = new ArrayList<>();
  private final Map<String, Double> seconds = new HashMap<>();
  private final Machine coordinator;
  private @Nullable SumResult result;
  private long unmaskFrom = Long.MAX_VALUE;
  private long unmaskTo;
  private long peakHeap;

  private BenchRound(BenchCohort cohort, Workers workers, Tape tape) {
    this.cohort = cohort;
    this.workers = workers;
    this.tape = tape;
    this.coordinator = cohort.openCoordinator();
  }

  /**
   * Runs it.
   *
   * @param stopped asked now and then; once true, the round is given up
   */
  static Figures run(BenchCohort cohort, int threads, Tape tape, BooleanSupplier stopped)
      throws InterruptedException {
    try (Workers workers = new Workers(threads, stopped)) {
      return new BenchRound(cohort, workers, tape).run();
    }
  }

  private Figures run() throws InterruptedException {
    System.gc(); // so that no round before it counts
    long start = System.nanoTime();
    tell(new Event.Start(cohort.seed(Machine.COORDINATOR)));
    for (int i = 0; i < cohort.clients(); i++) {
      Client client = new Client();
      client.machine = cohort.openClient(i);
      clients.add(client);
      send(i, new Event.Start(cohort.seed(i)));
    }
    while (result == null) {
      workers.takeOne();
      peakHeap =
          Math.max(peakHeap, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    double wall = (System.nanoTime() - start) * 1e-9;
    if (!(result instanceof SumResult.RingSum sum)) {
      throw new IllegalStateException("the round came to no sum: " + result);
    }
    cohort.check(sum.survivors(), sum.sum());
    long alive = sum.survivors().cardinality();
    return new Figures(
        cohort.clients(),
        cohort.parameters.length(),
        cohort.lost,
        alive + alive * cohort.lost,
        wall,
        spent("client"),
        spent("coordinator") + spent("input") + spent("fold") + spent("recover") + spent("unmask"),
        spent("recover"),
        spent("unmask"),
        (unmaskTo - unmaskFrom) * 1e-9,
        peakHeap,
        sum.steps());
  }

  private double spent(String part) {
    return seconds.getOrDefault(part, 0.0);
  }

  private void spend(String part, long nanos) {
    seconds.merge(part, nanos * 1e-9, Double::sum);
  }

  /** An event for a client; it takes one at a time, in their order. */
  private void send(int to, Event event) {
    Client client = clients.get(to);
    if (client.machine != null) {
      client.waiting.add(event);
      next(to, client);
    }
  }

  private void next(int number, Client client) {
    Machine machine = client.machine;
    Event event = client.waiting.peek();
    if (client.busy || machine == null || event == null) {
      return;
    }
    client.waiting.remove();
    client.busy = true;
    workers.start(
        () -> {
          long from = CpuTime.nanos();
          List<Effect> effects = new ArrayList<>();
          if (event instanceof Event.Received received && received.message().hasShares()) {
            effects.addAll(machine.on(BenchCohort.NOW, new Event.Input(cohort.input(number))));
          }
          effects.addAll(machine.on(BenchCohort.NOW, whole(event)));
          long took = CpuTime.nanos() - from;
          return () -> {
            spend("client", took);
            client.busy = false;
            effects.forEach(effect -> fromClient(number, client, effect));
            next(number, client);
          };
        });
  }

  /** A message joined with what the coordinator has on disk of it, as it is when it travels. */
  private static Event whole(Event event) {
    if (!(event instanceof Event.Received received)) {
      return event;
    }
    try {
      return new Event.Received(received.from(), Bulk.whole(received.message(), received.body()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read key material", e);
    }
  }

  private void fromClient(int number, Client client, Effect effect) {
    if (effect instanceof Effect.Send send) {
      arrive(number, send.message(), send.body());
    } else if (effect instanceof Effect.Finish finish) {
      if (!(finish.result() instanceof SumResult.Contributed)) {
        throw new IllegalStateException("client " + number + " gave up: " + finish.result());
      }
      client.machine = null;
      client.waiting.clear();
    }
  }

  private void arrive(int from, Envelope message, @Nullable Body body) {
    if (result == null) {
      tape.record(from, message);
      tell(new Event.Received(from, message, body));
    }
  }

  private void tell(Event event) {
    long from = CpuTime.nanos();
    List<Effect> effects = coordinator.on(BenchCohort.NOW, event);
    spend("coordinator", CpuTime.nanos() - from);
    for (Effect effect : effects) {
      if (effect instanceof Effect.Run run) {
        start(run);
      } else if (effect instanceof Effect.Finish finish) {
        result = (SumResult) finish.result();
      } else if (effect instanceof Effect.Send send && result == null) {
        deliver(send.to(), send.message(), send.body());
      }
    }
  }

  private void deliver(int to, Envelope message, @Nullable Body rest) {
    Client client = clients.get(to);
    if (message.hasShares() && cohort.isLost(to)) {
      client.machine = null;
      // Later, as it would be: not while the coordinator is still telling the others.
      workers.start(() -> () -> arrive(to, gone(message), null));
    } else {
      send(to, new Event.Received(Machine.COORDINATOR, message, rest));
    }
  }

  private static Envelope gone(Envelope message) {
    return Envelope.newBuilder()
        .setSession(message.getSession())
        .setDecline(Decline.newBuilder().setCode("GONE"))
        .build();
  }

  private void start(Effect.Run run) {
    workers.start(
        () -> {
          long wallFrom = System.nanoTime();
          long from = CpuTime.nanos();
          Object outcome = outcome(run);
          long took = CpuTime.nanos() - from;
          long wallTo = System.nanoTime();
          return () -> {
            String kind = run.job().replaceAll("/.*", "");
            spend(kind, took);
            if (kind.equals("unmask")) {
              unmaskFrom = Math.min(unmaskFrom, wallFrom);
              unmaskTo = Math.max(unmaskTo, wallTo);
            }
            if (result == null) {
              tell(new Event.Ran(run.job(), outcome));
            }
          };
        });
  }

  /** What a job returned, or how it failed. */
  static Object outcome(Effect.Run run) {
    try {
      return run.work().run();
    } catch (Exception e) {
      return new Failed(e);
    }
  }
}
