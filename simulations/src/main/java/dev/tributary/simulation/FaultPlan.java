package dev.tributary.simulation;

import dev.tributary.wire.Seed;
import java.util.List;
import java.util.Optional;

/**
 * Who drops out when. Each client of each round drops with the given probability, at a phase drawn
 * evenly from those allowed; the choice depends on (seed, round, client) alone, so that it is the
 * same for every suite.
 */
public final class FaultPlan {
  private final Seed seed;
  private final double dropout;
  private final List<DropPhase> phases;
  private final FaultScript script;

  /**
   * A plan.
   *
   * @param dropout probability in [0, 1)
   * @param phases where clients may drop; not empty
   */
  public FaultPlan(Seed seed, double dropout, List<DropPhase> phases) {
    this(seed, dropout, phases, FaultScript.none());
  }

  /** The same beside what a script says. */
  FaultPlan(Seed seed, double dropout, List<DropPhase> phases, FaultScript script) {
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "dropout must be in [0, 1). Provided value: %s".formatted(dropout));
    }
    if (phases.isEmpty()) {
      throw new IllegalArgumentException("there must be a phase to drop at");
    }
    this.seed = seed;
    this.dropout = dropout;
    this.phases = List.copyOf(phases);
    this.script = script;
  }

  /** The first message that this client keeps to itself in this round, if it drops out. */
  public Optional<DropPhase> drop(int round, int client) {
    Optional<DropPhase> told = script.drop(round, client);
    if (told.isPresent()) {
      return told;
    }
    if (dropout == 0 || LatencyModel.unit(seed.derive("drop", round, client)) >= dropout) {
      return Optional.empty();
    }
    double place = LatencyModel.unit(seed.derive("drop-phase", round, client));
    return Optional.of(phases.get((int) (place * phases.size())));
  }

  /** What else goes wrong. */
  FaultScript script() {
    return script;
  }
}
