package dev.tributary.simulation;

import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
 * queue of its own, ordered by (arrival, sender, the sender's count).
 *
 * <p><b>Threads.</b> A message travels for at least {@link LatencyModel#SHORTEST}. Everything that
 * happens in a window of that length is therefore independent between nodes, and the window's nodes
 * run on all cores at once (conservative parallel simulation, Chandy and Misra 1979). At its end
 * their messages are put into the queues. Jobs ({@link Effect.Run}) start on the same pool when
 * they are asked for and are waited for when virtual time reaches their end, which is at least a
 * window away.
 *
 * <p><b>Sameness.</b> A queue's order holds no trace of which thread was first, so the events that
 * each machine sees depend on the seed alone.
 */
public final class VirtualShell {
  /** The time at which every simulation starts. */
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final Node coordinator;
  private final List<Node> nodes = new ArrayList<>();
  private final int threads;
  private volatile @Nullable String stopReason;
  private boolean stopped;

  /**
   * A shell for one coordinator and its clients.
   *
   * @param clients the machine at index i has address i
   * @param threads how many to use; the result does not depend on it
   */
  public VirtualShell(
      Machine coordinator, List<? extends Machine> clients, LatencyModel latency, int threads) {
    this.threads = threads;
    this.coordinator = new Node(Machine.COORDINATOR, coordinator, latency);
    nodes.add(this.coordinator);
    for (int client = 0; client < clients.size(); client++) {
      nodes.add(new Node(client, clients.get(client), latency));
    }
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
    long from = Long.MAX_VALUE;
    for (Node node : nodes) {
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
    List<Callable<Void>> busy = new ArrayList<>();
    for (Node node : nodes) {
      if (node.nextNanos() < horizon) {
        node.awaitJobs(horizon);
        busy.add(
            () -> {
              node.advance(horizon, pool);
              return null;
            });
      }
    }
    if (busy.size() == 1) {
      call(busy.get(0));
    } else {
      for (Future<Void> done : pool.invokeAll(busy)) {
        get(done);
      }
    }
    deliver();
  }

  private void deliver() {
    for (Node node : nodes) {
      for (Node.Outgoing sent : node.takeOutbox()) {
        nodes.get(sent.to() + 1).receive(sent.scheduled());
      }
    }
  }

  private static void call(Callable<Void> work) {
    try {
      work.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
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

  /** The result of a job, with an exception as {@link Failed}. */
  static Object outcome(Future<Object> done) throws InterruptedException {
    try {
      return done.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      return new Failed(cause == null ? e : cause);
    }
  }
}
