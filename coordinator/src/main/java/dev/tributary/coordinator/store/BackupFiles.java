package dev.tributary.coordinator.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** The files of a backup: written with their digests, checked before they are believed. */
final class BackupFiles {
  private BackupFiles() {}

  /** Writes the bytes of a file. */
  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Writes a file that only its owner may read, durably, and describes it. */
  static BackupManifest.Part write(Path folder, String name, Content content) throws IOException {
    Path file = ownersOnly(folder.resolve(name));
    MessageDigest sha256 = AuditEntry.sha256();
    try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), sha256)) {
      content.writeTo(out);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    return new BackupManifest.Part(
        name, Files.size(file), HexFormat.of().formatHex(sha256.digest()));
  }

  /**
   * Checks a file against what the manifest says of it.
   *
   * @throws StoreException if it is missing or another one
   */
  static Path check(Path folder, BackupManifest.Part part) throws IOException {
    Path file = folder.resolve(part.name());
    MessageDigest sha256 = AuditEntry.sha256();
    try (InputStream in = Files.newInputStream(file);
        OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), sha256)) {
      if (Files.size(file) != part.length()) {
        throw damaged(file + " has another length than its manifest says");
      }
      in.transferTo(out);
    } catch (NoSuchFileException e) {
      throw damaged(file + " is missing");
    }
    if (!HexFormat.of().formatHex(sha256.digest()).equals(part.sha256())) {
      throw damaged(file + " has other bytes than its manifest says");
    }
    return file;
  }

  static StoreException damaged(String what) {
    return new StoreException(
        StoreException.BACKUP_DAMAGED,
        "The backup is damaged: " + what + ". Nothing was restored; take another backup.",
        null);
  }

  /** A new folder that only its owner may enter; one that an earlier try left is removed. */
  static Path fresh(Path folder) throws IOException {
    remove(folder);
    if (posix()) {
      return Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    return Files.createDirectories(folder);
  }

  private static Path ownersOnly(Path file) throws IOException {
    if (posix()) {
      return Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    return Files.createFile(file);
  }

  private static boolean posix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }

  static void remove(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      Files.delete(file);
    }
  }
}
