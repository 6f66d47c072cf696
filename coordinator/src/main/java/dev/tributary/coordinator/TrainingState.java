package dev.tributary.coordinator;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.round.ReportJson;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.coordinator.round.RoundResult;
import dev.tributary.coordinator.store.Draft;
import dev.tributary.coordinator.store.Member;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.coordinator.store.TaskStore.Spent;
import dev.tributary.coordinator.store.VectorFile;
import dev.tributary.coordinator.strategy.Strategies;
import dev.tributary.nn.Metrics;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelFileException;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.TrainingConfigException;
import dev.tributary.privacy.CohortSampling;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.StepReport;
import dev.tributary.secagg.SumResult;
import dev.tributary.wire.Entry;
import dev.tributary.wire.Seed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What goes from round to round, in memory as it stands in the store: model, strategy, schedule,
 * counts. Every change is written to the store first.
 */
final class TrainingState {
  private final Job job;
  private final TaskStore store;
  private final RoundListener listener;
  private final CohortSelector selector;

  /** The same where it is a schedule, which members join and leave; else null. */
  private final @Nullable ScheduledCohort schedule;

  /** Members that have withdrawn and that the schedule cannot do without. */
  private final Set<Integer> needed = new HashSet<>();

  /** For a single parameter: it says what its kind is like. */
  private final Strategy strategy;

  private final Population population;
  private final WrongShareHistory wrongShares;
  private String modelDigest;
  private long modelBytes;
  private @Nullable String stateDigest;
  private int nextRound = 1;
  private int completed;
  private int aborted;
  private @Nullable Metrics metrics;
  private ModelUpdate.@Nullable KeptNoise keptNoise;
  private double clipNorm;
  private @Nullable RoundRecord leftRunning;

  private TrainingState(
      Job job,
      TaskStore store,
      RoundListener listener,
      Population population,
      NoiseSource secret,
      String initial) {
    this.job = job;
    this.store = store;
    this.listener = listener;
    this.population = population;
    this.wrongShares = new WrongShareHistory(job.cohort().size());
    this.schedule = job.sampled() ? null : schedule(job, store.places());
    this.selector =
        schedule == null
            ? new SampledCohort(
                population.size(), (CohortSampling.Independent) Planner.sampling(job), secret)
            : schedule;
    this.strategy = Strategies.of(job, 1);
    this.modelDigest = initial;
    this.modelBytes = checkedModel(initial);
    this.clipNorm = job.privacy().clipNorm();
  }

  private static ScheduledCohort schedule(Job job, List<TaskStore.Place> places) {
    Job.Cohort cohort = job.cohort();
    ScheduledCohort schedule =
        new ScheduledCohort(
            0, cohort.size(), cohort.spares(), (CohortSampling.Schedule) Planner.sampling(job));
    for (int member = 0; member < places.size(); member++) {
      schedule.join(places.get(member).turns(), places.get(member).after());
      if (places.get(member).left()) {
        schedule.leave(member);
      }
    }
    return schedule;
  }

  /** Why nobody can join any more; null where somebody can. */
  @Nullable String closed() {
    if (schedule == null || job.cohort().joining() == Job.Joining.CLOSED) {
      return "has begun, and its population is closed";
    }
    if (!job.privacy().none() && job.privacy().delta() >= 1.0 / (population.size() + 1)) {
      return "has as many clients as its privacy.delta allows";
    }
    return schedule.hasTurnFor(job.rounds()) ? null : "has no turn left for a client that joins";
  }

  /** Takes a member in, durably: it is drawn from the next pass on. */
  void join(Member member) {
    ScheduledCohort joined = Objects.requireNonNull(schedule);
    int number = population.size();
    TaskStore.Place place = new TaskStore.Place(joined.participations(), joined.lastTaken(), false);
    store.join(number, member, place);
    population.join(member);
    joined.join(place.turns(), place.after());
    listener.onJoined(number);
  }

