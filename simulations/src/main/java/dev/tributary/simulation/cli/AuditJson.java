package dev.tributary.simulation.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tributary.simulation.audit.AuditRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;

/** An audit for programs, as docs/audit.md describes it. */
final class AuditJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private AuditJson() {}

  static ObjectNode of(AuditRecord audit) {
    AuditRecord.Claim claim = audit.claim();
    AuditRecord.Found found = audit.canaries();
    ObjectNode json = JSON.createObjectNode();
    json.put("job", audit.job());
    json.put("seed", audit.seed());
    put(json, "claimedEpsilon", claim.epsilon());
    json.put("delta", claim.delta());
    json.put("unit", claim.unit());
    json.put("relation", claim.relation());
    json.put("against", claim.against());
    json.put("mechanism", claim.mechanism());
    json.put("noiseMultiplier", claim.noiseMultiplier());
    json.put("noiseFactor", found.noiseFactor());
    json.put("runs", found.runs());
    json.put("canaries", found.guesses().canaries());
    json.put("guesses", found.guesses().made());
    json.put("correct", found.guesses().correct());
    json.put("confidence", found.confidence());
    json.put("epsilonLowerBound", found.epsilon());
    json.put("pureEpsilonLowerBound", found.pureEpsilon());
    json.put("pValue", found.pValue());
    json.put("refuted", audit.refuted());
    json.put("power", found.power());
    json.put("rehearsals", found.rehearsals());
    ArrayNode attacks = json.putArray("attacks");
    for (AuditRecord.Row row : audit.attacks()) {
      ObjectNode attack = attacks.addObject();
      attack.put("attack", row.attack());
      attack.put("measure", row.measure());
      put(attack, "updates", row.nothing());
      put(attack, "sums", row.sums());
      put(attack, "job", row.claimed());
    }
    return json;
  }

  private static void put(ObjectNode json, String name, OptionalDouble value) {
    if (value.isPresent()) {
      json.put(name, value.getAsDouble());
    } else {
      json.putNull(name);
    }
  }

  static void write(Path file, AuditRecord audit) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(
        file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(of(audit)) + "\n");
  }
}
