package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.Evaluator;
import dev.tributary.coordinator.FederatedTraining;
import dev.tributary.coordinator.FederatedTraining.Inputs;
import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.Job.FaultKind;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.nn.ModelFile;
import dev.tributary.privacy.LedgerHistory;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.secagg.EnrolmentAuthority;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.SumSuite;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Seed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One run of an {@link Experiment} in virtual time: its coordinator over a store of its own, its
 * clients, and a {@link VirtualShell} that carries what they say.
 *
 * @param scratch an empty folder for the coordinator's store
 * @param listener hears of every round, on a thread of the simulation
 * @param subject adds up
 * @param seen by it; null where nobody looks on
 * @param fleet clients elsewhere; null where they are here
 * @param file the job, for a fleet to read
 */
record VirtualRun(
    Experiment experiment,
    Path scratch,
    int threads,
    RoundListener listener,
    Probe probe,
    SumSuite subject,
    @Nullable Witness seen,
    @Nullable Fleet fleet,
    Backend.@Nullable JobText file) {
  Experiment.Outcome run() throws InterruptedException {
    Job job = experiment.job();
    Seed root = experiment.root();
    FaultLog faults = experiment.log();
    SumSuite suite = seen == null ? subject : new WitnessedSuite(subject, seen);
    try (Store store = Store.open(scratch, Durability.MEMORY);
        Identity coordinator = Identity.fromSeed(root.derive("coordinator"));
        EnrolmentAuthority authority = experiment.fast() ? null : experiment.authority()) {
      ClientKit.Common common =
          new ClientKit.Common(
              ByteString.copyFrom(coordinator.publicKey()),
              experiment.policy(),
              new LastModel(store.blobs()::read),
              id -> suite.id().equals(id) ? suite : null);
      FaultPlan plan = experiment.faultPlan();
      SimulatedClients clients =
          new SimulatedClients(
              root,
              experiment.federation(),
              experiment.trainingEngine(),
              probe,
              common,
              plan,
              faults,
              authority);
      RoundListener heard =
          RoundListener.all(
              seen == null ? RoundListener.none() : seen.listener(store),
              listener,
              lost(faults),
              released(probe, store));
      Evaluator evaluator = experiment.evaluator();
      NoiseSource noise = experiment.centralNoise();
      Job.Simulation simulation = Objects.requireNonNull(job.simulation());
      ClientTrace trace = Attendance.trace(simulation);
      IntToDoubleFunction times =
          TrainingTimes.of(simulation.trainingSeconds(), trace, root.derive("speed"));
      if (fleet != null && times != null) {
        throw new UnsuitableBackendException(
            "simulation.trainingSeconds: training takes no virtual time where clients are elsewhere,"
                + " so none is too slow. Take the back end protocol, parallel or sequential.");
      }
      Attendance attendance =
          new Attendance(
              simulation.availability(),
              trace,
              job.deadline(),
              root.derive("availability"),
              experiment::stop);
      Function<@Nullable Inputs, FederatedTraining> program =
          inputs ->
              new FederatedTraining(
                  new FederatedTraining.Context(
                      job,
                      clients.population(),
                      store,
                      suite,
                      coordinator,
                      clients.verifier(),
                      evaluator,
                      heard,
                      noise,
                      round -> {
                        attendance.due(round);
                        return root.derive("round", round);
                      },
                      member -> attendance.there(member) && there(plan, attendance.round(), member),
                      null,
                      inputs));
      Machine training =
          fleet == null || file == null
              ? coordinator(program)
              : new FleetTraining(
                  program.apply(null),
                  fleet,
                  file,
                  coordinator.publicKey(),
                  store.blobs()::read,
                  experiment.statistics(),
                  faults);
      VirtualShell virtual =
          new VirtualShell(
              attendance.around(training),
              clients,
              new LatencyModel(root.derive("network"), times),
              seen == null
                  ? new VirtualShell.Network() {}
                  : new FaultyNetwork(experiment.faultScript(), root.derive("bits"), faults, seen),
              threads);
      experiment.onStop(virtual::stop);
      JobResult result = (JobResult) virtual.run(root.derive("training"));
      ModelFile model = ModelFile.parse(store.blobs().read(result.modelDigest()));
      LedgerHistory ledger = store.ledger(job.privacy().population());
      return new Experiment.Outcome(result, model, ledger, faults.firstDecline());
    }
  }

  /** Where there are spares, who never sends a first message is one that is not there. */
  private boolean there(FaultPlan plan, int round, int member) {
    return experiment.job().cohort().spares() == 0
        || !plan.drop(round, member).equals(Optional.of(DropPhase.ADVERTISE));
  }

  /** A coordinator that never dies takes no note of what it would need after a death. */
  private Machine coordinator(Function<@Nullable Inputs, FederatedTraining> program) {
    double mortality = experiment.faults().coordinatorCrashes();
    FaultScript script = experiment.faultScript();
    return mortality == 0 && !script.holds(FaultKind.CRASH)
        ? program.apply(null)
        : new MortalCoordinator(
            program,
            experiment.root().derive("deaths"),
            mortality,
            script,
            (number, fault, now, nanos) -> {
              experiment.log().happened(fault, Duration.between(VirtualShell.START, now).toNanos());
              experiment.died(number, nanos / 1e9);
            });
  }

  private static RoundListener lost(FaultLog log) {
    return new RoundListener() {
      @Override
      public void onRound(RoundReport report) {
        if (report.modelDigest() == null) {
          log.roundLost(report.round());
        }
      }
    };
  }

  private static RoundListener released(Probe probe, Store store) {
    return new RoundListener() {
      @Override
      public void onRound(RoundReport report) {
        String digest = report.modelDigest();
        if (digest != null) {
          probe.released(report.round(), () -> ModelFile.parse(store.blobs().read(digest)));
        }
      }
    };
  }
}
