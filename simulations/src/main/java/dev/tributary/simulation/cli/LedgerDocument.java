package dev.tributary.simulation.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tributary.privacy.LedgerClaim;
import dev.tributary.privacy.LedgerEntry;
import dev.tributary.privacy.LedgerHead;
import dev.tributary.privacy.LedgerHistory;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A ledger as JSON: what it amounts to, every entry, and where it was exported the operator's
 * signature.
 *
 * @param coordinatorSees why nothing holds against the coordinator, where the ledger cannot know
 */
record LedgerDocument(
    LedgerClaim claim,
    LedgerHistory history,
    Optional<String> coordinatorSees,
    Optional<Signed> signed) {
  /** The name in the folder of a run. */
  static final String FILE = "ledger.json";

  private static final String FORMAT = "tributary/ledger/1";
  private static final long MOST_BYTES = 1L << 28;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Who signed: both in hexadecimal. */
  record Signed(String key, String signature) {}

  static LedgerDocument of(LedgerHistory history, Optional<String> coordinatorSees) {
    return new LedgerDocument(LedgerClaim.of(history), history, coordinatorSees, Optional.empty());
  }

  /**
   * Reads a document, and the chain in it.
   *
   * @throws CommandException if the file is none
   * @throws dev.tributary.privacy.LedgerDamagedException if the chain is not sound
   */
  static LedgerDocument read(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new CommandException(
            ErrorCode.DATA_DAMAGED, file + " is larger than any ledger: " + Files.size(file));
      }
      return parse(JSON.readTree(Files.readString(file)), file);
    } catch (JsonProcessingException e) {
      throw damaged(file, "it is no JSON", e);
    } catch (IOException e) {
      throw new CommandException(
          ErrorCode.DATA_MISSING, file + " cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static LedgerDocument parse(JsonNode json, Path file) {
    if (!json.path("format").asText().equals(FORMAT)) {
      throw damaged(file, "its format is not " + FORMAT, null);
    }
    List<LedgerEntry> entries = new ArrayList<>();
    for (JsonNode entry : json.path("entries")) {
      entries.add(
          new LedgerEntry(
              entry.path("index").asLong(-1),
              entry.path("previous").asText(),
              entry.path("content").asText(),
              entry.path("hash").asText()));
    }
    LedgerClaim claim;
    try {
      claim =
          new LedgerClaim(
              json.path("population").asText(),
              Unit.valueOf(json.path("unit").asText()),
              Relation.valueOf(json.path("relation").asText()),
              number(json, "budget"),
              number(json, "delta"),
              number(json, "released"),
              number(json, "coordinatorView"),
              number(json, "reservedWorstCase"),
              new LedgerHead(
                  json.path("head").path("index").asLong(-1),
                  json.path("head").path("hash").asText()));
    } catch (IllegalArgumentException e) {
      throw damaged(file, String.valueOf(e.getMessage()), e);
    }
    JsonNode sees = json.path("coordinatorSees");
    JsonNode signature = json.path("signature");
    return new LedgerDocument(
        claim,
        LedgerHistory.of(entries),
        sees.isTextual() ? Optional.of(sees.asText()) : Optional.empty(),
        signature.isTextual()
            ? Optional.of(new Signed(json.path("signer").asText(), signature.asText()))
            : Optional.empty());
  }

  /** Null stands for infinity, which JSON does not have. */
  private static double number(JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (!value.isNull() && !value.isNumber()) {
      throw new IllegalArgumentException(key + " is no number");
    }
    return value.isNull() ? Double.POSITIVE_INFINITY : value.asDouble();
  }

  private static CommandException damaged(Path file, String why, @Nullable Throwable cause) {
    return new CommandException(
        ErrorCode.DATA_DAMAGED, file + " is no ledger that was exported: " + why, cause);
  }

  LedgerDocument signed(String key, String signature) {
    return new LedgerDocument(
        claim, history, coordinatorSees, Optional.of(new Signed(key, signature)));
  }

  /** The text of the file: the same for the same ledger. */
  String toJson() {
    ObjectNode json = JSON.createObjectNode();
    json.put("format", FORMAT);
    json.put("population", claim.population());
    json.put("unit", claim.unit().name());
    json.put("relation", claim.relation().name());
    put(json, "budget", claim.budget());
    put(json, "delta", claim.delta());
    put(json, "released", claim.released());
    put(json, "coordinatorView", claim.coordinatorView());
    put(json, "reservedWorstCase", claim.reservedWorstCase());
    json.put("accountant", history.released().accountant());
    json.putObject("head").put("index", claim.head().index()).put("hash", claim.head().hash());
    coordinatorSees.ifPresent(sees -> json.put("coordinatorSees", sees));
    signed.ifPresent(by -> json.put("signer", by.key()).put("signature", by.signature()));
    ArrayNode entries = json.putArray("entries");
    for (LedgerEntry entry : history.entries()) {
      entries
          .addObject()
          .put("index", entry.index())
          .put("previous", entry.previous())
          .put("content", entry.content())
          .put("hash", entry.hash());
    }
    return json.toPrettyString() + "\n";
  }

  private static void put(ObjectNode json, String key, double value) {
    if (Double.isInfinite(value)) {
      json.putNull(key);
    } else {
      json.put(key, value);
    }
  }

  /**
   * Finds the ledger of a run's folder, of a coordinator's store, of a client's state or of an
   * export.
   *
   * @param population which, where a store has several; null for the only one
   */
  static LedgerDocument find(Path source, @Nullable String population) {
    if (Files.isRegularFile(source.resolve(FILE))) {
      return read(source.resolve(FILE));
    }
    if (Files.isRegularFile(source.resolve(LedgerStores.DATABASE))) {
      return of(LedgerStores.history(source, population), Optional.empty());
    }
    if (!Files.isRegularFile(source)) {
      throw new CommandException(
          ErrorCode.DATA_MISSING,
          source
              + " has no ledger. Give the folder of a run (with "
              + FILE
              + "), a coordinator's store, a client's ledger file, or an export.");
    }
    return source.toString().endsWith(".json")
        ? read(source)
        : of(LedgerStores.client(source), Optional.empty());
  }
}
