package dev.tributary.secagg;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PEM blocks in files; Ed25519 keys as in RFC 8410. */
final class KeyFiles {

  static final String PRIVATE = "PRIVATE KEY";
  static final String PUBLIC = "PUBLIC KEY";

  private static final byte[] PKCS8_ED25519 = {
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20
  };
  private static final byte[] SPKI_ED25519 = {
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00
  };
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
  private static final Pattern BEGIN = Pattern.compile("-----BEGIN ");
  private static final int LARGEST_FILE = 4 << 20;

  private KeyFiles() {}

  static String privatePem(byte[] secretKey) {
    byte[] der = concat(PKCS8_ED25519, secretKey);
    String pem = pem(PRIVATE, der);
    Arrays.fill(der, (byte) 0);
    return pem;
  }

  static String publicPem(byte[] publicKey) {
    return pem(PUBLIC, concat(SPKI_ED25519, publicKey));
  }

  static byte[] readPrivate(Path file) {
    List<byte[]> blocks = blocks(read(file), PRIVATE);
    if (blocks.size() != 1) {
      throw new KeyFileException(
          file + " must hold one " + PRIVATE + ". Found: " + blocks.size() + ". Restore the file.");
    }
    return strip(blocks.get(0), PKCS8_ED25519, file);
  }

  static List<byte[]> readPublic(Path file) {
    List<byte[]> keys = new ArrayList<>();
    for (byte[] block : blocks(read(file), PUBLIC)) {
      keys.add(strip(block, SPKI_ED25519, file));
    }
    return keys;
  }

  private static byte[] strip(byte[] der, byte[] prefix, Path file) {
    if (der.length != prefix.length + 32
        || !Arrays.equals(der, 0, prefix.length, prefix, 0, prefix.length)) {
      throw new KeyFileException(
          file + " holds a key that is not Ed25519 (RFC 8410). Give an Ed25519 key.");
    }
    return Arrays.copyOfRange(der, prefix.length, der.length);
  }

  static String pem(String type, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }

  static List<byte[]> blocks(String text, String type) {
    List<byte[]> found = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      if (matcher.group(1).equals(type)) {
        found.add(decode(matcher.group(2), type));
      }
    }
    return found;
  }

  /** Refuses text with a block that is cut short or damaged, which would be passed over. */
  static void checkWhole(String text, String where) {
    if (BEGIN.matcher(text).results().count() != BLOCK.matcher(text).results().count()) {
      throw new KeyFileException(where + " has a damaged PEM block. Fetch the file again.");
    }
  }

  private static byte[] decode(String base64, String type) {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new KeyFileException("a " + type + " block is not base64. Restore the file.", e);
    }
  }

  static String read(Path file) {
    try {
      if (Files.size(file) > LARGEST_FILE) {
        throw new KeyFileException(file + " is larger than a key file can be (4 MiB).");
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new KeyFileException(file + " is not there. Check the path.", e);
    } catch (IOException e) {
      throw new KeyFileException(
          file + " cannot be read (" + e.getClass().getSimpleName() + "). Check its owner.", e);
    }
  }

  /** Writes a file that only its owner may read, whole or not at all. */
  static void writeOwnerOnly(Path file, String content) {
    write(file, content, "rw-------", true);
  }

  /**
   * Writes a secret where nothing is, readable by its owner alone, whole or not at all.
   *
   * @throws KeyFileException if the file is there already
   */
  static void writeNewOwnerOnly(Path file, String content) {
    write(file, content, "rw-------", false);
  }

  /** Writes a file that everybody may read, whole or not at all. */
  static void writePublic(Path file, String content) {
    write(file, content, "rw-r--r--", true);
  }

  private static void write(Path file, String content, String permissions, boolean replace) {
    try {
      Path directory = file.toAbsolutePath().getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      // Of those who write where nothing is, each has a file of its own until one of them has won.
      String suffix = replace ? ".new" : "." + UUID.randomUUID() + ".new";
      Path temporary = file.resolveSibling(file.getFileName() + suffix);
      try {
        writeTemporary(temporary, content, permissions);
        if (replace) {
          Files.move(
              temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } else {
          moveToNothing(temporary, file);
        }
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (FileAlreadyExistsException e) {
      throw new KeyFileException(
          file + " is there already; a key is never overwritten. Choose another place.", e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static void writeTemporary(Path temporary, String content, String permissions)
      throws IOException {
    Files.deleteIfExists(temporary);
    boolean posix = temporary.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] attributes =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
            }
            : new FileAttribute<?>[0];
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            attributes)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /** A link fails where a file is, which a move would replace; some file systems have no links. */
  private static void moveToNothing(Path temporary, Path file) throws IOException {
    try {
      Files.createLink(file, temporary);
    } catch (UnsupportedOperationException e) {
      Files.move(temporary, file);
    }
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] whole = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, whole, first.length, second.length);
    return whole;
  }
}
