package dev.tributary.simulation.report;

import dev.tributary.coordinator.round.ClientAccuracy;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;

/** A run as a table with one line a round. */
final class RoundsCsv {
  private RoundsCsv() {}

  static String of(RunRecord run) {
    List<String> measures = run.measureNames();
    boolean clips = run.rounds().stream().anyMatch(round -> round.clipNorm().isPresent());
    boolean clients = run.rounds().stream().anyMatch(round -> round.clientAccuracy().isPresent());
    Set<String> faults = run.faults().counts().keySet();
    List<String> phases = List.copyOf(run.secondsByPhase().keySet());
    StringBuilder csv =
        new StringBuilder(
            "round,outcome,cohort,survivors,dropouts,left_after_input,epsilon,epsilon_coordinator,accuracy,loss");
    csv.append(clips ? ",clip_norm" : "");
    measures.forEach(name -> csv.append(',').append(name));
    if (clients) {
      csv.append(",client_accuracy_mean,client_accuracy_worst_decile");
      ClientAccuracy.PERCENTILES.forEach(p -> csv.append(",client_accuracy_p").append(p));
    }
    faults.forEach(kind -> csv.append(",faults_").append(kind));
    for (String phase : phases) {
      csv.append(Html.format(",%1$s_seconds,%1$s_bytes_up,%1$s_bytes_down", phase));
    }
    csv.append('\n');
    for (RoundLine round : run.rounds()) {
      StringJoiner line = new StringJoiner(",", "", "\n");
      line.add(Integer.toString(round.number()))
          .add("\"" + round.outcome().replace("\"", "'") + "\"")
          .add(Integer.toString(round.cohort()))
          .add(Integer.toString(round.survivors()))
          .add(Integer.toString(round.lost()))
          .add(Integer.toString(round.late()))
          .add(number(round.releasedEpsilon()))
          .add(number(round.coordinatorEpsilon()))
          .add(number(round.accuracy()))
          .add(number(round.loss()));
      if (clips) {
        line.add(number(round.clipNorm()));
      }
      measures.forEach(name -> line.add(number(Optional.ofNullable(round.measures().get(name)))));
      if (clients) {
        Optional<ClientAccuracy> accuracy = round.clientAccuracy();
        line.add(number(accuracy.map(ClientAccuracy::mean)))
            .add(number(accuracy.map(ClientAccuracy::worstDecile)));
        ClientAccuracy.PERCENTILES.forEach(
            p -> line.add(number(accuracy.map(at -> at.percentile(p)))));
      }
      faults.forEach(kind -> line.add(Integer.toString(run.faults().count(kind, round.number()))));
      for (String name : phases) {
        round.phases().stream()
            .filter(phase -> phase.name().equals(name))
            .findFirst()
            .ifPresentOrElse(
                phase ->
                    line.add(Html.format("%.6f", phase.seconds()))
                        .add(Long.toString(phase.bytesUp()))
                        .add(Long.toString(phase.bytesDown())),
                () -> line.add("").add("").add(""));
      }
      csv.append(line);
    }
    return csv.toString();
  }

  private static String number(Optional<Double> value) {
    return value.map(number -> Html.format("%.6f", number)).orElse("");
  }
}
