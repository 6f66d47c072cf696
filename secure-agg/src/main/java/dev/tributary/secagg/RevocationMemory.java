package dev.tributary.secagg;

import com.google.protobuf.ByteString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * The highest number of a revocation list that this machine has seen of each authority, in a file,
 * so that an older list, or none, is refused after a restart too.
 */
public final class RevocationMemory {

  private static final String LINE = "[0-9a-f]{64} [1-9][0-9]{0,18}";

  private RevocationMemory() {}

  /**
   * Holds anchors against what the file remembers, and writes down what they have.
   *
   * @param file need not be there yet
   * @throws OutdatedTrustException if the anchors are older
   * @throws KeyFileException if the file is damaged
   */
  public static void hold(Path file, TrustAnchors trust) {
    Map<String, Long> remembered = read(file);
    Map<String, Long> merged = new TreeMap<>(remembered);
    for (Map.Entry<ByteString, Long> each : trust.listNumbers().entrySet()) {
      String key = HexFormat.of().formatHex(each.getKey().toByteArray());
      long seen = remembered.getOrDefault(key, 0L);
      if (each.getValue() < seen) {
        throw new OutdatedTrustException(
            "The revocation list of the trust anchors has number "
                + each.getValue()
                + ", and number "
                + seen
                + " was seen before (0 is none). Get the authority's present file.");
      }
      if (each.getValue() > 0) {
        merged.put(key, each.getValue());
      }
    }
    if (!merged.equals(remembered)) {
      StringBuilder text = new StringBuilder();
      merged.forEach((key, number) -> text.append(key).append(' ').append(number).append('\n'));
      KeyFiles.writeOwnerOnly(file, text.toString());
    }
  }

  private static Map<String, Long> read(Path file) {
    Map<String, Long> numbers = new TreeMap<>();
    if (!Files.exists(file)) {
      return numbers;
    }
    for (String line : KeyFiles.read(file).lines().toList()) {
      if (!line.matches(LINE)) {
        throw new KeyFileException(
            file + " does not remember revocation lists any more: it is damaged. Restore it.");
      }
      try {
        numbers.put(line.substring(0, 64), Long.parseLong(line.substring(65)));
      } catch (NumberFormatException e) {
        throw new KeyFileException(file + " has a number out of range. Restore it.", e);
      }
    }
    return numbers;
  }
}
