package dev.tributary.coordinator.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Instant;
import java.util.List;

/**
 * What a backup holds: {@code manifest.json} in its folder. Each part is a file of that length with
 * that SHA-256; what is not named is not read.
 *
 * @param format of the folder and the files of rows
 * @param schema version of the tables
 * @param made when, ISO 8601 in UTC
 * @param tables {@code tables/NAME}, with how many rows
 * @param blobs {@code blobs/DIGEST}
 * @param keys {@code keys/NAME}; empty where keys were left out
 */
public record BackupManifest(
    int format, String schema, String made, List<Table> tables, List<Part> blobs, List<Part> keys) {
  static final String FILE = "manifest.json";
  static final int FORMAT = 1;

  /** A million blobs, generously. */
  static final long LONGEST = 256L << 20;

  private static final JsonMapper MAPPER = new JsonMapper();

  /** A file, its length in bytes and its SHA-256 in hexadecimal. */
  public record Part(String name, long length, String sha256) {}

  /** The rows of a table. */
  public record Table(String name, long rows, long length, String sha256) {
    Part part() {
      return new Part(name, length, sha256);
    }
  }

  /** Whether a key file of that name is in it. */
  public boolean hasKey(String name) {
    return keys.stream().anyMatch(key -> key.name().equals(name));
  }

  public BackupManifest {
    tables = List.copyOf(tables);
    blobs = List.copyOf(blobs);
    keys = List.copyOf(keys);
    Instant.parse(made);
    if (format != FORMAT) {
      throw new IllegalArgumentException("a backup of format " + format + ", not " + FORMAT);
    }
    tables.forEach(table -> requireName(table.name(), "[a-z][a-z_]{0,62}"));
    blobs.forEach(blob -> requireName(blob.name(), "[0-9a-f]{64}"));
    blobs.forEach(blob -> requireName(blob.sha256(), blob.name()));
    keys.forEach(key -> requireName(key.name(), "[a-z][a-z-]{0,62}(\\.pem)?"));
  }

  private static void requireName(String name, String form) {
    if (!name.matches(form)) {
      throw new IllegalArgumentException("a part that is named " + name);
    }
  }

  byte[] toJson() {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of texts and numbers", e);
    }
  }

  /** Whatever is wrong with it is told as damage. */
  static BackupManifest parse(byte[] json) {
    try {
      BackupManifest read = MAPPER.readValue(json, BackupManifest.class);
      if (read == null) {
        throw new IllegalArgumentException("it is empty");
      }
      return read;
    } catch (java.io.IOException | RuntimeException e) {
      String why = String.valueOf(e.getMessage());
      throw BackupFiles.damaged(
          "its manifest cannot be used: " + why.substring(0, Math.min(200, why.length())));
    }
  }
}
