package dev.tributary.coordinator;

import dev.tributary.coordinator.store.Blobs;
import dev.tributary.coordinator.store.Nodes;
import dev.tributary.coordinator.store.Sharing;
import dev.tributary.coordinator.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordinators of one database, as this one sees them: who lives, and who runs which job. Jobs
 * that nobody who lives runs are taken up. Looks again every {@link Nodes#look}.
 *
 * <p>Concurrency: looks are made by one thread; safe for many.
 */
public final class Cluster implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);

  /** Whoever asks for what is not there costs the database a look so often, and no more. */
  private static final long AT_MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** Looks that the coordinator whose turn it is has to take a job up, before any other does. */
  private static final int PRECEDENCE = 2;

  private final Sharing sharing;
  private final Here here;
  private final ScheduledThreadPoolExecutor thread;
  private final List<Consumer<Nodes.View>> listeners = new CopyOnWriteArrayList<>();

  /** Looks at which a job was nobody's. Of the one thread. */
  private final Map<String, Integer> nobodys = new HashMap<>();

  private volatile Nodes.View view = Nodes.View.EMPTY;
  private volatile long looked = System.nanoTime() - AT_MOST_NANOS;

  /** This coordinator; called by the thread that looks, but for {@link #has}. */
  interface Here {
    /** Whether it runs a job, or has tried to and cannot. Safe for any thread. */
    boolean has(String job);

    /** Makes ready to run a job, claims it, and takes it up if that worked. */
    void takeUp(String job);

    /** Does what was said of its jobs elsewhere, and lets those go that are another's. */
    void heed(Nodes.View view);

    /** The database is not shared any more. */
    void fail(RuntimeException cause);
  }

  Cluster(Sharing sharing, Here here) {
    this.sharing = sharing;
    this.here = here;
    this.thread = new ScheduledThreadPoolExecutor(1, Loop.named("tributary-nodes"));
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Becomes one of them, reached at that address. */
  void join(String address, String fingerprint) {
    sharing.announce(address, fingerprint);
    long every = sharing.nodes().look().toMillis();
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(this::look, 0, every, TimeUnit.MILLISECONDS);
  }

  /** Hears of every look; on the thread that looks. */
  public void onLook(Consumer<Nodes.View> listener) {
    listeners.add(listener);
  }

  /** As it was at the last look. */
  public Nodes.View view() {
    return view;
  }

  /** Its own number. */
  public String id() {
    return sharing.nodes().id();
  }

  /** What they share. */
  public Sharing sharing() {
    return sharing;
  }

  /**
   * Who runs a job: empty for this coordinator, and for jobs that there are not. Fails as {@link
   * FrontDoorException#moving} while nobody does.
   */
  public CompletableFuture<Optional<Nodes.Node>> place(String job) {
    if (here.has(job)) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    Nodes.Node elsewhere = elsewhere(job);
    if (elsewhere != null) {
      return CompletableFuture.completedFuture(Optional.of(elsewhere));
    }
    CompletableFuture<Optional<Nodes.Node>> placed = new CompletableFuture<>();
    long asked = System.nanoTime();
    long wait = Math.max(0, looked + AT_MOST_NANOS - asked);
    try {
      var unused = thread.schedule(() -> answer(job, asked, placed), wait, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      placed.completeExceptionally(FrontDoorException.stopped());
    }
    return placed;
  }

  /** By a look that is no older than the question: the job may be of this moment. */
  private void answer(String job, long asked, CompletableFuture<Optional<Nodes.Node>> placed) {
    if (looked - asked < 0) {
      look();
    }
    Nodes.Node now = elsewhere(job);
    if (now == null && !here.has(job) && view.jobs().contains(job)) {
      placed.completeExceptionally(FrontDoorException.moving());
    } else {
      placed.complete(Optional.ofNullable(now));
    }
  }

  private Nodes.@Nullable Node elsewhere(String job) {
    Nodes.View now = view;
    Nodes.Owner owner = now.owners().get(job);
    return owner == null || owner.node().equals(id()) ? null : now.live().get(owner.node());
  }

  /** Looks at once: something has changed. */
  public void soon() {
    try {
      thread.execute(this::look);
    } catch (RejectedExecutionException e) {
      LOG.debug("no more looks are made");
    }
  }

  private void look() {
    try {
      long began = System.nanoTime();
      Nodes.View now = sharing.view();
      view = now;
      looked = began;
      here.heed(now);
      for (Consumer<Nodes.View> listener : listeners) {
        listener.accept(now);
      }
      if (now.live().containsKey(id())) {
        takeUp(now);
      }
      sharing.tidy();
    } catch (StoreException e) {
      if (e.code().equals(StoreException.TAKEN_OVER)) {
        here.fail(e);
      }
      LOG.warn("event=nodes-not-seen cause={}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("event=look-failed", e);
    } catch (Error e) {
      // No look would follow, and who does not look must not seem to live.
      here.fail(new IllegalStateException("the other coordinators are not seen any more", e));
    }
  }

  private void takeUp(Nodes.View now) {
    nobodys.keySet().retainAll(now.jobs());
    boolean changed = false;
    for (String job : now.jobs()) {
      Nodes.Owner owner = now.owners().get(job);
      if (here.has(job) || (owner != null && !owner.node().equals(id()))) {
        nobodys.remove(job);
      } else if (owner != null
          || first(job, now).equals(id())
          || nobodys.merge(job, 1, Integer::sum) > PRECEDENCE) {
        here.takeUp(job);
        changed = true;
      }
    }
    if (changed) {
      view = sharing.view();
    }
  }

  /** Whose turn it is, so that jobs spread over those who live without a word between them. */
  private static String first(String job, Nodes.View now) {
    return now.live().keySet().stream()
        .max(
            Comparator.comparing(
                id -> Blobs.digest((id + "/" + job).getBytes(StandardCharsets.UTF_8))))
        .orElse("");
  }

  /** Makes no more looks. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
        LOG.warn("event=look-still-under-way");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
