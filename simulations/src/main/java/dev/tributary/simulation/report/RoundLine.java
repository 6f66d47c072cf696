package dev.tributary.simulation.report;

import dev.tributary.coordinator.round.ClientAccuracy;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * One round of a run.
 *
 * @param number from 1
 * @param completed whether a model came out
 * @param outcome {@code completed} or the reason for the abort
 * @param cohort clients asked
 * @param survivors clients whose input is in the sum
 * @param dropouts all other clients asked, by what became of them; with the survivors they are the
 *     cohort
 * @param late survivors that left after their input was in; known in simulations only
 * @param releasedEpsilon against whoever sees models; absent without privacy
 * @param coordinatorEpsilon against the coordinator; absent where nothing is claimed
 * @param clipNorm of its updates, where that adapts
 * @param accuracy on rows that nobody trained on, where evaluated; absent where they carry numbers
 * @param loss mean loss on the same rows
 * @param measures further metrics on the same rows by name, as far as they are defined
 * @param clientAccuracy of the model that the round began with, where its clients evaluated it
 * @param phases in the protocol's order
 */
public record RoundLine(
    int number,
    boolean completed,
    String outcome,
    int cohort,
    int survivors,
    SortedMap<String, Integer> dropouts,
    int late,
    Optional<Double> releasedEpsilon,
    Optional<Double> coordinatorEpsilon,
    Optional<Double> clipNorm,
    Optional<Double> accuracy,
    Optional<Double> loss,
    SortedMap<String, Double> measures,
    Optional<ClientAccuracy> clientAccuracy,
    List<Phase> phases) {

  /** One phase of the sum: seconds, and bytes of all clients together. */
  public record Phase(String name, double seconds, long bytesUp, long bytesDown) {}

  /** Clients that were asked and are not in the sum. */
  public int lost() {
    return dropouts.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** The same round, of which nothing is claimed against the coordinator. */
  public RoundLine withoutCoordinator() {
    return with(releasedEpsilon);
  }

  /** The same round, of which nothing is claimed. */
  public RoundLine withoutEpsilon() {
    return with(Optional.empty());
  }

  private RoundLine with(Optional<Double> released) {
    return new RoundLine(
        number,
        completed,
        outcome,
        cohort,
        survivors,
        dropouts,
        late,
        released,
        Optional.empty(),
        clipNorm,
        accuracy,
        loss,
        measures,
        clientAccuracy,
        phases);
  }

  /** Whether its model was measured on rows that nobody trained on. */
  public boolean evaluated() {
    return accuracy.isPresent() || loss.isPresent();
  }

  /**
   * How its model did, in a few words: accuracy, or where rows carry numbers the other metrics, or
   * the loss; empty where it was not measured.
   */
  public Optional<String> measured() {
    if (accuracy.isPresent()) {
      return accuracy.map(value -> "accuracy " + Html.percent(value));
    }
    return measures.isEmpty()
        ? loss.map(value -> "loss " + Html.figure(value))
        : Optional.of(measuresInWords());
  }

  /** The further metrics, as in {@code mae 1,204.5, r2 0.8012}. */
  public String measuresInWords() {
    return measures.entrySet().stream()
        .map(measure -> measure.getKey() + " " + Html.figure(measure.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** Seconds of all phases. */
  public double seconds() {
    return phases.stream().mapToDouble(Phase::seconds).sum();
  }
}
