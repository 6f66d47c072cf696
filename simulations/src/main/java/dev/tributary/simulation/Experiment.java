package dev.tributary.simulation;

import dev.tributary.client.Policy;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.coordinator.Evaluator;
import dev.tributary.coordinator.FederatedTraining;
import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.Job.Fault;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.nn.Loss;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import dev.tributary.privacy.LedgerHistory;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.insecure.InsecureSeededNoise;
import dev.tributary.secagg.EnrolmentAuthority;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import dev.tributary.simulation.data.Federation;
import dev.tributary.wire.Seed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A job in virtual time: the coordinator's {@link FederatedTraining} and the SDK's {@code
 * ClientRound}, both as they are deployed, in a {@link VirtualShell}. The fast and the full form
 * differ in the suite alone.
 *
 * <p>All randomness is derived from the seed by purpose, round and client. In the full form an
 * authority whose key is not the coordinator's certifies the clients, so that the session is a
 * malicious one and every client checks every certificate.
 */
public final class Experiment {
  private static final Set<Loss> REGRESSION =
      Set.of(Loss.SQUARED_ERROR, Loss.ABSOLUTE_ERROR, Loss.HUBER);

  private final Job job;
  private final boolean fast;
  private final Seed root;
  private final boolean learning;
  private volatile Federation federation;
  private volatile @Nullable ModelFile statistics;
  private volatile RoundListener statisticsListener = RoundListener.none();
  private final Engine engine;
  private final FaultLog faults = new FaultLog();
  private final FaultScript script;
  private final @Nullable Witness witness;
  private volatile @Nullable Consumer<String> running;
  private volatile @Nullable String stopReason;
  private volatile int crashes;
  private volatile double slowestResume;

  /**
   * A fault that came true.
   *
   * @param seconds since the beginning of the simulation
   */
  public record Happened(double seconds, Fault fault) {}

  /**
   * How an experiment ended.
   *
   * @param model the last one released, or the first of all if none was
   * @param ledger of the job's population
   * @param firstDecline why a client that declined did so; null if none did
   */
  public record Outcome(
      JobResult result,
      ModelFile model,
      LedgerHistory ledger,
      @Nullable ClientOutcome firstDecline) {}

  /**
   * Reads the data and deals it.
   *
   * @param fast a plain sum instead of the job's suite: the same models, nothing masked
   * @throws IllegalArgumentException for a job without a simulation section
   */
  public Experiment(Job job, boolean fast) {
    this(job, fast, dealt(job), null);
  }

  /**
   * With rows that were dealt before, as its seed says.
   *
   * @param told in the place of the job's script; null for that
   */
  Experiment(Job job, boolean fast, Federation federation, @Nullable FaultScript told) {
    this(job, fast, federation, told, false);
  }

  private Experiment(
      Job job, boolean fast, Federation federation, @Nullable FaultScript told, boolean learning) {
    this.job = job;
    this.learning = learning;
    this.fast = fast;
    this.federation = federation;
    root = rootSeed(simulation(job).seed());
    String name = job.training().engine();
    script = told == null ? script(job, federation) : told;
    witness = script.faults().isEmpty() ? null : new Witness(job, script);
    engine = name.equals("auto") ? Engines.best(job.model()) : Engines.byName(name);
  }

  private static Job.Simulation simulation(Job job) {
    Job.Simulation simulation = job.simulation();
    if (simulation == null) {
      throw new IllegalArgumentException("job " + job.name() + " has no simulation section");
    }
    return simulation;
  }

  /**
   * The rows of a job, dealt as its seed says; the same in every process.
   *
   * @throws IllegalArgumentException for a job without a simulation section
   * @throws UnsuitableBackendException if clients standardise them with what only a round of a
   *     simulation says
   */
  public static Federation federation(Job job) {
    Federation dealt = dealt(job);
    if (dealt.sums() != null) {
      throw new UnsuitableBackendException(
          "standardise: federated is learned in a round of simulate and explore, and none is run here."
              + " Write standardise: pooled, perClient or false.");
    }
    return dealt;
  }

  /** As {@link #federation(Job)}, with statistics that may be still to learn. */
  public static Federation dealt(Job job) {
    Job.Simulation simulation = simulation(job);
    return Federation.of(
        simulation,
        predictsNumbers(job),
        job.evaluation().clients() != null,
        rootSeed(simulation.seed()).derive("data"));
  }

