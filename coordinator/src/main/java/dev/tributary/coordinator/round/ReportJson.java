package dev.tributary.coordinator.round;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tributary.privacy.Guarantee;
import dev.tributary.secagg.StepReport;
import dev.tributary.secagg.SumResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** A round report as one line of JSON, for the store and for tools. */
public final class ReportJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ReportJson() {}

  public static String of(RoundReport report) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("round", report.round());
    json.put("outcome", report.outcome().name());
    if (!report.code().isEmpty()) {
      json.put("code", report.code()).put("reason", report.reason());
    }
    json.put("cohort", report.cohort()).put("survivors", report.survivors());
    counts(json.putObject("dropped"), report.dropped());
    counts(json.putObject("declined"), report.declined());
    guarantee(json, "released", report.released());
    guarantee(json, "coordinatorView", report.coordinatorView());
    if (report.clipNorm() != null) {
      json.put("clipNorm", report.clipNorm());
    }
    if (report.metrics() != null) {
      ObjectNode metrics = json.putObject("metrics");
      metrics.put("examples", report.metrics().examples());
      number(metrics, "accuracy", report.metrics().accuracy());
      metrics.put("loss", report.metrics().loss());
      ObjectNode named = metrics.putObject("named");
      report.metrics().named().forEach((name, value) -> number(named, name, value));
    }
    if (report.clientAccuracy() != null) {
      json.set("clientAccuracy", clientAccuracy(report.clientAccuracy()));
    }
    if (!report.wrongShares().isEmpty()) {
      ArrayNode wrong = json.putArray("wrongShares");
      report
          .wrongShares()
          .forEach(s -> wrong.addObject().put("dealer", s.dealer()).put("holder", s.holder()));
    }
    ArrayNode steps = json.putArray("steps");
    for (StepReport step : report.steps()) {
      steps
          .addObject()
          .put("name", step.name())
          .put("from", step.from().toString())
          .put("to", step.to().toString())
          .put("bytesUp", step.bytesUp())
          .put("bytesDown", step.bytesDown());
    }
    json.put("started", report.started().toString()).put("ended", report.ended().toString());
    if (report.modelDigest() != null) {
      json.put("model", report.modelDigest());
    }
    try {
      return MAPPER.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values always has a text", e);
    }
  }

  /** How a model's accuracy is spread over clients, as an object of its own. */
  public static ObjectNode clientAccuracy(ClientAccuracy accuracy) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("clients", accuracy.clients())
        .put("mean", accuracy.mean())
        .put("worstDecile", accuracy.worstDecile());
    for (int percent : ClientAccuracy.PERCENTILES) {
      json.put("p" + percent, accuracy.percentile(percent));
    }
    json.put("noise", accuracy.noise());
    ArrayNode counts = json.putArray("counts");
    accuracy.counts().forEach(counts::add);
    return json;
  }

  /**
   * What {@link #of} wrote of the accuracy over clients; empty where it wrote nothing.
   *
   * @throws IllegalArgumentException if the text is no report
   */
  public static Optional<ClientAccuracy> clientAccuracy(String report) {
    try {
      JsonNode json = MAPPER.readTree(report).path("clientAccuracy");
      List<Double> counts = new ArrayList<>();
      json.path("counts").forEach(count -> counts.add(count.asDouble()));
      return counts.isEmpty()
          ? Optional.empty()
          : Optional.of(new ClientAccuracy(counts, json.path("noise").asDouble()));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a round's report", e);
    }
  }

  /**
   * The wrong shares of a report that {@link #of} wrote.
   *
   * @throws IllegalArgumentException if the text is no report
   */
  public static List<SumResult.WrongShare> wrongShares(String report) {
    try {
      List<SumResult.WrongShare> wrong = new ArrayList<>();
      for (JsonNode each : MAPPER.readTree(report).path("wrongShares")) {
        wrong.add(
            new SumResult.WrongShare(each.path("dealer").asInt(), each.path("holder").asInt()));
      }
      return wrong;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a round's report", e);
    }
  }

  private static void counts(ObjectNode into, SortedMap<String, Integer> counts) {
    for (Map.Entry<String, Integer> count : counts.entrySet()) {
      into.put(count.getKey(), count.getValue());
    }
  }

  /** JSON has no NaN. */
  private static void number(ObjectNode into, String name, double value) {
    if (Double.isFinite(value)) {
      into.put(name, value);
    } else {
      into.putNull(name);
    }
  }

  /** JSON has no infinity: a guarantee that promises nothing is null. */
  private static void guarantee(ObjectNode into, String name, Guarantee guarantee) {
    if (Double.isFinite(guarantee.epsilon())) {
      into.putObject(name)
          .put("epsilon", guarantee.epsilon())
          .put("delta", guarantee.delta())
          .put("accountant", guarantee.accountant());
    } else {
      into.putNull(name);
    }
  }
}
