package dev.tributary.simulation;

import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.Job.Fault;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumSuite;
import dev.tributary.simulation.data.Federation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a job with the whole protocol under one script of faults after another, each drawn from a
 * seed, with a {@link Witness} beside it, until one of them breaks an invariant. That one is shrunk
 * to a script of which every fault is needed.
 */
public final class Explorer {
  /** Every so many seeds are played twice, and both must be the same. */
  public static final int REPLAYED = 64;

  private final Job job;
  private final Path scratch;
  private final UnaryOperator<SumSuite> subject;
  private final Federation federation;
  private Tally tally = new Tally(0, 0, 0, 0, 0);
  private volatile boolean stopped;

  /**
   * What was explored.
   *
   * @param faults that came true
   * @param deaths of the coordinator among them
   * @param committed rounds that gave a model
   * @param aborted rounds that were given up
   */
  public record Tally(long seeds, long faults, long deaths, long committed, long aborted) {}

  /**
   * A seed that breaks an invariant.
   *
   * @param broken which, by the shrunk script
   * @param script as it was drawn
   * @param shortest of it what still breaks one: nothing can be left out
   * @param trials that the shrinking took
   */
  public record Failure(
      long seed, String broken, List<Fault> script, List<Fault> shortest, int trials) {}

  /** One run under one script. */
  private record Trial(@Nullable String broken, String trace, Tally tally) {}

  /**
   * An explorer.
   *
   * @param scratch a folder for the stores, one for each run, which go with it
   */
  public Explorer(Job job, Path scratch) {
    this(job, scratch, suite -> suite);
  }

  /** The same for a sum that is not the deployed one. */
  Explorer(Job job, Path scratch, UnaryOperator<SumSuite> subject) {
    this.job = job;
    this.scratch = scratch;
    this.subject = subject;
    this.federation = Experiment.dealt(job);
  }

  /** Asks it to end after the seeds that are under way; safe from any thread. */
  public void stop() {
    stopped = true;
  }

  /** Clients of the job. */
  public int clients() {
    return federation.clients().size();
  }

  /**
   * Plays seeds until one fails or all are done.
   *
   * @param to the first seed that is not played
   * @param threads each plays a seed of its own
   * @param progress hears after each seed, one at a time
   * @return the smallest seed that failed of those that were played
   */
  public Optional<Failure> explore(long from, long to, int threads, Consumer<Tally> progress)
      throws InterruptedException {
    AtomicLong next = new AtomicLong(from);
    ConcurrentSkipListMap<Long, List<Fault>> failed = new ConcurrentSkipListMap<>();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        workers.add(
            pool.submit(
                () -> {
                  while (failed.isEmpty() && !stopped) {
                    long seed = next.getAndIncrement();
                    if (seed >= to) {
                      return;
                    }
                    List<Fault> script = FaultScript.draw(seed, job.rounds(), clients());
                    Trial trial = play(script, seed % REPLAYED == 0);
                    if (trial.broken() != null) {
                      failed.put(seed, script);
                    }
                    count(trial.tally(), progress);
                  }
                }));
      }
      for (Future<?> worker : workers) {
        VirtualShell.get(worker);
      }
    } finally {
      pool.shutdownNow();
    }
    return failed.isEmpty()
        ? Optional.empty()
        : Optional.of(shrink(failed.firstKey(), failed.firstEntry().getValue()));
  }

  private synchronized void count(Tally of, Consumer<Tally> progress) {
    tally =
        new Tally(
            tally.seeds() + 1,
            tally.faults() + of.faults(),
            tally.deaths() + of.deaths(),
            tally.committed() + of.committed(),
            tally.aborted() + of.aborted());
    progress.accept(tally);
  }

  /**
   * Leaves out what is not needed, in halves, quarters and so on, until no single fault can go
   * (Zeller and Hildebrandt 2002).
   */
  private Failure shrink(long seed, List<Fault> script) {
    boolean replay = seed % REPLAYED == 0;
    List<Fault> now = script;
    int trials = 0;
    for (int size = Math.max(1, now.size() / 2); ; size = Math.max(1, size / 2)) {
      boolean smaller = false;
      int at = 0;
      while (at < now.size()) {
        List<Fault> less = new ArrayList<>(now.subList(0, at));
        less.addAll(now.subList(Math.min(at + size, now.size()), now.size()));
        trials++;
        if (play(less, replay).broken() == null) {
          at += size;
        } else {
          now = less;
          smaller = true;
        }
      }
      if (size == 1 && !smaller) {
        String broken = play(now, replay).broken();
        return new Failure(seed, String.valueOf(broken), script, List.copyOf(now), trials);
      }
    }
  }

  private Trial play(List<Fault> script, boolean replay) {
    Trial trial = play(script);
    if (replay && trial.broken() == null && !play(script).trace().equals(trial.trace())) {
      return new Trial("played again, the same script gave another run", "", trial.tally());
    }
    return trial;
  }

  private Trial play(List<Fault> faults) {
    FaultScript script = new FaultScript(faults);
    Witness witness = new Witness(job, script);
    Experiment experiment = new Experiment(job, false, federation, script);
    AtomicInteger committed = new AtomicInteger();
    AtomicInteger aborted = new AtomicInteger();
    RoundListener listener =
        new RoundListener() {
          @Override
          public void onRound(RoundReport report) {
            boolean model = report.outcome() == RoundReport.Outcome.COMMITTED;
            (model ? committed : aborted).incrementAndGet();
          }
        };
    String end = "";
    try {
      Path store = Files.createTempDirectory(scratch, "seed");
      try {
        SumSuite suite = subject.apply(Sa1.of(experiment.suite()));
        Experiment.Outcome outcome =
            experiment.run(store, 1, listener, Probe.none(), suite, witness);
        JobResult result = outcome.result();
        end = result.outcome() + " " + result.modelDigest();
        if (result.outcome() == JobResult.Outcome.FAILED) {
          witness.found("the job failed: " + result.reason());
        }
      } finally {
        delete(store);
      }
    } catch (BrokenInvariantException e) {
      witness.found(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (RuntimeException e) {
      witness.found("a machine threw " + e + " at " + e.getStackTrace()[0]);
    }
    Tally of =
        new Tally(
            1, experiment.happened().size(), experiment.crashes(), committed.get(), aborted.get());
    return new Trial(witness.broken(), witness.trace() + end, of);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
