package dev.tributary.simulation.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Data sets that do not ship and are fetched: packages of a registry as mirrors, each pinned by
 * SHA-256 as a whole and file by file, unpacked into a folder of the user's.
 */
public final class FetchedData {
  /** Names the cache folder, where it is not {@code ~/.cache/tributary}. */
  public static final String CACHE_VARIABLE = "TRIBUTARY_DATA";

  private static final String REGISTER = "/dev/tributary/data/fetched.json";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MAXIMUM_FILE = 1 << 28;

  /**
   * One data set.
   *
   * @param format {@code idx} or {@code roles}
   * @param base of the address, which a mirror replaces
   * @param path rest of the address
   * @param bytes size of the archive
   * @param sha256 of the archive
   * @param files SHA-256 of each file in the cache, by name
   * @param entries the file that an entry of the archive becomes; a pattern with two groups (year,
   *     speaker) where all become one text of roles
   */
  public record Entry(
      String name,
      String title,
      String format,
      String licence,
      String source,
      String base,
      String path,
      long bytes,
      String sha256,
      Map<String, String> files,
      Map<String, String> entries) {}

  private final Path cache;
  private final List<Entry> all;

  private FetchedData(Path cache, List<Entry> all) {
    this.cache = cache;
    this.all = List.copyOf(all);
  }

  /** The register, with a cache folder. */
  public static FetchedData in(Path cache) {
    try (InputStream in = Objects.requireNonNull(FetchedData.class.getResourceAsStream(REGISTER))) {
      return new FetchedData(cache, List.of(new ObjectMapper().readValue(in, Entry[].class)));
    } catch (IOException e) {
      throw new UncheckedIOException("the register of data to fetch cannot be read", e);
    }
  }

  /** As {@link #in}, with other data sets: for tests. */
  static FetchedData of(Path cache, List<Entry> all) {
    return new FetchedData(cache, all);
  }

