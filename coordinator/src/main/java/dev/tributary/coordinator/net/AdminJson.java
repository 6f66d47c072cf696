package dev.tributary.coordinator.net;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tributary.coordinator.FederatedTraining;
import dev.tributary.coordinator.FrontDoorException;
import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.JobStatus;
import dev.tributary.coordinator.access.Role;
import dev.tributary.coordinator.store.AuditChain;
import dev.tributary.coordinator.store.AuditEntry;
import dev.tributary.coordinator.store.AuditLog;
import dev.tributary.coordinator.store.Tokens;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What the administration says and hears, as JSON; {@code openapi.yaml} describes it. */
final class AdminJson {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final int DAYS = 90;

  private AdminJson() {}

  static String problem(String code, String message, String action) {
    return text(
        MAPPER.createObjectNode().put("code", code).put("message", message).put("action", action));
  }

  static String jobs(List<JobStatus> jobs) {
    ObjectNode json = MAPPER.createObjectNode();
    ArrayNode all = json.putArray("jobs");
    jobs.forEach(job -> all.add(node(job)));
    return text(json);
  }

  /** The same of jobs that are JSON already. */
  static String merged(List<String> jobs) {
    return "{\"jobs\":[" + String.join(",", jobs) + "]}";
  }

  static String job(JobStatus job) {
    return text(node(job));
  }

  private static ObjectNode node(JobStatus job) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("name", job.name()).put("state", word(job.state()));
    json.putObject("rounds")
        .put("planned", job.rounds())
        .put("committed", job.committed())
        .put("aborted", job.aborted())
        .put("inFlight", job.inFlight());
    json.putObject("clients")
        .put("enrolled", job.clients().enrolled())
        .put("awaited", job.clients().awaited())
        .put("joined", job.clients().joined())
        .put("left", job.clients().left());
    FederatedTraining.Waiting waiting = job.waiting();
    if (waiting != null) {
      json.putObject("waiting")
          .put("round", waiting.round())
          .put("there", waiting.there())
          .put("needed", waiting.needed())
          .put("seconds", waiting.time().toMillis() / 1000.0);
    }
    JobStatus.Spent spent = job.spent();
    if (spent != null) {
      json.putObject("epsilon")
          .put("released", spent.released())
          .put("coordinatorView", spent.coordinatorView())
          .put("budget", spent.budget())
          .put("delta", spent.delta());
    }
    return json.put("model", job.model()).put("reason", job.reason());
  }

  static String auditLog(AuditLog.Page page) {
    ObjectNode json = MAPPER.createObjectNode();
    ArrayNode entries = json.putArray("entries");
    for (AuditEntry entry : page.entries()) {
      entries
          .addObject()
          .put("number", entry.number())
          .put("at", entry.at())
          .put("who", entry.who())
          .put("what", entry.what())
          .put("detail", entry.detail())
          .put("hash", entry.hash());
    }
    AuditChain.Link head = page.head();
    if (head != null) {
      json.putObject("head").put("number", head.number()).put("hash", head.hash());
    }
    return text(json);
  }

  static String tokens(List<Tokens.Token> tokens, Instant now) {
    ObjectNode json = MAPPER.createObjectNode();
    ArrayNode all = json.putArray("tokens");
    tokens.forEach(token -> all.add(node(token, now)));
    return text(json);
  }

  static String token(Tokens.Token token, Instant now) {
    return text(node(token, now));
  }

  /** The one answer that a secret is in. */
  static String issued(Tokens.Issued issued, Instant now) {
    return text(node(issued.token(), now).put("secret", issued.secret().reveal()));
  }

  private static ObjectNode node(Tokens.Token token, Instant now) {
    return MAPPER
        .createObjectNode()
        .put("name", token.name())
        .put("role", token.role().word())
        .put("state", word(token.at(now)))
        .put("created", token.created().toString())
        .put("expires", token.expires().toString());
  }

  /** A token that somebody asks for. */
  record TokenRequest(String name, Role role, int days) {}

  static TokenRequest tokenRequest(byte[] body) {
    JsonNode json;
    try {
      json = MAPPER.readTree(body);
    } catch (IOException e) {
      throw malformed("The body is no JSON.");
    }
    if (json == null || !json.isObject()) {
      throw malformed("The body is no JSON object.");
    }
    json.fieldNames()
        .forEachRemaining(
            field -> {
              if (!Set.of("name", "role", "days").contains(field)) {
                throw malformed("A token has name, role and days, and nothing else.");
              }
            });
    JsonNode days = json.path("days");
    boolean whole = days.isIntegralNumber() && days.canConvertToInt();
    if (!days.isMissingNode() && !whole) {
      throw malformed("days is a whole number.");
    }
    Role role =
        Role.of(json.path("role").asText(""))
            .orElseThrow(() -> malformed("role is viewer, operator, auditor or owner."));
    if (!json.path("name").isTextual()) {
      throw malformed("name is a text.");
    }
    return new TokenRequest(json.path("name").asText(), role, days.asInt(DAYS));
  }

  static FrontDoorException malformed(String message) {
    return new FrontDoorException(
        Kind.MALFORMED, "request-malformed", message, "GET /admin/v1/openapi.yaml describes it.");
  }

  /** As in the description: {@code waiting-for-clients}. */
  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String text(ObjectNode json) {
    try {
      return MAPPER.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }
}
