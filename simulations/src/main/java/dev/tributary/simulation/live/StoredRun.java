package dev.tributary.simulation.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.round.ReportJson;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.nn.ModelFile;
import dev.tributary.privacy.LedgerHistory;
import dev.tributary.simulation.report.Records;
import dev.tributary.simulation.report.RoundLine;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a coordinator left in its store.
 *
 * @param rounds that ended, in order
 * @param model the last one released, or the first of all
 * @param ledger of the job's population
 */
public record StoredRun(List<RoundLine> rounds, ModelFile model, LedgerHistory ledger) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads the store of a coordinator that is not running. */
  public static StoredRun read(Path folder, Job job) {
    try (Store store = Store.open(folder, Durability.DISK)) {
      TaskStore task = store.task(job.name(), Planner.budget(job));
      String digest = task.find().map(TaskStore.Task::initialModel).orElseThrow();
      List<RoundLine> rounds = new ArrayList<>();
      for (RoundRecord record : task.rounds()) {
        String report = record.report();
        if (report != null) {
          rounds.add(line(report));
        }
        digest = record.model() == null ? digest : record.model();
      }
      return new StoredRun(
          rounds,
          ModelFile.parse(store.blobs().read(digest)),
          store.ledger(job.privacy().population()));
    }
  }

  static RoundLine line(String report) {
    try {
      JsonNode json = JSON.readTree(report);
      boolean committed = json.get("outcome").asText().equals("COMMITTED");
      List<RoundLine.Phase> phases = new ArrayList<>();
      for (JsonNode step : json.get("steps")) {
        Instant from = Instant.parse(step.get("from").asText());
        Instant to = Instant.parse(step.get("to").asText());
        phases.add(
            new RoundLine.Phase(
                step.get("name").asText(),
                Duration.between(from, to).toNanos() / 1e9,
                step.get("bytesUp").asLong(),
                step.get("bytesDown").asLong()));
      }
      SortedMap<String, Integer> dropped = new TreeMap<>();
      json.get("dropped")
          .fields()
          .forEachRemaining(count -> dropped.put(count.getKey(), count.getValue().asInt()));
      JsonNode metrics = json.path("metrics");
      return new RoundLine(
          json.get("round").asInt(),
          committed,
          committed
              ? "completed"
              : Records.aborted(json.path("code").asText(), json.path("reason").asText()),
          json.get("cohort").asInt(),
          json.get("survivors").asInt(),
          dropped,
          0,
          number(json.path("released").path("epsilon")),
          number(json.path("coordinatorView").path("epsilon")),
          number(json.path("clipNorm")),
          number(metrics.path("accuracy")),
          number(metrics.path("loss")),
          named(metrics.path("named")),
          ReportJson.clientAccuracy(report),
          phases);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report in the store is no JSON", e);
    }
  }

  private static SortedMap<String, Double> named(JsonNode metrics) {
    SortedMap<String, Double> named = new TreeMap<>();
    metrics
        .fields()
        .forEachRemaining(
            entry -> number(entry.getValue()).ifPresent(value -> named.put(entry.getKey(), value)));
    return named;
  }

  private static Optional<Double> number(JsonNode node) {
    return node.isNumber() ? Optional.of(node.asDouble()) : Optional.empty();
  }
}
