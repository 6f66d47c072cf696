package dev.tributary.privacy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * One link of a ledger's hash chain. Stores keep the four fields as they are and interpret none of
 * them.
 *
 * @param index 0 for the first entry
 * @param previous hash of the entry before, 64 zeros for the first
 * @param content one line of text without tabs
 * @param hash SHA-256 over index, previous and content, lower-case hexadecimal
 */
public record LedgerEntry(long index, String previous, String content, String hash) {
  /** What stands for the hash before the first entry. */
  static final String START = "0".repeat(64);

  private static final String LABEL = "tributary/ledger";

  /** The entry that follows {@code last}, or the first one. */
  static LedgerEntry link(long index, String previous, String content) {
    return new LedgerEntry(index, previous, content, hash(index, previous, content));
  }

  /** Whether the hash is that of the other three fields. */
  boolean sound() {
    return hash.equals(hash(index, previous, content));
  }

  LedgerHead head() {
    return new LedgerHead(index, hash);
  }

  private static String hash(long index, String previous, String content) {
    String text = LABEL + '\n' + index + '\n' + previous + '\n' + content;
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JVM has no SHA-256", e);
    }
  }
}
