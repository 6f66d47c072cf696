package dev.tributary.secagg.crypto;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Labelled byte strings (section 6): the label in UTF-8 with its length as u16 before it, then
 * fields of fixed width, integers big-endian.
 */
public final class Labels {

  private Labels() {}

  /** The label with its length before it, then the parts as they are. */
  public static byte[] message(String label, byte[]... parts) {
    byte[] name = label.getBytes(StandardCharsets.UTF_8);
    if (name.length > 0xFFFF) {
      throw new IllegalArgumentException("label longer than 65535 bytes");
    }
    int length = 2 + name.length;
    for (byte[] part : parts) {
      length = Math.addExact(length, part.length);
    }
    byte[] message = new byte[length];
    message[0] = (byte) (name.length >>> 8);
    message[1] = (byte) name.length;
    System.arraycopy(name, 0, message, 2, name.length);
    int at = 2 + name.length;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, message, at, part.length);
      at += part.length;
    }
    return message;
  }

  /** SHA-256 of {@link #message}. */
  public static byte[] hash(String label, byte[]... parts) {
    return sha256(message(label, parts));
  }

  /** SHA-256. */
  public static byte[] sha256(byte[] message) {
    return newSha256().digest(message);
  }

  /** A fresh SHA-256. */
  public static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Four bytes, big-endian. */
  public static byte[] u32(int value) {
    byte[] bytes = new byte[4];
    putU32(value, bytes, 0);
    return bytes;
  }

  /** Writes four bytes, big-endian. */
  public static void putU32(int value, byte[] into, int at) {
    into[at] = (byte) (value >>> 24);
    into[at + 1] = (byte) (value >>> 16);
    into[at + 2] = (byte) (value >>> 8);
    into[at + 3] = (byte) value;
  }
}
