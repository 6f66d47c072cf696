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
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What a client keeps between starts, in a directory of its own that one client at a time holds:
 * its identity key (readable by the owner alone), its certificate, the coordinator's signing key as
 * first met, the number of the newest revocation list seen, and the journal.
 */
final class StateDirectory implements AutoCloseable {
  private static final String LOCK = "lock";
  private static final String IDENTITY = "identity.pem";
  private static final String CERTIFICATE = "certificate";
  private static final String REVOCATIONS = "revocations";

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
