package dev.tributary.simulation;

import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Envelope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** One machine of a simulation with its clock, its queue and its outbox. One thread at a time. */
final class Node {
  /** An event at a time; {@code from} and {@code count} order events of the same nanosecond. */
  record Scheduled(long nanos, int from, long count, Event event, @Nullable WorkItem job)
      implements Comparable<Scheduled> {
    private static final Comparator<Scheduled> ORDER =
        Comparator.comparingLong(Scheduled::nanos)
            .thenComparingInt(Scheduled::from)
            .thenComparingLong(Scheduled::count);

    @Override
    public int compareTo(Scheduled other) {
      return ORDER.compare(this, other);
    }
  }

  /** A message on its way. */
  record Outgoing(int to, Scheduled scheduled) {}

  private final int address;
  private final Machine machine;
  private final LatencyModel latency;
  private final VirtualShell.Network network;
  private final PriorityQueue<Scheduled> queue = new PriorityQueue<>();
  private final Map<Integer, Long> lastArrival = new HashMap<>();
  private List<Outgoing> outbox = List.of();
  private List<Scheduled> jobs = List.of();
  private long now;
  private long count;
  private @Nullable Object result;

  /**
   * A machine that nothing has happened to.
   *
   * @param count where its events begin to be counted: above those of a node that had its address
   */
  Node(
      int address,
      Machine machine,
      LatencyModel latency,
      VirtualShell.Network network,
      long count) {
    this.address = address;
    this.machine = machine;
    this.latency = latency;
    this.network = network;
    this.count = count;
  }

  int address() {
    return address;
  }

  Machine machine() {
    return machine;
  }

  /** Time of the next event, or the largest number when there is none. */
  long nextNanos() {
    Scheduled next = queue.peek();
    return next == null ? Long.MAX_VALUE : next.nanos();
  }

  @Nullable Object result() {
    return result;
  }

  void schedule(long nanos, Event event) {
    queue.add(new Scheduled(nanos, address, count++, event, null));
  }

  void receive(Scheduled scheduled) {
    queue.add(scheduled);
  }

  /** What was sent since this was last asked. */
  List<Outgoing> takeOutbox() {
    List<Outgoing> taken = outbox;
    outbox = List.of();
    return taken;
  }

  /** The jobs that were asked for since this was last asked. */
  List<Scheduled> takeJobs() {
    List<Scheduled> taken = jobs;
    jobs = List.of();
    return taken;
  }

  /** Whether nothing is to come but wake-ups. */
  boolean sleeps() {
    return queue.stream().allMatch(next -> next.event() instanceof Event.Woken);
  }

  /** Lets everything happen that lies before the horizon. */
  void advance(long horizon) throws InterruptedException {
    while (result == null && nextNanos() < horizon) {
      Scheduled next = queue.remove();
      now = Math.max(now, next.nanos());
      Event event = next.event();
      if (next.job() != null && event instanceof Event.Ran ran) {
        event = new Event.Ran(ran.job(), next.job().outcome());
      }
      for (Effect effect : machine.on(VirtualShell.START.plusNanos(now), event)) {
        carryOut(effect);
      }
    }
  }

  private void carryOut(Effect effect) {
    if (effect instanceof Effect.Send send) {
      send(send.to(), send.message(), send.body());
    } else if (effect instanceof Effect.Wake wake) {
      schedule(Math.max(now, nanos(wake.at())), new Event.Woken());
    } else if (effect instanceof Effect.Run run) {
      long took =
          address == Machine.COORDINATOR
              ? latency.coordinatorJobNanos()
              : latency.clientJobNanos(address, run.job());
      took += network.slowerNanos(now, address, run.job());
      Event placeholder = new Event.Ran(run.job(), "running");
      Scheduled end =
          new Scheduled(now + took, address, count++, placeholder, new WorkItem(run.work()::run));
      queue.add(end);
      jobs = jobs.isEmpty() ? new ArrayList<>() : jobs;
      jobs.add(end);
    } else if (effect instanceof Effect.Finish finish) {
      result = finish.result();
    } else {
      throw new IllegalStateException(
          "a machine at the top of a simulation keeps its own records: " + effect);
    }
  }

  private void send(int to, Envelope message, @Nullable Body body) {
    if (address != Machine.COORDINATOR && to != Machine.COORDINATOR) {
      throw new IllegalStateException("clients send to the coordinator only. Provided: " + to);
    }
    int client = address == Machine.COORDINATOR ? to : address;
    for (VirtualShell.Network.Carried each : network.carry(now, address, to, message, body)) {
      Body beside = each.body();
      long bytes = each.message().getSerializedSize() + (beside == null ? 0 : beside.length());
      long arrival = now + latency.travelNanos(client, bytes) + each.laterNanos();
      if (each.inOrder()) {
        arrival = Math.max(arrival, lastArrival.getOrDefault(to, 0L));
        lastArrival.put(to, arrival);
      }
      Event received = new Event.Received(address, each.message(), beside);
      outbox = outbox.isEmpty() ? new ArrayList<>() : outbox;
      outbox.add(new Outgoing(to, new Scheduled(arrival, address, count++, received, null)));
    }
  }

  private static long nanos(Instant at) {
    Duration since = Duration.between(VirtualShell.START, at);
    return since.compareTo(Duration.ofDays(36_500)) < 0 ? since.toNanos() : Long.MAX_VALUE - 1;
  }
}