  /** Whether rows of tables carry a number to predict, by the job's model and loss. */
  public static boolean predictsNumbers(Job job) {
    return job.model().outputs() == 1 && REGRESSION.contains(job.model().loss());
  }

  /** The seed that everything is derived from. */
  public static Seed rootSeed(long seed) {
    return Seed.of(new byte[Seed.LENGTH]).derive("tributary/simulation", seed);
  }

  public Federation federation() {
    return federation;
  }

  /** Name of the engine that trains and evaluates. */
  public String engine() {
    return engine.name();
  }

  /** The suite that adds up, by its id. */
  public String suite() {
    return fast ? InsecurePlainSum.ID : job.secureAggregation().suite();
  }

  /** Survivors of a round that left after their input was in. */
  public int late(int round) {
    return faults.late(round);
  }

  /** Asks the run to end after what is happening now; safe from any thread. */
  public void stop(String reason) {
    stopReason = reason;
    Consumer<String> told = running;
    if (told != null) {
      told.accept(reason);
    }
  }

  /** Who is told to stop from now on; at once, if that was asked for before. */
  void onStop(Consumer<String> told) {
    running = told;
    String reason = stopReason;
    if (reason != null) {
      told.accept(reason);
    }
  }

  /**
   * Runs the job.
   *
   * @param scratch an empty folder for the coordinator's store
   * @param listener hears of every round, on a thread of the simulation
   */
  public Outcome run(Path scratch, int threads, RoundListener listener)
      throws InterruptedException {
    return run(scratch, threads, listener, Probe.none());
  }

  /** As {@link #run(Path, int, RoundListener)}, with clients that an audit has put there. */
  public Outcome run(Path scratch, int threads, RoundListener listener, Probe probe)
      throws InterruptedException {
    return run(scratch, threads, listener, probe, deployed(), witness);
  }

  private SumSuite deployed() {
    return fast ? new InsecurePlainSum() : Sa1.of(suite());
  }

  /** A way to run the round of statistics. */
  @FunctionalInterface
  interface Learning {
    Outcome run(Experiment first) throws IOException, InterruptedException;
  }

