package dev.tributary.simulation.cli;

import dev.tributary.coordinator.StoppedException;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.Job.FaultKind;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.simulation.Backend;
import dev.tributary.simulation.Experiment;
import dev.tributary.simulation.StatisticsException;
import dev.tributary.simulation.VirtualShell;
import dev.tributary.simulation.data.ColumnSums;
import dev.tributary.simulation.data.PartitionMix;
import dev.tributary.simulation.report.FaultTimeline;
import dev.tributary.simulation.report.FederatedStatistics;
import dev.tributary.simulation.report.Records;
import dev.tributary.simulation.report.RoundLine;
import dev.tributary.simulation.report.RunDirectory;
import dev.tributary.simulation.report.RunRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Runs one job in virtual time, shows how it goes, and writes what came out. */
final class SimulationRun {
  /** Of a client that no round has asked yet (docs/benchmarks.md). */
  private static final long BYTES_OF_A_CLIENT = 45;

  private final Job job;
  private final Backend.JobText text;
  private final Backend backend;
  private final RunOptions options;
  private final Terminal terminal;

  SimulationRun(
      Job job, Backend.JobText text, Backend backend, RunOptions options, Terminal terminal) {
    this.job = job;
    this.text = text;
    this.backend = backend;
    this.options = options;
    this.terminal = terminal;
  }

  /**
   * Runs to the end, or to Ctrl-C.
   *
   * @param next lines that close the output: what to try now
   */
  void run(String next) throws IOException, InterruptedException {
    if (job.simulation() == null) {
      throw new CommandException(
          ErrorCode.JOB_MISSING_KEY,
          "job "
              + job.name()
              + " has no section simulation, so there is no data to simulate with. Add"
              + " simulation: {data: {source: digits, partition: {iid: {clients: 100}}}}.");
    }
    int threads = options.threads();
    RunDirectory directory = RunDirectory.create(options.out(job.name()));
    Path json = options.json();
    if (json != null) {
      ResultJson.prepare(json);
    }
    long started = System.nanoTime();
    Experiment experiment = new Experiment(job, backend.plainSum());
    checkFits(experiment.federation().test());
    checkRoom(experiment.federation().clients().size(), Runtime.getRuntime().maxMemory());
    Records.Setting setting =
        new Records.Setting(
            backend.realTime(),
            true,
            experiment.federation().clients().size(),
            experiment.federation().words(),
            experiment.federation().test().size(),
            experiment.engine(),
            experiment.suite());
    terminal.print(Results.before(Records.plan(job, setting), faults(experiment)) + "\n");
    List<RoundLine> rounds = new ArrayList<>();
    Map<Integer, Double> begun = new HashMap<>();
    ProgressLine progress =
        new ProgressLine(
            terminal,
            System::currentTimeMillis,
            job.rounds(),
            job.privacy().none() ? Optional.empty() : Optional.of(job.privacy().epsilon()));
    RoundListener listener =
        new RoundListener() {
          @Override
          public void onRound(RoundReport report) {
            RoundLine line = Records.line(report, experiment.late(report.round()));
            rounds.add(line);
            begun.put(
                report.round(),
                Duration.between(VirtualShell.START, report.started()).toNanos() / 1e9);
            progress.round(line);
          }
        };
    AtomicReference<FederatedStatistics> statistics = new AtomicReference<>();
    ColumnSums sums = experiment.federation().sums();
    if (sums != null) {
      progress.statistics(sums.columns(), setting.population());
      experiment.onStatistics(
          new RoundListener() {
            @Override
            public void onRound(RoundReport report) {
              FederatedStatistics learned = FederatedStatistics.of(sums.columns(), report);
              statistics.set(learned);
              progress.statistics(learned);
            }
          });
    }
    Experiment.Outcome outcome;
    try (Interruption interruption = Interruption.calls(experiment::stop);
        Scratch scratch = Scratch.create()) {
      try {
        outcome =
            backend.run(experiment, new Backend.Setting(text, scratch.folder(), threads, listener));
      } catch (StatisticsException e) {
        if (!interruption.requested()) {
          throw e;
        }
        throw new CommandException(ErrorCode.INTERRUPTED, String.valueOf(e.getMessage()), e);
      } catch (StoppedException | IllegalStateException e) {
        // What a library begins while the process ends already is refused by the JVM.
        if (e instanceof IllegalStateException && !interruption.requested()) {
          throw e;
        }
        throw new CommandException(
            ErrorCode.INTERRUPTED,
            "interrupted before the first round; nothing was there to write",
            e);
      }
      terminal.endProgress();
      if (experiment.crashes() > 0) {
        terminal.print(
            Terminal.format(
                "The coordinator's process died %s; the next took up to %.2f s of processor time to be"
                    + " where it was.%n",
                experiment.crashes() == 1 ? "once" : experiment.crashes() + " times",
                experiment.slowestResume()));
      }
      RunRecord run =
          Records.run(
              job,
              setting,
              Optional.ofNullable(statistics.get()),
              rounds,
              backend.realTime() ? FaultTimeline.NONE : faults(experiment, begun),
              outcome.result().modelDigest(),
              Records.stopped(outcome.result()));
      double seconds = (System.nanoTime() - started) / 1e9;
      new Finish(
              directory,
              Optional.of(PartitionMix.of(experiment.federation().clients())),
              json,
              terminal)
          .write(run, outcome.model(), outcome.ledger(), seconds, next);
      if (interruption.requested()) {
        throw new CommandException(
            ErrorCode.INTERRUPTED, "interrupted; what was done until then is written");
      }
    }
    new NothingLearned(job, rounds).refuse(outcome);
  }

