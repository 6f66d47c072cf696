package dev.tributary.secagg;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An enrolment authority on disk: its secret keys ({@code key-FINGERPRINT.pem}, readable by the
 * owner alone, never overwritten), its population, a register of what it issued, and {@value
 * #TRUST_FILE}, the one file that clients and coordinators get. One process at a time has it open.
 */
public final class AuthorityFolder implements AutoCloseable {

  /** What is handed out. */
  public static final String TRUST_FILE = "authority.pem";

  private static final String POPULATION = "population";
  private static final String REGISTER = "issued.csv";

  private final Path folder;
  private final SecureRandom random;
  private final FileChannel lock;
  private TrustAnchors trust;
  private EnrolmentAuthority current;

  private AuthorityFolder(
      Path folder,
      SecureRandom random,
      FileChannel lock,
      TrustAnchors trust,
      EnrolmentAuthority current) {
    this.folder = folder;
    this.random = random;
    this.lock = lock;
    this.trust = trust;
    this.current = current;
  }

  /**
   * A new authority, with an empty revocation list.
   *
   * @param population what its certificates will say
   * @param listFor how long the list holds
   * @throws KeyFileException if an authority is there already
   */
  public static AuthorityFolder create(
      Path folder, String population, Instant now, Duration listFor, SecureRandom random) {
    if (population.isBlank() || !population.equals(population.strip())) {
      throw new KeyFileException("A population has a name without blanks around it.");
    }
    FileChannel lock = lock(folder);
    try {
      if (Files.exists(folder.resolve(POPULATION))) {
        throw new KeyFileException(
            folder
                + " holds an authority already; it is never overwritten. Choose another folder.");
      }
      EnrolmentAuthority first = EnrolmentAuthority.create(population, random);
      first.save(keyFile(folder, first));
      AuthorityFolder made = new AuthorityFolder(folder, random, lock, first.anchors(), first);
      made.publish(made.trust, Set.of(), now, listFor);
      KeyFiles.writePublic(folder.resolve(POPULATION), population + "\n"); // now it is one
      return made;
    } catch (RuntimeException e) {
      release(lock);
      throw e;
    }
  }

  /**
   * Opens what {@link #create} made.
   *
   * @throws KeyFileException if there is no authority, a file of it is damaged, or another process
   *     has it open
   */
  public static AuthorityFolder open(Path folder, SecureRandom random) {
    if (!Files.exists(folder.resolve(POPULATION))) {
      throw new KeyFileException(
          folder + " holds no enrolment authority. Make one with: tributary authority init.");
    }
    FileChannel lock = lock(folder);
    try {
      TrustAnchors trust = TrustAnchors.fromPem(folder.resolve(TRUST_FILE));
      String population = KeyFiles.read(folder.resolve(POPULATION)).strip();
      byte[] key = trust.pinned().get(0);
      Path file = folder.resolve("key-" + shortName(Identity.fingerprint(key)) + ".pem");
      EnrolmentAuthority current = EnrolmentAuthority.load(file, population, random);
      if (!current.fingerprint().equals(Identity.fingerprint(key))) {
        throw new KeyFileException(file + " is another key than its name says. Restore the file.");
      }
      return new AuthorityFolder(folder, random, lock, trust, current);
    } catch (RuntimeException e) {
      release(lock);
      throw e;
    }
  }

  /** The file that clients and coordinators get. */
  public Path trustFile() {
    return folder.resolve(TRUST_FILE);
  }

  /** What that file says. */
  public TrustAnchors trust() {
    return trust;
  }

  /** The population that it certifies for. */
  public String population() {
    return current.population();
  }

  /** The fingerprint of the key that signs now. */
  public String fingerprint() {
    return current.fingerprint();
  }

  /** The list that counts now. */
  public RevocationList revocations() {
    return Objects.requireNonNull(
        Objects.requireNonNull(trust.authorities().get(keyBytes())).list(),
        "an authority's file has a list");
  }

  /** Certifies a key from now on, and writes that down first. */
  public Certificate issue(byte[] identityKey, Instant now, Duration validity) {
    Certificate certificate = current.issue(identityKey, now, now.plus(validity));
    String line =
        String.join(
            ",",
            certificate.serial(),
            HexFormat.of().formatHex(identityKey),
            certificate.notAfter().toString());
    append(line + "\n");
    return certificate;
  }

  /** Serials of everything that was issued to an identity key. */
  public List<String> serialsOf(byte[] identityKey) {
    String key = HexFormat.of().formatHex(identityKey);
    return register().stream()
        .filter(fields -> fields[1].equals(key))
        .map(fields -> fields[0])
        .toList();
  }

  /** Whether the register has a certificate of this serial. */
  public boolean issued(String serial) {
    String lower = RevocationList.checkSerial(serial);
    return register().stream().anyMatch(fields -> fields[0].equals(lower));
  }

  /** Adds serials to those revoked, in a new list. Without serials the list is only renewed. */
  public RevocationList revoke(Collection<String> serials, Instant now, Duration listFor) {
    Set<String> all = new TreeSet<>(revocations().serials());
    all.addAll(serials);
    publish(trust, all, now, listFor);
    return revocations();
  }

  /**
   * Puts a new key in the place of the present one, whose certificates count until an end. The old
   * secret key is not needed afterwards.
   *
   * @param until null for the end of the last certificate that was issued
   */
  public Succession rotate(@Nullable Instant until, Instant now, Duration listFor) {
    Set<String> revoked = revocations().serials();
    long number = revocations().number();
    EnrolmentAuthority next = EnrolmentAuthority.create(population(), random);
    next.save(keyFile(folder, next));
    Succession succession = current.succeededBy(next, now, until == null ? lastExpiry(now) : until);
    List<byte[]> pins = new ArrayList<>(List.of(keyOf(next)));
    trust.pinned().stream().filter(key -> counts(key, now)).forEach(pins::add);
    StringBuilder text = new StringBuilder(TrustAnchors.of(pins).toPem());
    for (Succession before : trust.successions()) {
      text.append(before.toPem());
    }
    text.append(succession.toPem());
    RevocationList list = next.revoke(number + 1, revoked, now, now.plus(listFor));
    text.append(list.toPem());
    write(text.toString());
    current.close();
    current = next;
    return succession;
  }

  private boolean counts(byte[] key, Instant now) {
    TrustAnchors.Authority known = trust.authorities().get(ByteString.copyFrom(key));
    return known != null && now.getEpochSecond() < known.until();
  }

  private Instant lastExpiry(Instant now) {
    return register().stream()
        .map(fields -> Instant.parse(fields[2]))
        .reduce(now, (a, b) -> a.isAfter(b) ? a : b);
  }

  private void publish(TrustAnchors base, Set<String> serials, Instant now, Duration listFor) {
    TrustAnchors.Authority known = base.authorities().get(keyBytes());
    RevocationList before = known == null ? null : known.list();
    RevocationList list =
        current.revoke(before == null ? 1 : before.number() + 1, serials, now, now.plus(listFor));
    StringBuilder text = new StringBuilder(TrustAnchors.of(base.pinned()).toPem());
    base.successions().forEach(s -> text.append(s.toPem()));
    text.append(list.toPem());
    write(text.toString());
  }

  private void write(String text) {
    KeyFiles.writePublic(trustFile(), text);
    trust = TrustAnchors.fromPem(trustFile());
  }

  private ByteString keyBytes() {
    return ByteString.copyFrom(keyOf(current));
  }

  private static byte[] keyOf(EnrolmentAuthority authority) {
    return authority.anchors().pinned().get(0);
  }

  private static Path keyFile(Path folder, EnrolmentAuthority authority) {
    return folder.resolve("key-" + shortName(authority.fingerprint()) + ".pem");
  }

  private static String shortName(String fingerprint) {
    return fingerprint.substring(fingerprint.indexOf(':') + 1);
  }

  private List<String[]> register() {
    Path file = folder.resolve(REGISTER);
    if (!Files.exists(file)) {
      return List.of();
    }
    List<String[]> rows = new ArrayList<>();
    try (var lines = Files.lines(file, StandardCharsets.UTF_8)) {
      lines.forEach(line -> rows.add(fields(file, line)));
    } catch (IOException | UncheckedIOException e) {
      throw new KeyFileException("cannot read " + file + ": " + e, e);
    }
    return rows;
  }

  private static String[] fields(Path file, String line) {
    if (!line.matches("[0-9a-f]{32},[0-9a-f]{64},[-+0-9T:.]+Z")) {
      throw new KeyFileException(file + " has a damaged line: " + line + ". Mend or remove it.");
    }
    return line.split(",", -1);
  }

  private void append(String line) {
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve(REGISTER), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      channel.write(StandardCharsets.UTF_8.encode(line));
      channel.force(true);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + folder.resolve(REGISTER), e);
    }
  }

  private static FileChannel lock(Path folder) {
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      boolean held;
      try {
        held = channel.tryLock() != null;
      } catch (OverlappingFileLockException e) {
        held = false;
      }
      if (!held) {
        channel.close();
        throw new KeyFileException(folder + " is open in another process. Wait for its end.");
      }
      return channel;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use " + folder, e);
    }
  }

  private static void release(FileChannel lock) {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close a lock", e);
    }
  }

  /** Wipes the key and lets others in. */
  @Override
  public void close() {
    current.close();
    release(lock);
  }

  @Override
  public String toString() {
    return "AuthorityFolder[" + folder + ", " + current + "]";
  }
}
