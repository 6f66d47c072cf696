package dev.tributary.simulation.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The data sets inside the jar: names, files with SHA-256, columns, licences. */
public final class ShippedData {
  private static final String ROOT = "/dev/tributary/data/";

  /** One file; {@code role} says what a reader uses it for. */
  public record FileEntry(String role, String path, long bytes, String sha256) {}

  /**
   * One data set.
   *
   * @param format {@code idx} or {@code csv}
   * @param label label column of a CSV
   * @param client column of a CSV that names the person or place that a row belongs to
   */
  public record Entry(
      String name,
      String title,
      String format,
      int rows,
      String licence,
      String source,
      Optional<String> label,
      Optional<String> client,
      List<String> columns,
      List<FileEntry> files) {}

  private final List<Entry> entries;

  private ShippedData(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** Reads the register. */
  public static ShippedData load() {
    try (InputStream in =
        Objects.requireNonNull(ShippedData.class.getResourceAsStream(ROOT + "datasets.json"))) {
      List<Entry> entries = new ArrayList<>();
      for (JsonNode node : new ObjectMapper().readTree(in).get("datasets")) {
        entries.add(entry(node));
      }
      return new ShippedData(entries);
    } catch (IOException e) {
      throw new UncheckedIOException("the register of shipped data cannot be read", e);
    }
  }

  private static Entry entry(JsonNode node) {
    List<FileEntry> files = new ArrayList<>();
    for (JsonNode file : node.get("files")) {
      files.add(
          new FileEntry(
              file.get("role").asText(),
              file.get("path").asText(),
              file.get("bytes").asLong(),
              file.get("sha256").asText()));
    }
    List<String> columns = new ArrayList<>();
    node.path("columns").forEach(column -> columns.add(column.asText()));
    return new Entry(
        node.get("name").asText(),
        node.get("title").asText(),
        node.get("format").asText(),
        node.get("rows").asInt(),
        node.get("licence").asText(),
        node.get("source").asText(),
        Optional.ofNullable(node.get("label")).map(JsonNode::asText),
        Optional.ofNullable(node.get("client")).map(JsonNode::asText),
        List.copyOf(columns),
        List.copyOf(files));
  }

  /** All data sets, in the register's order. */
  public List<Entry> entries() {
    return entries;
  }

  /**
   * The data set with that name.
   *
   * @throws UnknownDataException when no data set has that name
   */
  public Entry entry(String name) {
    return entries.stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new UnknownDataException(name, entries.stream().map(Entry::name).toList()));
  }

  /**
   * The file with that role, its SHA-256 checked.
   *
   * @return a path that may lie inside the jar
   */
  public Path file(Entry entry, String role) {
    FileEntry file =
        entry.files().stream()
            .filter(candidate -> candidate.role().equals(role))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(entry.name() + " has no " + role));
    Path path = path(ROOT + file.path());
    String found = sha256(path);
    if (!found.equals(file.sha256())) {
      throw new DamagedDataException(path.toString(), file.sha256(), found);
    }
    return path;
  }

  private static Path path(String resource) {
    URL url =
        Objects.requireNonNull(
            ShippedData.class.getResource(resource), () -> "missing resource " + resource);
    try {
      URI uri = url.toURI();
      if (!"jar".equals(uri.getScheme())) {
        return Path.of(uri);
      }
      return fileSystem(uri).getPath(resource);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The jar as a file system; open for the life of the process, since its paths are handed out. */
  private static FileSystem fileSystem(URI uri) throws IOException {
    try {
      return FileSystems.newFileSystem(uri, Map.of());
    } catch (FileSystemAlreadyExistsException e) {
      return FileSystems.getFileSystem(uri);
    }
  }

  private static String sha256(Path path) {
    try {
      return HexFormat.of().formatHex(sha256().digest(Files.readAllBytes(path)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
