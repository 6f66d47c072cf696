package dev.tributary.simulation;

import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Gives machines time, threads and a network that exist in the simulation only.
 *
 * <p><b>Time.</b> Virtual time jumps from event to event. Each machine is a {@link Node} with a
 * queue of its own, ordered by (arrival, sender, the sender's count). A client's node is there from
 * the first message to it until it is {@link Clients#idle idle}, so that a simulation's size is
 * that of its rounds.
 *
 * <p><b>Threads.</b> A message travels for at least {@link LatencyModel#SHORTEST}. Everything that
 * happens in a window of that length is therefore independent between nodes, and the window's nodes
 * run on all cores at once (conservative parallel simulation, Chandy and Misra 1979). At its end
 * their messages are put into the queues. Jobs ({@link Effect.Run}) are begun on the same pool in
 * the order in which they end: those of a window, and {@value #AHEAD} more for each thread, so that
 * results take the room of a window and not of a round.
 *
 * <p><b>Sameness.</b> A queue's order holds no trace of which thread was first, so the events that
 * each machine sees depend on the seed alone.
 */
public final class VirtualShell {
  /** The time at which every simulation starts. */
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private static final int AHEAD = 8;

  /** More than a machine sends and asks for within a window. */
  private static final int EVENTS_OF_A_WINDOW = 1 << 24;

  /** The clients of a simulation, by address. */
  public interface Clients {
    /** The machine of a client that a message reaches, and that is not there. */
    Machine open(int address);

    /**
     * Whether a machine would do nothing until a message comes. It is forgotten once it has no jobs
     * left, with its wake-ups, and opened anew for the next message.
     */
    boolean idle(Machine machine);

    /** Clients that stay as they are. */
    static Clients of(List<? extends Machine> machines) {
      return new Clients() {
        @Override
        public Machine open(int address) {
          return machines.get(address);
        }

        @Override
        public boolean idle(Machine machine) {
          return false;
        }
      };
    }
  }

  /** What becomes of messages on their way; called by many threads, but for {@link #stepped}. */
  interface Network {
    /**
     * What arrives in the place of a message.
     *
     * @param laterNanos beyond the time that its way takes
     * @param inOrder whether it waits for what was sent before it, and what follows for it
     */
    record Carried(Envelope message, @Nullable Body body, long laterNanos, boolean inOrder) {}

    /**
     * A message leaves.
     *
     * @param nanos since {@link #START}
     */
    default List<Carried> carry(
        long nanos, int from, int to, Envelope message, @Nullable Body body) {
      return List.of(new Carried(message, body, 0, true));
    }

    /** How much longer a machine's job takes. */
    default long slowerNanos(long nanos, int address, String job) {
      return 0;
    }

    /** A window is over. */
    default void stepped() {}
  }

  private final Clients clients;
  private final LatencyModel latency;
  private final Network network;
  private final Node coordinator;
  private final Map<Integer, Node> awake = new HashMap<>();
  private final PriorityQueue<Node.Scheduled> planned = new PriorityQueue<>();
  private final List<WorkItem> begun = new ArrayList<>();
  private final int threads;
  private volatile @Nullable String stopReason;
  private boolean stopped;
  private long windows;

  /**
   * A shell for one coordinator and its clients.
   *
   * @param threads how many to use; the result does not depend on it
   */
  public VirtualShell(Machine coordinator, Clients clients, LatencyModel latency, int threads) {
    this(coordinator, clients, latency, new Network() {}, threads);
  }

  /** The same with lines of its own. */
  VirtualShell(
      Machine coordinator, Clients clients, LatencyModel latency, Network network, int threads) {
    this.threads = threads;
    this.network = network;
    this.clients = clients;
    this.latency = latency;
    this.coordinator = new Node(Machine.COORDINATOR, coordinator, latency, network, 0);
  }

  /** Asks the coordinator to end; safe from any thread. */
  public void stop(String reason) {
    stopReason = reason;
  }

  /**
   * Runs until the coordinator has finished.
   *
   * @return what it finished with
   * @throws IllegalStateException when nothing is left to happen and it has not finished
   */
  public Object run(Seed seed) throws InterruptedException {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads,
            work -> {
              Thread thread = new Thread(work, "simulation");
              thread.setDaemon(true);
              return thread;
            });
    try {
      coordinator.schedule(0, new Event.Start(seed));
      while (coordinator.result() == null) {
        window(pool);
      }
      return coordinator.result();
    } finally {
      pool.shutdownNow();
    }
  }

  private void window(ExecutorService pool) throws InterruptedException {
    long from = coordinator.nextNanos();
    for (Node node : awake.values()) {
      from = Math.min(from, node.nextNanos());
    }
    if (from == Long.MAX_VALUE) {
      throw new IllegalStateException(
          "nothing is left to happen and the coordinator has not finished: a machine waits for an"
              + " event that nobody will send");
    }
    String reason = stopReason;
    if (reason != null && !stopped) {
      stopped = true;
      coordinator.schedule(from, new Event.Stop(reason));
    }
    long horizon = from + LatencyModel.SHORTEST.toNanos();
    List<Node> busy = new ArrayList<>();
    if (coordinator.nextNanos() < horizon) {
      busy.add(coordinator);
    }
    for (Node node : awake.values()) {
      if (node.nextNanos() < horizon) {
        busy.add(node);
      }
    }
    begin(horizon, pool);
    advance(busy, horizon, pool);
    windows++;
    network.stepped();
    for (Node node : busy) {
      deliver(node.takeOutbox());
      planned.addAll(node.takeJobs());
    }
    for (Node node : busy) {
      if (node != coordinator && clients.idle(node.machine()) && node.sleeps()) {
        awake.remove(node.address());
      }
    }
  }

  private static void advance(List<Node> busy, long horizon, ExecutorService pool)
      throws InterruptedException {
    if (busy.size() == 1) {
      busy.get(0).advance(horizon);
      return;
    }
    List<Callable<Void>> work = new ArrayList<>(busy.size());
    for (Node node : busy) {
      work.add(
          () -> {
            node.advance(horizon);
            return null;
          });
    }
    for (Future<Void> done : pool.invokeAll(work)) {
      get(done);
    }
  }

  private void deliver(List<Node.Outgoing> sent) {
    for (Node.Outgoing each : sent) {
      node(each.to()).receive(each.scheduled());
    }
  }

  private Node node(int address) {
    return address == Machine.COORDINATOR
        ? coordinator
        : awake.computeIfAbsent(
            address,
            client ->
                new Node(
                    client, clients.open(client), latency, network, windows * EVENTS_OF_A_WINDOW));
  }

  /** Begins the jobs that end in a window, and as many of the next as there is room for. */
  private void begin(long horizon, ExecutorService pool) {
    begun.removeIf(WorkItem::taken);
    while (!planned.isEmpty()
        && (planned.element().nanos() < horizon || begun.size() < AHEAD * threads)) {
      WorkItem next = Objects.requireNonNull(planned.remove().job());
      if (!next.taken()) {
        begun.add(next);
        pool.execute(next::run);
      }
    }
  }

  /** The outcome of a task of this shell, its exception thrown as it was. */
  static <T> T get(Future<T> done) throws InterruptedException {
    try {
      return done.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    }
  }
}
