package dev.tributary.client;

import dev.tributary.client.ClientException.Code;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.CertificateException;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.KeyFileException;
import dev.tributary.secagg.OutdatedTrustException;
import dev.tributary.secagg.RevocationMemory;
import dev.tributary.secagg.TrustAnchors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What a client keeps between starts, in a directory of its own that one client at a time holds:
 * its identity key (readable by the owner alone), its certificate, the coordinator's signing key as
 * first met, the number of the newest revocation list seen, the journal, and what strategies have
 * it remember.
 */
final class StateDirectory implements AutoCloseable {
  private static final String LOCK = "lock";
  private static final String IDENTITY = "identity.pem";
  private static final String CERTIFICATE = "certificate";
  private static final String REVOCATIONS = "revocations";
  private static final String WITHDRAWAL = "withdrawal";
  private static final String GONE = "identity.gone";

  /** What a crash can leave of the writing of a key. */
  private static final String HALF_WRITTEN = IDENTITY + ".new";

  private final Path directory;
  private final FileChannel lockFile;

  private StateDirectory(Path directory, FileChannel lockFile) {
    this.directory = directory;
    this.lockFile = lockFile;
  }

  static StateDirectory open(Path directory) {
    try {
      create(directory);
      FileChannel channel =
          FileChannel.open(
              directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(channel)) {
        channel.close();
        throw new ClientException(
            Code.STATE_IN_USE,
            "Another client works in "
                + directory
                + ". Give each client a state directory of its own.");
      }
      return new StateDirectory(directory, channel);
    } catch (IOException e) {
      throw FileClientJournal.unusable(directory, e);
    }
  }

  /**
   * Opens the state of a client that was there before.
   *
   * @throws ClientException with {@code CONFIGURATION_INVALID} if nothing is there
   */
  static StateDirectory openExisting(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new ClientException(
          Code.CONFIGURATION_INVALID, "There is no client's state in " + directory + ".");
    }
    return open(directory);
  }

  private static void create(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectory(directory);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // another client of this process
    }
  }

  /** The identity of this client, made on the first start. */
  Identity identity(SecureRandom random) {
    Path file = directory.resolve(IDENTITY);
    try {
      if (Files.exists(file)) {
        return Identity.load(file);
      }
      Identity fresh = Identity.generate(random);
      fresh.save(file);
      return fresh;
    } catch (KeyFileException e) {
      throw FileClientJournal.damaged(file, String.valueOf(e.getMessage()), e);
    }
  }

  /** The identity of a client that has started before. */
  Optional<Identity> knownIdentity() {
    Path file = directory.resolve(IDENTITY);
    try {
      return Files.exists(file) ? Optional.of(Identity.load(file)) : Optional.empty();
    } catch (KeyFileException e) {
      throw FileClientJournal.damaged(file, String.valueOf(e.getMessage()), e);
    }
  }

  /** Whether a coordinator may know the identity. */
  boolean hasMetACoordinator() {
    return new CoordinatorFile(directory).pinned().isPresent();
  }

  /** Notes, before anybody is told, that this client leaves. */
  void beginWithdrawal() {
    CoordinatorFile.replace(directory.resolve(WITHDRAWAL), new byte[0]);
  }

  /**
   * Refuses to go on as a client that is about to leave.
   *
   * @throws ClientException with {@code WITHDRAWAL_PENDING}
   */
  void requireNotWithdrawing() {
    if (Files.exists(directory.resolve(WITHDRAWAL))) {
      throw new ClientException(
          Code.WITHDRAWAL_PENDING,
          "The client in "
              + directory
              + " was told to withdraw, and the coordinator has not confirmed it. Finish that"
              + " first, by builder().withdraw() or tributary client withdraw.");
    }
  }

  /**
   * Deletes the identity, the certificate, the survivor sets that the identity signed and what
   * strategies have left here. Ledgers and pins stay: what was spent does not come back, and
   * another client may begin here.
   */
  void forget() {
    Path identity = directory.resolve(IDENTITY);
    try {
      if (Files.exists(identity)) {
        Files.move(identity, directory.resolve(GONE), StandardCopyOption.ATOMIC_MOVE);
      }
      for (String name :
          List.of(FileClientJournal.SURVIVORS, CERTIFICATE, HALF_WRITTEN, GONE, WITHDRAWAL)) {
        Path file = directory.resolve(name);
        if (Files.exists(file)) {
          overwrite(file);
          Files.delete(file);
          AppendedLines.syncDirectory(file);
        }
      }
      memory().forget();
    } catch (IOException e) {
      throw FileClientJournal.unusable(directory, e);
    }
  }

  /** Zeros in place of the bytes, as far as the file system writes in place. */
  private static void overwrite(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate((int) Math.min(channel.size(), 1 << 20)), 0);
      channel.force(true);
    }
  }

  Optional<Certificate> certificate() {
    Path file = directory.resolve(CERTIFICATE);
    try {
      return Files.exists(file)
          ? Optional.of(Certificate.parse(Files.readAllBytes(file)))
          : Optional.empty();
    } catch (CertificateException e) {
      throw FileClientJournal.damaged(file, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw FileClientJournal.unusable(file, e);
    }
  }

  void keep(Certificate certificate) {
    CoordinatorFile.replace(directory.resolve(CERTIFICATE), certificate.bytes());
  }

  /**
   * Holds a coordinator's key against the one met first, which is kept here.
   *
   * @throws ClientException with {@code COORDINATOR_KEY_CHANGED}
   */
  void pin(byte[] coordinatorKey) {
    CoordinatorFile known = new CoordinatorFile(directory);
    String shown = HexFormat.of().formatHex(coordinatorKey);
    Optional<String> first = known.pinned();
    if (first.isEmpty()) {
      known.pin(shown);
    } else if (!first.get().equals(shown)) {
      throw new ClientException(
          Code.COORDINATOR_KEY_CHANGED,
          "The coordinator signs with another key than the one met first: "
              + first.get()
              + " then, "
              + shown
              + " now. What was spent is reckoned for each key, so nothing was sent. If the operator"
              + " says that the key was renewed, delete the first line of "
              + known.file()
              + ".");
    }
  }

  /**
   * Holds trust anchors against those seen before: their revocation list must not be older.
   *
   * @throws ClientException with {@code TRUST_OUTDATED}
   */
  void hold(TrustAnchors trust) {
    Path file = directory.resolve(REVOCATIONS);
    try {
      RevocationMemory.hold(file, trust);
    } catch (OutdatedTrustException e) {
      throw new ClientException(Code.TRUST_OUTDATED, String.valueOf(e.getMessage()), e);
    } catch (KeyFileException e) {
      throw FileClientJournal.damaged(file, String.valueOf(e.getMessage()), e);
    }
  }

  /** What strategies have this client remember of its data. */
  FileMemory memory() {
    return new FileMemory(directory);
  }

  FileClientJournal journal() {
    return FileClientJournal.open(directory);
  }

  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      throw FileClientJournal.unusable(directory.resolve(LOCK), e);
    }
  }
}
