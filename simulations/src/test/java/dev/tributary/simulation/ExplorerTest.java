package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.secagg.Quorum;
import dev.tributary.secagg.Role;
import dev.tributary.secagg.Step;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.Violation;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.v1.Envelope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The deployed sum keeps its word under drawn scripts; one that does not is found and shrunk. */
class ExplorerTest {
  @TempDir Path folder;

  /** A sum whose coordinator does something wrong at its end. */
  private record Wrong(SumSuite suite, UnaryOperator<SumResult> end, boolean onceRepeated)
      implements SumSuite {
    @Override
    public String id() {
      return suite.id();
    }

    @Override
    public List<Step> steps(SumParameters parameters) {
      return suite.steps(parameters);
    }

    @Override
    public List<Violation> check(SumParameters parameters) {
      return suite.check(parameters);
    }

    @Override
    public Quorum quorum(SumParameters parameters) {
      return suite.quorum(parameters);
    }

    @Override
    public Machine open(SumSession session) {
      Machine machine = suite.open(session);
      return session.role() == Role.CLIENT ? machine : new Coordinator(machine, this);
    }
  }

  private static final class Coordinator implements Machine {
    private final Machine machine;
    private final Wrong wrong;
    private final Set<Envelope> heard = new HashSet<>();
    private boolean repeated;

    Coordinator(Machine machine, Wrong wrong) {
      this.machine = machine;
      this.wrong = wrong;
    }

    @Override
    public List<Effect> on(Instant now, Event event) {
      if (event instanceof Event.Received received && received.message().hasMaskedInput()) {
        repeated |= !heard.add(received.message());
      }
      List<Effect> effects = new ArrayList<>();
      for (Effect effect : machine.on(now, event)) {
        effects.add(
            effect instanceof Effect.Finish finish && (repeated || !wrong.onceRepeated())
                ? new Effect.Finish(wrong.end().apply((SumResult) finish.result()))
                : effect);
      }
      return effects;
    }
  }

  private static SumResult offByOne(SumResult result) {
    if (!(result instanceof SumResult.RingSum sum)) {
      return result;
    }
    int[] values = Witness.values(sum.sum());
    values[0]++;
    RingVector other = RingVector.of(sum.sum().bits(), values);
    return new SumResult.RingSum(
        sum.survivors(), other, sum.dropped(), sum.wrongShares(), sum.steps());
  }

  private static SumResult overOneLess(SumResult result) {
    if (!(result instanceof SumResult.RingSum sum)) {
      return result;
    }
    BitSet survivors = sum.survivors();
    survivors.clear(survivors.nextSetBit(0));
    return new SumResult.RingSum(
        survivors, sum.sum(), sum.dropped(), sum.wrongShares(), sum.steps());
  }

  private static SumResult nameless(SumResult result) {
    return new SumResult.Aborted("oops", "", Map.of(), false, List.of());
  }

  private static Job job(String... overrides) {
    return JobFile.parse("job.yaml", FaultScriptTest.JOB, List.of(overrides));
  }

  @Test
  void theDeployedSum_keepsItsInvariants() throws Exception {
    Explorer explorer = new Explorer(job(), folder);
    List<Explorer.Tally> told = new ArrayList<>();

    assertThat(explorer.explore(0, 24, 2, told::add)).isEmpty();

    Explorer.Tally last = told.get(told.size() - 1);
    assertThat(told).hasSize(24);
    assertThat(last.faults()).isGreaterThan(24);
    assertThat(last.committed()).isGreaterThan(24);
    assertThat(last.committed() + last.aborted()).isEqualTo(48);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  /** Epsilon stays while others take their turns, and over a run with correlated noise. */
  @ParameterizedTest
  @ValueSource(strings = {"distributed-discrete-gaussian, colluders: 1", "central-tree"})
  void roundsThatCostNobodyMore_breakNothing(String mechanism) throws Exception {
    String privacy =
        "{unit: user, epsilon: 200, delta: 1e-5, clipNorm: 1.0, mechanism: " + mechanism + "}";
    Job turns =
        job(
            "rounds=4",
            "cohort.schedule.separation=2",
            "privacy=" + privacy,
            "simulation.data.partition.iid.clients=20");

    assertThat(new Explorer(turns, folder).explore(0, 2, 2, tally -> {})).isEmpty();
  }

  @Test
  void aSumThatCountsARepeatedInputTwice_isFound_andShrunkToOneFault() throws Exception {
    Explorer explorer =
        new Explorer(job(), folder, suite -> new Wrong(suite, ExplorerTest::offByOne, true));

    Optional<Explorer.Failure> failure = explorer.explore(0, 200, 2, tally -> {});

    assertThat(failure).isPresent();
    assertThat(failure.get().broken()).contains("it is not their plain sum");
    assertThat(failure.get().shortest()).hasSize(1);
    assertThat(failure.get().shortest().get(0).at()).isEqualTo("input");
    assertThat(failure.get().script()).containsAll(failure.get().shortest());
    replays(failure.get().shortest());
  }

  /** The job file that is written has that script, and the deployed sum stands it. */
  private void replays(List<Job.Fault> script) throws IOException, InterruptedException {
    String written =
        JobFile.laidOver(
            "job.yaml",
            FaultScriptTest.JOB,
            List.of("simulation.faults.script=" + FaultScript.yaml(script)));
    Experiment experiment = new Experiment(JobFile.parse("again.yaml", written, List.of()), false);
    assertThat(experiment.script()).isEqualTo(script);
    experiment.run(Files.createDirectory(folder.resolve("again")), 2, RoundListener.none());
    assertThat(experiment.happened()).extracting(Experiment.Happened::fault).containsAll(script);
  }

  static List<Object[]> wrongs() {
    UnaryOperator<SumResult> offByOne = ExplorerTest::offByOne;
    UnaryOperator<SumResult> overOneLess = ExplorerTest::overOneLess;
    UnaryOperator<SumResult> nameless = ExplorerTest::nameless;
    UnaryOperator<SumResult> never =
        result -> {
          throw new IllegalStateException("never ends");
        };
    return List.of(
        new Object[] {offByOne, "plain sum"},
        new Object[] {overOneLess, "clients signed that"},
        new Object[] {nameless, "no named reason"},
        new Object[] {never, "never ends"});
  }

  @ParameterizedTest
  @MethodSource("wrongs")
  void aSumThatIsAlwaysWrong_needsNoFault(UnaryOperator<SumResult> end, String words)
      throws Exception {
    Explorer explorer = new Explorer(job(), folder, suite -> new Wrong(suite, end, false));

    Explorer.Failure failure = explorer.explore(3, 4, 1, tally -> {}).orElseThrow();

    assertThat(failure.broken()).contains(words);
    assertThat(failure.shortest()).isEmpty();
  }

  /** Scripts that broke something once, and a long one of each kind of fault. */
  static List<Path> regressions() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/faults"))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("regressions")
  void regression_isPlayed_withoutABreach(Path file) throws Exception {
    Experiment experiment = new Experiment(JobFile.read(file, List.of()), false);

    experiment.run(folder, 2, RoundListener.none());

    assertThat(experiment.happened()).isNotEmpty();
  }
}
