package dev.tributary.coordinator.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * One entry of the audit log.
 *
 * @param number 1 for the first
 * @param at the coordinator's time, ISO 8601 in UTC
 * @param who acted: {@code coordinator}, {@code local user ...}, {@code token ...}
 * @param what was done, a word of {@link AuditAct}
 * @param detail of it, one line
 * @param hash SHA-256 over the other fields and the hash before, 64 lower-case hex digits
 */
public record AuditEntry(
    long number, String at, String who, String what, String detail, String hash) {

  /** What stands for the hash before the first entry. */
  public static final String START = "0".repeat(64);

  private static final String LABEL = "tributary/audit-log/1";

  /** The entry that follows the hash {@code previous}. */
  static AuditEntry link(
      String previous, long number, String at, String who, String what, String detail) {
    return new AuditEntry(
        number, at, who, what, detail, hash(previous, number, at, who, what, detail));
  }

  /** Whether it is what was written after the entry with the hash {@code previous}. */
  boolean follows(String previous) {
    return hash.equals(hash(previous, number, at, who, what, detail));
  }

  /** Each field with its length before it (4 bytes, big-endian), so that none runs into another. */
  private static String hash(
      String previous, long number, String at, String who, String what, String detail) {
    MessageDigest sha256 = sha256();
    for (String field :
        new String[] {LABEL, previous, Long.toString(number), at, who, what, detail}) {
      byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
      sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
      sha256.update(bytes);
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
