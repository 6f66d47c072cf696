package dev.tributary.simulation.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tributary.coordinator.round.ReportJson;
import dev.tributary.simulation.report.FaultTimeline;
import dev.tributary.simulation.report.FederatedStatistics;
import dev.tributary.simulation.report.RoundLine;
import dev.tributary.simulation.report.RunRecord;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The result of a run for programs, as docs/result-json.md describes it. */
public final class ResultJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ResultJson() {}

  /** The document; {@code seconds} is wall-clock time. */
  public static ObjectNode of(RunRecord run, double seconds) {
    ObjectNode json = JSON.createObjectNode();
    json.put("job", run.name());
    json.put("seed", run.seed());
    json.put("live", run.live());
    json.put("sum", run.sum());
    run.accuracy()
        .ifPresentOrElse(
            accuracy -> json.put("testAccuracy", accuracy), () -> json.putNull("testAccuracy"));
    ObjectNode measures = json.putObject("measures");
    run.measures().forEach(measures::put);
    json.set("clientAccuracy", clientAccuracy(run.evaluatedByClients()));
    if (run.privacy().isPresent()) {
      RunRecord.Privacy privacy = run.privacy().get();
      json.put("epsilon", privacy.released());
      json.put("delta", privacy.delta());
      json.put("unit", privacy.unit());
      json.put("relation", privacy.relation());
      row(json, "outsider", privacy.rows().outsider());
      row(json, "cohort", privacy.rows().cohort());
      row(json, "coordinator", privacy.rows().coordinator());
      json.put("colluders", privacy.colluders());
    } else {
      for (String name :
          new String[] {
            "epsilon", "delta", "unit", "relation", "outsider", "cohort", "coordinator", "colluders"
          }) {
        json.putNull(name);
      }
    }
    ArrayNode clipNorms = json.putArray("clipNorms");
    run.rounds().stream().flatMap(round -> round.clipNorm().stream()).forEach(clipNorms::add);
    run.examples()
        .ifPresentOrElse(
            e -> json.put("exampleEpsilon", e.epsilon()).put("exampleDelta", e.delta()),
            () -> json.putNull("exampleEpsilon").putNull("exampleDelta"));
    json.set("statistics", statistics(run.statistics()));
    json.put("rounds", run.plannedRounds());
    json.put("completedRounds", run.completedRounds());
    json.put("abortedRounds", run.abortedRounds());
    json.put("survivors", run.survivors());
    json.put("dropouts", run.dropouts());
    json.put("leftAfterInput", run.late());
    json.set("faults", faults(run.faults()));
    json.put("seconds", Math.round(seconds * 1e3) / 1e3);
    json.put("phaseClock", run.live() ? "wall" : "virtual");
    ObjectNode phases = json.putObject("secondsByPhase");
    run.secondsByPhase().forEach((name, value) -> phases.put(name, Math.round(value * 1e6) / 1e6));
    json.put("modelSha256", run.modelSha256());
    run.stopped().ifPresentOrElse(why -> json.put("stopped", why), () -> json.putNull("stopped"));
    return json;
  }

  private static ObjectNode faults(FaultTimeline faults) {
    ObjectNode json = JSON.createObjectNode();
    json.put("count", faults.count());
    ObjectNode kinds = json.putObject("byKind");
    faults.counts().keySet().forEach(kind -> kinds.put(kind, faults.count(kind)));
    ArrayNode moments = json.putArray("moments");
    for (FaultTimeline.Moment moment : faults.moments()) {
      ObjectNode one = moments.addObject();
      one.put("seconds", moment.seconds());
      one.put("round", moment.round());
      one.put("secondsInRound", moment.inRound().orElse(null));
      one.put("client", moment.client() < 0 ? null : moment.client());
      one.put("kind", moment.kind());
      one.put("at", moment.at());
      one.put("lasts", moment.lasts());
    }
    return json;
  }

  private static @Nullable ObjectNode statistics(Optional<FederatedStatistics> learned) {
    return learned
        .map(
            of ->
                JSON.createObjectNode()
                    .put("columns", of.columns())
                    .put("survivors", of.survivors())
                    .put("dropouts", of.dropouts()))
        .orElse(null);
  }

  private static @Nullable ObjectNode clientAccuracy(Optional<RoundLine> last) {
    return last.map(
            round ->
                ReportJson.clientAccuracy(round.clientAccuracy().orElseThrow())
                    .put("round", round.number()))
        .orElse(null);
  }

  private static void row(ObjectNode json, String name, OptionalDouble epsilon) {
    if (epsilon.isPresent()) {
      json.put(name, epsilon.getAsDouble());
    } else {
      json.putNull(name);
    }
  }

  /** Makes the folder of a result, and finds out before a run whether it can be written. */
  static void prepare(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    if (Files.isDirectory(file)
        || !Files.isWritable(Files.exists(file) || folder == null ? file : folder)) {
      throw new AccessDeniedException(file.toString());
    }
  }

  static void write(Path file, RunRecord run, double seconds) throws IOException {
    prepare(file);
    Files.writeString(
        file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(of(run, seconds)) + "\n");
  }
}