  /**
   * Lets clients learn the statistics that they standardise with, where the job wants that and they
   * do not know them.
   *
   * @throws StatisticsException if that comes to no sum
   */
  void learn(Learning how) throws InterruptedException {
    Experiment first = learning();
    if (first != null) {
      onStop(first::stop);
      try {
        learned(how.run(first));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The round of statistics; null where it is one, or there is nothing to learn. */
  @Nullable Experiment learning() {
    return learning || federation.sums() == null
        ? null
        : new Experiment(
            statisticsRound().job(), fast, federation, new FaultScript(List.of()), true);
  }

  private StatisticsRound statisticsRound() {
    return new StatisticsRound(
        job, federation.clients().size(), Objects.requireNonNull(federation.sums()));
  }

  private void learned(Outcome outcome) {
    StatisticsRound round = statisticsRound();
    federation = federation.standardised(round.read(outcome));
    statistics = outcome.model();
  }

  /** Clients know what the round of statistics said. */
  void learned(ModelFile model) {
    federation = federation.standardised(statisticsRound().read(model));
    statistics = model;
  }

  /** Who hears of the round of statistics, from before the run on. */
  public void onStatistics(RoundListener listener) {
    statisticsListener = listener;
  }

  RoundListener statisticsListener() {
    return statisticsListener;
  }

  /** What the round of statistics released; null before, and where there is none. */
  @Nullable ModelFile statistics() {
    return statistics;
  }

  /** Where the store of the round of statistics is. */
  static Path folder(Path scratch) {
    try {
      return Files.createDirectories(scratch.resolve("statistics"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * As {@link #run(Path, int, RoundListener)} in the fast form, with clients elsewhere. The times
   * of a round are then none of theirs.
   *
   * @param file this job, for them to read
   * @throws UnsuitableBackendException for a job whose coordinator dies, with a script of faults or
   *     with clients that are too slow
   */
  public Outcome run(
      Path scratch, int threads, RoundListener listener, Fleet fleet, Backend.JobText file)
      throws InterruptedException {
    if (!fast) {
      throw new IllegalArgumentException("clients elsewhere take part in plain sums alone");
    }
    if (simulation(job).faults().coordinatorCrashes() > 0) {
      throw new UnsuitableBackendException(
          "simulation.faults.coordinatorCrashes: the coordinator does not die where its clients are"
              + " elsewhere. Take the back end protocol, parallel or sequential.");
    }
    if (!script.faults().isEmpty()) {
      throw new UnsuitableBackendException(
          "simulation.faults.script and seed: messages have lines to go wrong on only where clients are"
              + " here. Take the back end protocol, parallel or sequential.");
    }
    return run(scratch, threads, listener, Probe.none(), new FleetSum(), null, fleet, file);
  }

  /**
   * As {@link #run(Path, int, RoundListener)}.
   *
   * @param subject adds up
   * @param seen by it; null where nobody looks on
   */
  Outcome run(
      Path scratch,
      int threads,
      RoundListener listener,
      Probe probe,
      SumSuite subject,
      @Nullable Witness seen)
      throws InterruptedException {
    return run(scratch, threads, listener, probe, subject, seen, null, null);
  }

  private Outcome run(
      Path scratch,
      int threads,
      RoundListener listener,
      Probe probe,
      SumSuite subject,
      @Nullable Witness seen,
      @Nullable Fleet fleet,
      Backend.@Nullable JobText file)
      throws InterruptedException {
    learn(
        first ->
            first.run(
                folder(scratch),
                threads,
                statisticsListener,
                Probe.none(),
                fleet == null ? first.deployed() : new FleetSum(),
                null,
                fleet,
                file));
    return new VirtualRun(this, scratch, threads, listener, probe, subject, seen, fleet, file)
        .run();
  }

  /** The script that it follows: as written, and what its seed draws. */
  public List<Fault> script() {
    return script.faults();
  }

  /** The faults that came true, in the order of time. */
  public List<Happened> happened() {
    return faults.happened();
  }

  private static FaultScript script(Job job, Federation federation) {
    Job.Faults faults = simulation(job).faults();
    List<Fault> all = new ArrayList<>(faults.script());
    Long seed = faults.seed();
    if (seed != null) {
      all.addAll(FaultScript.draw(seed, job.rounds(), federation.clients().size()));
    }
    return new FaultScript(all);
  }

  /** The coordinator has died, for the {@code number}th time, and was there again. */
  void died(int number, double seconds) {
    crashes = number;
    slowestResume = Math.max(slowestResume, seconds);
  }

  /** How often the coordinator died. */
  public int crashes() {
    return crashes;
  }

  /** The most seconds of processor time that a coordinator took to be where the one before was. */
  public double slowestResume() {
    return slowestResume;
  }

  Job job() {
    return job;
  }

  boolean fast() {
    return fast;
  }

  FaultScript faultScript() {
    return script;
  }

  Job.Faults faults() {
    return simulation(job).faults();
  }

  /** Whether there is a script of faults, written or drawn. */
  boolean scripted() {
    return !script.faults().isEmpty();
  }

  Seed root() {
    return root;
  }

  Engine trainingEngine() {
    return engine;
  }

  /** What clients know of how they ended. */
  FaultLog log() {
    return faults;
  }

  /** Null where what is released is no model of the data. */
  @Nullable Evaluator evaluator() {
    return learning ? null : Evaluator.on(engine, federation.test(), job.evaluation().metrics());
  }

  /** What every client asks of a round. */
  Policy policy() {
    return Policies.of(job, fast);
  }

  /** Clients of the fast form, for a process that has no coordinator. */
  SimulatedClients clients(ClientKit.Common common) {
    return new SimulatedClients(
        root, federation, engine, Probe.none(), common, faultPlan(), faults, null);
  }

  EnrolmentAuthority authority() {
    // The generator signs nothing that a result depends on: certificates are checked, not kept.
    return EnrolmentAuthority.fromSeed(
        job.privacy().population(), root.derive("authority"), new java.security.SecureRandom());
  }

  FaultPlan faultPlan() {
    Job.Faults scripted = simulation(job).faults();
    return new FaultPlan(
        root.derive("faults"),
        scripted.dropout(),
        scripted.phases().stream().map(DropPhase::of).toList(),
        script);
  }

  /** A fresh stream for every opening: openings happen in the order of rounds and blocks. */
  NoiseSource centralNoise() {
    AtomicInteger opened = new AtomicInteger();
    Seed seed = root.derive("central-noise");
    return purpose ->
        new InsecureSeededNoise(seed.derive("opening", opened.getAndIncrement()).bytes())
            .open(purpose);
  }
}