  /**
   * What came true, by the clock of the simulation.
   *
   * @param begun when each round that ended began, in seconds
   */
  private static FaultTimeline faults(Experiment experiment, Map<Integer, Double> begun) {
    return FaultTimeline.of(
        experiment.happened().stream()
            .map(
                each ->
                    new FaultTimeline.Moment(
                        each.seconds(),
                        each.fault().round(),
                        Optional.ofNullable(begun.get(each.fault().round()))
                            .map(start -> each.seconds() - start),
                        each.fault().client(),
                        each.fault().kind() == FaultKind.SLOW ? "" : each.fault().at(),
                        each.fault().kind().word(),
                        lasts(each.fault())))
            .toList());
  }

  /** Seconds of a fault that has any: a script states some for each. */
  private static double lasts(Job.Fault fault) {
    return switch (fault.kind()) {
      case DELAY, REORDER, DUPLICATE, SLOW -> fault.seconds();
      case DROP, LOSE, CORRUPT, LIE, CRASH -> 0;
    };
  }

  /**
   * Refuses what could not be kept, before a collector of garbage labours at it for minutes.
   *
   * @param heap the most bytes that it may have
   */
  static void checkRoom(int clients, long heap) {
    long needed = clients * BYTES_OF_A_CLIENT;
    if (needed > heap) {
      throw new CommandException(
          ErrorCode.OUT_OF_MEMORY,
          Terminal.format(
              "%,d clients take %,d MiB of heap before the first round, and this process may have %,d. %s",
              clients, needed >> 20, heap >> 20, ErrorCatalogue.MORE_MEMORY));
    }
  }

  private void checkFits(Dataset test) {
    try {
      Batch.check(job.model(), test);
    } catch (EngineException e) {
      throw new CommandException(
          ErrorCode.MODEL_DOES_NOT_FIT,
          "the data of simulation.data do not fit the model: "
              + e.getMessage()
              + ". Correct model.input and model.layers of the job, or name other data.",
          e);
    }
  }

  private String faults(Experiment experiment) {
    Job.Simulation simulation = Objects.requireNonNull(job.simulation());
    Job.Faults faults = simulation.faults();
    List<String> all = new ArrayList<>(clients(simulation));
    if (faults.dropout() > 0) {
      all.add(
          Terminal.format(
              "%s of %d clients drop out in a round, before %s",
              number(faults.dropout() * job.cohort().size()),
              job.cohort().size(),
              String.join(", ", faults.phases())));
    }
    if (faults.coordinatorCrashes() > 0) {
      all.add(
          Terminal.format(
              "the coordinator's process dies at %s %% of its events",
              number(100 * faults.coordinatorCrashes())));
    }
    int script = experiment.script().size();
    if (script > 0) {
      all.add(Terminal.format("%d by script, and invariants checked after each step", script));
    }
    return all.isEmpty() ? "none" : String.join("; ", all);
  }

  /** What is said of when clients are there, and of how long they train. */
  private static List<String> clients(Job.Simulation simulation) {
    List<String> all = new ArrayList<>();
    Job.Availability availability = simulation.availability();
    if (availability instanceof Job.Availability.Random random) {
      all.add(
          Terminal.format(
              "%s %% of all clients are there when a round begins", number(100 * random.share())));
    } else if (availability instanceof Job.Availability.Daily daily) {
      all.add(Terminal.format("clients are there for %s hours of a day", number(daily.hours())));
    } else if (availability instanceof Job.Availability.Trace trace) {
      all.add("clients are there as " + trace.file().getFileName() + " says");
    }
    Job.TrainingSeconds training = simulation.trainingSeconds();
    if (training instanceof Job.TrainingSeconds.Constant constant) {
      all.add(Terminal.format("clients train for %s s", number(constant.seconds())));
    } else if (training instanceof Job.TrainingSeconds.Uniform uniform) {
      all.add(
          Terminal.format(
              "clients train for %s s to %s s", number(uniform.from()), number(uniform.to())));
    } else if (training instanceof Job.TrainingSeconds.Lognormal lognormal) {
      all.add(
          Terminal.format(
              "half of the clients train for more than %s s", number(lognormal.median())));
    }
    return all;
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? Terminal.format("%.0f", value)
        : Terminal.format("%.1f", value);
  }
}
