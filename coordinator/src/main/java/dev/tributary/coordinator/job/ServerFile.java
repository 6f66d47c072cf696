package dev.tributary.coordinator.job;

import dev.tributary.coordinator.store.ClientTokens;
import dev.tributary.coordinator.store.PostgresSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where and how a coordinator serves, {@code coordinator.yaml}: what a job file does not say.
 *
 * @param host address to listen on
 * @param port 0 for any free one
 * @param advertise {@code https://HOST:PORT} where the other coordinators of a database reach this
 *     one; null for where it listens
 * @param store folder of the store
 * @param tls what the server shows in TLS, and whom it serves
 * @param authority file with the enrolment authority's public key; null for trust on first use
 * @param signingKey file of the key that clients hold on to; null for the one in the store's folder
 * @param database where the store's tables are; null for SQLite in its folder
 * @param limits how much is taken of one address and of one client
 * @param clientTokenLifetime after which a client checks in again
 * @param pace how many clients are borne
 */
public record ServerFile(
    String host,
    int port,
    @Nullable String advertise,
    Path store,
    Tls tls,
    @Nullable Path authority,
    @Nullable Path signingKey,
    @Nullable PostgresSettings database,
    Limits limits,
    Duration clientTokenLifetime,
    Pace pace) {

  private static final List<String> FILES =
      List.of("certificate", "key", "clientAuthorities", "revoked");

  private static final int MOST = 1_000_000_000;

  /** What holds without a file. */
  public static final ServerFile DEFAULTS =
      new ServerFile(
          "0.0.0.0",
          8443,
          null,
          Path.of("data"),
          new Tls(List.of("localhost", "127.0.0.1"), null, null, null, null),
          null,
          null,
          null,
          Limits.DEFAULTS,
          ClientTokens.LIFETIME,
          Pace.DEFAULTS);

  /**
   * Certificates.
   *
   * @param names hosts and addresses that the development certificate is made for
   * @param certificate of the server, PEM; null for the one in the store's folder
   * @param key of that, PEM
   * @param clientAuthorities whose certificates clients must show, PEM; null to serve everybody
   * @param revoked lists of the authorities' certificates that count no more, PEM; null for none
   */
  public record Tls(
      List<String> names,
      @Nullable Path certificate,
      @Nullable Path key,
      @Nullable Path clientAuthorities,
      @Nullable Path revoked) {
    public Tls {
      names = List.copyOf(names);
    }
  }

  /**
   * Reads a file; relative paths start from its folder.
   *
   * @throws JobFileException with everything that is wrong with it
   */
  public static ServerFile read(Path file) {
    Problems problems = new Problems();
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new JobFileException(
          List.of(
              new Problem(
                  "job-unreadable",
                  file.toString(),
                  0,
                  "",
                  "",
                  "The file cannot be read",
                  "Give the path of a coordinator.yaml.")));
    }
    Section s =
        new Section(
            YamlTree.read(String.valueOf(file.getFileName()), text, problems),
            "",
            problems,
            key -> {});
    Path base = file.toAbsolutePath().getParent();
    Path folder = base == null ? Path.of("") : base;
    Tls tls = tls(s.section("tls", false), folder);
    String authority = s.text("authority", "");
    String signingKey = s.text("signingKey", "");
    ServerFile read =
        new ServerFile(
            s.text("host", DEFAULTS.host()),
            s.integer("port", DEFAULTS.port(), 0, 65_535),
            advertise(s),
            folder.resolve(s.text("store", DEFAULTS.store().toString())),
            tls,
            authority.isEmpty() ? null : folder.resolve(authority),
            signingKey.isEmpty() ? null : folder.resolve(signingKey),
            database(s.section("database", false), folder),
            limits(s.section("limits", false)),
            clientTokenLifetime(s),
            pace(s.section("pace", false)));
    s.end();
    problems.throwIfAny();
    return read;
  }

  private static @Nullable String advertise(Section s) {
    String read = s.text("advertise", "");
    if (!read.isEmpty() && !isAddress(read)) {
      s.problem(
          "job-out-of-range",
          "advertise",
          "must be https://HOST:PORT",
          "Leave it out for the address that it listens on.");
    }
    return read.isEmpty() ? null : read;
  }

  /** Whether other coordinators can be told that address: {@code https://HOST:PORT}. */
  public static boolean isAddress(String text) {
    return text.matches("https://[^/\\s]+:\\d{1,5}");
  }

  private static Pace pace(Section s) {
    int rate = s.integer("checkInsPerSecond", Pace.DEFAULTS.checkInsPerSecond(), 1, MOST);
    int parked =
        s.integer("parkedClients", Math.max(rate, Pace.DEFAULTS.parkedClients()), rate, MOST);
    s.end();
    return new Pace(rate, parked);
  }

  private static Tls tls(Section s, Path folder) {
    List<String> names = new ArrayList<>();
    for (Node name : s.list("names", false)) {
      names.add(name.shown());
    }
    @Nullable Path[] files = new Path[FILES.size()];
    for (int i = 0; i < files.length; i++) {
      String file = s.text(FILES.get(i), "");
      files[i] = file.isEmpty() ? null : folder.resolve(file);
    }
    if ((files[0] == null) != (files[1] == null)) {
      s.problem(
          "job-out-of-range",
          "certificate",
          "and key belong together",
          "Give both, or neither for the certificate in the store's folder.");
    }
    if (files[3] != null && files[2] == null) {
      s.problem(
          "job-out-of-range",
          "revoked",
          "is of certificates that nobody asks for",
          "Give clientAuthorities too.");
    }
    s.end();
    return new Tls(
        names.isEmpty() ? DEFAULTS.tls().names() : names, files[0], files[1], files[2], files[3]);
  }

  private static Duration clientTokenLifetime(Section s) {
    Duration read = s.duration("clientTokenLifetime", ClientTokens.LIFETIME);
    try {
      ClientTokens.requireLifetime(read);
      return read;
    } catch (IllegalArgumentException e) {
      s.problem(
          "job-out-of-range",
          "clientTokenLifetime",
          "must be 1m to 24h",
          "Leave it out for an hour.");
      return ClientTokens.LIFETIME;
    }
  }

  private static Limits limits(Section s) {
    Limits read = Limits.DEFAULTS;
    int address = s.integer("addressPerSecond", read.addressPerSecond(), 1, MOST);
    int client = s.integer("clientPerSecond", read.clientPerSecond(), 1, MOST);
    int addressBurst =
        s.integer("addressBurst", Math.max(address, read.addressBurst()), address, MOST);
    int clientBurst = s.integer("clientBurst", Math.max(client, read.clientBurst()), client, MOST);
    s.end();
    return new Limits(
        address, addressBurst, client, clientBurst, read.firstRequest(), read.slowBody());
  }

  private static @Nullable PostgresSettings database(Section s, Path folder) {
    String url = s.text("url", "");
    String user = s.text("user", "");
    String passwordFile = s.text("passwordFile", "");
    String blobs = s.text("blobs", "");
    Duration lease = s.duration("lease", PostgresSettings.LEASE);
    s.end();
    if (url.isEmpty()) {
      return null;
    }
    if (PostgresSettings.carriesPassword(url)) {
      // Told of this key, since the value of url would be shown.
      s.problem(
          "job-out-of-range",
          "passwordFile",
          "is where the password belongs, and not database.url",
          "Write the password into a file, and passwordFile: FILE.");
      return null;
    }
    try {
      String password =
          passwordFile.isEmpty() ? "" : Files.readString(folder.resolve(passwordFile)).strip();
      return new PostgresSettings(
          url, user, password, blobs.isEmpty() ? null : folder.resolve(blobs), lease);
    } catch (IOException e) {
      s.problem(
          "job-unreadable", "passwordFile", "cannot be read", "Give a file with the password.");
    } catch (IllegalArgumentException e) {
      s.problem(
          "job-out-of-range",
          "url",
          "cannot be used: " + e.getMessage(),
          "Write jdbc:postgresql://host:5432/database, and the password into a passwordFile.");
    }
    return null;
  }
}
