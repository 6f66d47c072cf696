package dev.tributary.simulation.cli;

import dev.tributary.simulation.report.FederatedStatistics;
import dev.tributary.simulation.report.RoundLine;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Says how a run goes: round, measures, epsilon, who was in, how long it still takes. */
public final class ProgressLine {
  private static final int BAR = 24;

  private final Terminal terminal;
  private final LongSupplier clockMillis;
  private final int rounds;
  private final Optional<Double> budget;
  private long startMillis;
  private long lastMillis;
  private Optional<String> measured = Optional.empty();

  /**
   * A line for a run that starts now.
   *
   * @param budget of epsilon, where there is one
   */
  public ProgressLine(
      Terminal terminal, LongSupplier clockMillis, int rounds, Optional<Double> budget) {
    this.terminal = terminal;
    this.clockMillis = clockMillis;
    this.rounds = rounds;
    this.budget = budget;
    this.startMillis = clockMillis.getAsLong();
    this.lastMillis = startMillis;
  }

  /** The round of federated statistics begins. */
  public void statistics(int columns, int clients) {
    terminal.progress(
        Terminal.format("  Federated statistics: %d columns, %,d clients asked", columns, clients),
        clockMillis.getAsLong(),
        false);
  }

  /** It has ended; the job's rounds begin now. */
  public void statistics(FederatedStatistics learned) {
    long now = clockMillis.getAsLong();
    terminal.progress(
        Terminal.format(
            "  Federated statistics: %d columns  %,d in, %,d lost  %.1f s",
            learned.columns(), learned.survivors(), learned.dropouts(), (now - startMillis) / 1e3),
        now,
        true);
    terminal.endProgress();
    startMillis = now;
    lastMillis = now;
  }

  /** A round has ended. */
  public void round(RoundLine round) {
    long now = clockMillis.getAsLong();
    measured = round.evaluated() ? round.measured() : measured;
    StringBuilder line = new StringBuilder();
    line.append(
        Terminal.format(
            "  round %d/%d  %s",
            round.number(), rounds, terminal.bar((double) round.number() / rounds, BAR)));
    measured.ifPresent(words -> line.append("  ").append(words));
    budget.ifPresent(
        most ->
            line.append(
                Terminal.format(
                    "  epsilon %.1f of %s", round.releasedEpsilon().orElse(0.0), most)));
    line.append(Terminal.format("  %d in, %d lost", round.survivors(), round.lost()));
    line.append(Terminal.format("  %.1f s", (now - lastMillis) / 1e3));
    double left = (now - startMillis) / 1e3 / round.number() * (rounds - round.number());
    if (round.number() < rounds) {
      line.append(Terminal.format("  about %.0f s left", left));
    }
    lastMillis = now;
    terminal.progress(line.toString(), now, round.number() == rounds);
  }
}