  /** Between two rounds: whoever has withdrawn is drawn no more, if the schedule allows. */
  void letWithdrawnGo() {
    ScheduledCohort scheduled = schedule;
    if (scheduled == null || population.withdrawn().isEmpty()) {
      return;
    }
    List<Integer> leavers = scheduled.leavers(job.rounds(), population.withdrawn());
    if (!leavers.isEmpty()) {
      store.leave(leavers);
    }
    for (int member : leavers) {
      scheduled.leave(member);
      listener.onLeft(member, true);
    }
    for (int member : population.withdrawn()) {
      if (scheduled.draws(member) && needed.add(member)) {
        listener.onLeft(member, false);
      }
    }
  }

  /**
   * Begins the task in the store, or reads what is there and settles the rounds in flight.
   *
   * @param seed makes the first model of a new task
   * @param secret of which nobody learns anything, for cohorts that are drawn by coins
   * @param resumable whether a round in flight can be taken up again; else it is given up
   */
  static TrainingState open(
      Job job,
      Store store,
      Population population,
      Seed seed,
      NoiseSource secret,
      RoundListener listener,
      boolean resumable,
      Instant now) {
    TaskStore task = store.task(job.name(), Planner.budget(job), Planner.populationBudget(job));
    TaskStore.Task begun = task.find().orElse(null);
    if (begun == null) {
      try (Draft initial = store.draft()) {
        initialise(job.model(), seed.derive("model").toLong(), initial);
        task.begin(job.source(), initial);
      }
    } else if (!begun.source().equals(job.source())) {
      throw new StoreException(
          StoreException.OTHER_JOB,
          "The store "
              + store.directory()
              + " began job "
              + job.name()
              + " with another job file. Use that file, or give the job another name.",
          null);
    }
    if (task.population().isEmpty()) {
      task.freeze(population.members());
    } else if (!task.population().equals(population.members())) {
      throw new StoreException(
          StoreException.OTHER_JOB,
          "The store " + store.directory() + " began job " + job.name() + " with other clients.",
          null);
    }
    String digest = task.find().orElseThrow().initialModel();
    TrainingState state = new TrainingState(job, task, listener, population, secret, digest);
    state.recover(resumable, now);
    return state;
  }

  private static void initialise(ModelSpec spec, long seed, Draft model) {
    byte[] header = ModelFile.header(spec);
    VectorFile values = model.vector(header.length, spec.layout().size());
    model.write(0, header);
    long[] written = {0};
    spec.initialise(
        seed,
        (block, count) -> {
          model.write(values, written[0], block, 0, count);
          written[0] += count;
        });
    model.seal();
  }