  /** The folder that {@link #CACHE_VARIABLE} names, or {@code ~/.cache/tributary}. */
  public static Path cache() {
    String named = System.getenv(CACHE_VARIABLE);
    return named == null || named.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".cache", "tributary")
        : Path.of(named);
  }

  /** All data sets that can be fetched. */
  public List<Entry> entries() {
    return all;
  }

  /** The data set of that name, if one can be fetched. */
  public Optional<Entry> find(String name) {
    return all.stream().filter(entry -> entry.name().equals(name)).findFirst();
  }

  /** Whether its files are in the cache. */
  public boolean isHere(Entry entry) {
    return entry.files().keySet().stream().allMatch(file -> Files.isRegularFile(at(entry, file)));
  }

  private Path at(Entry entry, String file) {
    return cache.resolve(entry.name()).resolve(file);
  }

  /**
   * A file of a data set, its SHA-256 checked.
   *
   * @throws FetchException where it was not fetched, or has changed since
   */
  public Path file(Entry entry, String file) {
    Path path = at(entry, file);
    if (!Files.isRegularFile(path)) {
      throw FetchException.missing(
          "%s is not in %s. Bring it: tributary data fetch %s"
              .formatted(entry.name(), cache, entry.name()));
    }
    String found = sha256(path);
    if (!found.equals(entry.files().get(file))) {
      throw FetchException.damaged(
          "%s has SHA-256 %s, expected %s. Delete it and run: tributary data fetch %s"
              .formatted(path, found, entry.files().get(file), entry.name()));
    }
    return path;
  }

  /**
   * Brings a data set into the cache; does nothing where it is there.
   *
   * @param mirror stands in for the base of the address; null for none
   * @throws FetchException where the network or the bytes are not as expected; what came of the
   *     archive is kept, and the next try goes on from there
   */
  public void fetch(Entry entry, @Nullable String mirror, LongConsumer progress) {
    if (isHere(entry)) {
      entry.files().keySet().forEach(file -> file(entry, file));
      return;
    }
    String base = mirror == null ? entry.base() : mirror;
    URI from = URI.create(base + (base.endsWith("/") ? "" : "/") + entry.path());
    Path folder;
    try {
      folder = Files.createDirectories(cache.resolve(entry.name()));
    } catch (IOException e) {
      throw FetchException.missing(
          "%s cannot be kept in %s, which cannot be written (%s). Name another folder with --cache or TRIBUTARY_DATA."
              .formatted(entry.name(), cache, e.getClass().getSimpleName()),
          e);
    }
    try {
      Path archive = folder.resolve("archive.part");
      new Download(PATIENCE).to(from, archive, entry.bytes(), progress);
      String found = sha256(archive);
      if (!found.equals(entry.sha256())) {
        Files.delete(archive);
        throw FetchException.damaged(
            "%s has SHA-256 %s, expected %s: it is not what the register pins, and was deleted. Try another --mirror."
                .formatted(from, found, entry.sha256()));
      }
      unpack(entry, archive);
      Files.delete(archive);
    } catch (IOException e) {
      throw FetchException.missing(
          "%s could not be fetched from %s: %s".formatted(entry.name(), from, e.getMessage()), e);
    }
  }

  private void unpack(Entry entry, Path archive) throws IOException {
    Map<String, StringBuilder> roles = new TreeMap<>();
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (InputStream in = contents(archive)) {
      Tar tar = new Tar(in);
      for (Optional<Tar.Entry> next = tar.next(); next.isPresent(); next = tar.next()) {
        for (Map.Entry<String, String> wanted : entry.entries().entrySet()) {
          Matcher matcher = Pattern.compile(wanted.getKey()).matcher(next.get().name());
          if (matcher.matches()) {
            byte[] bytes = tar.bytes(next.get(), MAXIMUM_FILE);
            if (matcher.groupCount() == 2) {
              speech(roles, wanted.getValue() + "/" + matcher.group(1), matcher.group(2), bytes);
            } else {
              files.put(wanted.getValue(), bytes);
            }
            break;
          }
        }
      }
    }
    // Speeches in the order of their years, whatever the order of the archive.
    Map<String, StringBuilder> texts = new TreeMap<>();
    roles.forEach(
        (key, text) ->
            texts
                .computeIfAbsent(key.substring(0, key.indexOf('/')), file -> new StringBuilder())
                .append(text));
    texts.forEach(
        (file, text) -> files.put(file, text.toString().getBytes(StandardCharsets.UTF_8)));
    for (Map.Entry<String, String> pinned : entry.files().entrySet()) {
      byte[] bytes = files.get(pinned.getKey());
      if (bytes == null) {
        throw new IOException("the archive has no " + pinned.getKey());
      }
      Path temporary = Files.createTempFile(cache.resolve(entry.name()), "new", ".part");
      Files.write(temporary, bytes);
      String found = sha256(temporary);
      if (!found.equals(pinned.getValue())) {
        Files.delete(temporary);
        throw FetchException.damaged(
            "%s of %s has SHA-256 %s, expected %s"
                .formatted(pinned.getKey(), entry.name(), found, pinned.getValue()));
      }
      Files.move(temporary, at(entry, pinned.getKey()), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Adds a speech in the form that {@link dev.tributary.nn.data.RoleText} reads. */
  private static void speech(
      Map<String, StringBuilder> roles, String key, String speaker, byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8).strip().replaceAll("\\s*\\n\\s*", "\n");
    roles
        .computeIfAbsent(key + "/" + speaker, name -> new StringBuilder())
        .append(speaker.replace('_', ' '))
        .append(":\n")
        .append(text)
        .append("\n\n");
  }

  /** The tar inside: of a .tgz as it is, of a Debian package its data. */
  private static InputStream contents(Path archive) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
    try {
      in.mark(8);
      String magic = new String(in.readNBytes(8), StandardCharsets.ISO_8859_1);
      if (!magic.equals("!<arch>\n")) {
        in.reset();
        return new GZIPInputStream(in, 1 << 16);
      }
      while (true) {
        byte[] header = in.readNBytes(60); // ar(5): name in 16 bytes, size in 10 from 48 on
        if (header.length < 60) {
          throw new IOException("a Debian package without data.tar.xz or data.tar.gz");
        }
        String name = new String(header, 0, 16, StandardCharsets.ISO_8859_1).strip();
        if (name.startsWith("data.tar.xz")) {
          return new Xz(in);
        }
        if (name.startsWith("data.tar.gz")) {
          return new GZIPInputStream(in, 1 << 16);
        }
        String size = new String(header, 48, 10, StandardCharsets.ISO_8859_1).strip();
        if (!size.matches("\\d{1,10}")) {
          throw new IOException("a header of the package is damaged");
        }
        in.skipNBytes((Long.parseLong(size) + 1) / 2 * 2);
      }
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private static String sha256(Path path) {
    try (DigestInputStream in =
        new DigestInputStream(
            new BufferedInputStream(Files.newInputStream(path)), ShippedData.sha256())) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