  /** Looks whether a model of the store is one of the job, and gives its length in bytes. */
  private long checkedModel(String digest) {
    byte[] header = ModelFile.header(job.model());
    Path file = store.store().blobs().checked(digest);
    try (InputStream in = Files.newInputStream(file)) {
      long bytes = Files.size(file);
      if (bytes != header.length + (long) Float.BYTES * job.model().layout().size()
          || !Arrays.equals(in.readNBytes(header.length), header)) {
        throw new ModelFileException(
            "blob " + digest + " of " + bytes + " bytes is no model of " + job.model());
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private void recover(boolean resumable, Instant now) {
    RoundRecord last = null;
    List<RoundRecord> rounds = store.rounds();
    if (!rounds.isEmpty()) {
      listener.onResumed(standing(rounds));
    }
    for (RoundRecord round : rounds) {
      selector.take(round.round(), round.drawn());
      nextRound = round.round() + 1;
      if (round.report() != null) {
        wrongShares.note(round.round(), round.cohort(), ReportJson.wrongShares(round.report()));
      }
      if (round.state() == RoundRecord.State.RUNNING
          && resumable
          && store.events(round.round()).iterator().hasNext()) {
        leftRunning = round;
      } else if (round.state() == RoundRecord.State.RUNNING) {
        giveUp(round, now);
      } else if (round.state() == RoundRecord.State.ABORTED) {
        aborted++;
      } else {
        completed++;
        last = round;
      }
    }
    if (last != null && last.model() != null && last.optimizer() != null) {
      modelBytes = checkedModel(last.model());
      modelDigest = last.model();
      stateDigest = checkedState(last.optimizer());
      keptNoise = kept(last);
      clipNorm = clipNormAfter(last);
    }
  }

  private String checkedState(String digest) {
    Path file = store.store().blobs().checked(digest);
    if (!strategy.elementwise()) {
      return digest;
    }
    long expected =
        ServerStep.stateBytes(length -> Strategies.of(job, length), job.model().trainable().size());
    try {
      if (Files.size(file) != expected) {
        throw new TrainingConfigException(
            "state of the strategy: expected "
                + expected
                + " bytes, came "
                + Files.size(file)
                + ": it belongs to another optimizer or model");
      }
      return digest;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** The noise that the last model was released with is needed for the next. */
  private ModelUpdate.@Nullable KeptNoise kept(RoundRecord last) {
    if (!job.privacy().correlated() || last.round() == job.rounds()) {
      return null;
    }
    if (last.noise() == null) {
      throw new StoreException(
          StoreException.DAMAGED,
          "The store "
              + store.store().directory()
              + " has lost the noise that goes with round "
              + last.round()
              + " of "
              + job.name()
              + ". Restore the newest backup.",
          null);
    }
    return new ModelUpdate.KeptNoise(store.store().blobs().read(last.noise()), last.round());
  }

  /** An adaptive clip norm goes on from where the last released round has left it. */
  private double clipNormAfter(RoundRecord last) {
    if (job.privacy().adaptiveClip() == null) {
      return job.privacy().clipNorm();
    }
    Double kept = last.clipNorm();
    if (kept == null) {
      throw new StoreException(
          StoreException.DAMAGED,
          "The store "
              + store.store().directory()
              + " has lost the clip norm that goes with round "
              + last.round()
              + " of "
              + job.name()
              + ". Restore the newest backup.",
          null);
    }
    return kept;
  }

  private RoundListener.Standing standing(List<RoundRecord> rounds) {
    List<RoundRecord> ended =
        rounds.stream().filter(round -> round.state() != RoundRecord.State.RUNNING).toList();
    int committed =
        (int) ended.stream().filter(round -> round.state() == RoundRecord.State.COMMITTED).count();
    Spent spent = store.spent();
    return new RoundListener.Standing(
        ended.isEmpty() ? 0 : ended.get(ended.size() - 1).round(),
        committed,
        ended.size() - committed,
        spent.released(),
        spent.coordinatorView());
  }

  /** A round in flight at a crash is given up: cancelled, or spent if an answer had arrived. */
  void giveUp(RoundRecord round, Instant now) {
    boolean answered =
        store.journal(round.round()).stream()
            .anyMatch(e -> e.kind() == Entry.Kind.UNMASKING_ANSWERED);
    String reason =
        answered
            ? "the coordinator stopped during the unmasking: spent in its own view"
            : "the coordinator stopped before the unmasking: cancelled";
    int cohort = round.cohort().size();
    TreeMap<String, Integer> dropped = new TreeMap<>();
    dropped.put(RoundResult.ROUND_LOST, cohort);
    abort(
        round.round(),
        new RoundEnd(
            "COORDINATOR_STOPPED",
            reason,
            cohort,
            dropped,
            new TreeMap<>(),
            List.of(),
            List.of(),
            now,
            now));
    listener.onRecovered(round.round(), reason);
  }

  /** What a report says of a round beside what has been spent. */
  record RoundEnd(
      String code,
      String reason,
      int cohort,
      TreeMap<String, Integer> dropped,
      TreeMap<String, Integer> declined,
      List<SumResult.WrongShare> wrongShares,
      List<StepReport> steps,
      Instant started,
      Instant ended) {

    int survivors() {
      return cohort - dropped.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  /** Takes note of shares that did not fit; the listener hears who is left out for them. */
  void noteWrongShares(int round, List<Integer> cohort, List<SumResult.WrongShare> pairs) {
    for (int member : wrongShares.note(round, cohort, pairs)) {
      listener.onLeftOut(round, Identity.fingerprint(population.identityKey(member)));
    }
  }

  /** Whether this member is not asked any more. */
  boolean leavesOut(int member) {
    return wrongShares.leavesOut(member);
  }

  /** Gives a round up. */
  void abort(int round, RoundEnd end) {
    aborted++;
    RoundReport[] report = new RoundReport[1];
    store.abort(
        round,
        end.reason(),
        spent -> {
          report[0] = report(round, end, spent, null, null);
          return ReportJson.of(report[0]);
        });
    listener.onRound(report[0]);
  }

  /** Releases a round's model. */
  void commit(int round, RoundEnd end, ModelUpdate.Result result) {
    RoundReport[] report = new RoundReport[1];
    String digest = result.model().digest();
    store.commit(
        round,
        result.model(),
        result.state(),
        result.noiseState(),
        result.clipNorm(),
        spent -> {
          report[0] = report(round, end, spent, result, digest);
          return ReportJson.of(report[0]);
        });
    completed++;
    modelDigest = digest;
    modelBytes = result.model().length();
    stateDigest = result.state().digest();
    byte[] noise = result.noiseState();
    keptNoise = noise == null ? null : new ModelUpdate.KeptNoise(noise, round);
    if (result.clipNorm() != null) {
      clipNorm = result.clipNorm();
    }
    if (result.metrics() != null) {
      metrics = result.metrics();
    }
    listener.onRound(report[0]);
  }

  private RoundReport report(
      int round,
      RoundEnd end,
      Spent spent,
      ModelUpdate.@Nullable Result result,
      @Nullable String digest) {
    return new RoundReport(
        round,
        job.rounds(),
        digest == null ? RoundReport.Outcome.ABORTED : RoundReport.Outcome.COMMITTED,
        end.code(),
        end.reason(),
        end.cohort(),
        end.survivors(),
        end.dropped(),
        end.declined(),
        spent.released(),
        spent.coordinatorView(),
        job.privacy().adaptiveClip() == null ? null : (Double) clipNorm,
        result == null ? null : result.metrics(),
        result == null ? null : result.clientAccuracy(),
        end.wrongShares(),
        end.steps(),
        end.started(),
        end.ended(),
        digest);
  }

  /** The round that an earlier process left in flight, if it can be taken up again. */
  @Nullable RoundRecord leftRunning() {
    return leftRunning;
  }

  /** How the job stands, as its result. */
  JobResult result(JobResult.Outcome outcome, String reason, @Nullable Throwable failure) {
    Spent spent = store.spent();
    return new JobResult(
        outcome,
        reason,
        job.rounds(),
        completed,
        aborted,
        modelDigest,
        spent.released(),
        spent.coordinatorView(),
        metrics,
        failure);
  }

  /** How far the job is. */
  FederatedTraining.Progress progress(@Nullable Integer inFlight) {
    return new FederatedTraining.Progress(completed, aborted, inFlight, modelDigest, store.spent());
  }

  /** The number of the next round, which is then taken. */
  int takeRound() {
    return nextRound++;
  }

  /** The number of the next round. */
  int nextRound() {
    return nextRound;
  }

  boolean roundsLeft() {
    return nextRound <= job.rounds();
  }

  ModelUpdate.@Nullable KeptNoise keptNoise() {
    return keptNoise;
  }

  /** C of the next round. */
  double clipNorm() {
    return clipNorm;
  }

  CohortSelector selector() {
    return selector;
  }

  /** The strategy for so many parameters, before its first round. */
  Strategy strategy(int length) {
    return Strategies.of(job, length);
  }

  TaskStore store() {
    return store;
  }

  /** What the next round goes on from. */
  ModelUpdate.Base base() {
    return new ModelUpdate.Base(store.store(), job.model(), modelDigest, stateDigest);
  }

  String modelDigest() {
    return modelDigest;
  }

  long modelBytes() {
    return modelBytes;
  }

  /** Of the control variate that the next round starts from; empty for none. */
  String controlDigest() {
    return stateDigest != null && strategy.sharesState() ? stateDigest : "";
  }
}
