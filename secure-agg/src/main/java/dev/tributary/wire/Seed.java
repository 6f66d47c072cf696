package dev.tributary.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * 32 bytes from which a machine draws all its randomness. Live shells take it from the operating
 * system; simulations derive it from the seed of the job. It prints nothing and can be wiped.
 */
public final class Seed {

  /** Length in bytes. */
  public static final int LENGTH = 32;

  private final byte[] bytes;
  private boolean destroyed;

  private Seed(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A seed of these 32 bytes, copied. */
  public static Seed of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException(
          "a seed has " + LENGTH + " bytes. Provided: " + bytes.length);
    }
    return new Seed(bytes.clone());
  }

  /** A fresh seed. */
  public static Seed random(SecureRandom random) {
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    return new Seed(bytes);
  }

  /**
   * The seed of one purpose: HMAC-SHA-256 under this seed of the label (UTF-8, its length as u16
   * before it) and the ids (64-bit big-endian).
   */
  public Seed derive(String label, long... ids) {
    checkAlive();
    byte[] name = label.getBytes(StandardCharsets.UTF_8);
    if (name.length > 0xFFFF) {
      throw new IllegalArgumentException("label longer than 65535 bytes");
    }
    ByteBuffer message = ByteBuffer.allocate(2 + name.length + Long.BYTES * ids.length);
    message.putShort((short) name.length).put(name);
    for (long id : ids) {
      message.putLong(id);
    }
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(bytes, "HmacSHA256"));
      return new Seed(mac.doFinal(message.array()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  /** A copy of the bytes; the caller wipes it. */
  public byte[] bytes() {
    checkAlive();
    return bytes.clone();
  }

  /** The first eight bytes as a number, for generators that take one. */
  public long toLong() {
    checkAlive();
    return ByteBuffer.wrap(bytes).getLong();
  }

  /** Overwrites the bytes; every later use fails. */
  public void destroy() {
    Arrays.fill(bytes, (byte) 0);
    destroyed = true;
  }

  private void checkAlive() {
    if (destroyed) {
      throw new IllegalStateException("the seed was destroyed");
    }
  }

  @Override
  public String toString() {
    return "Seed[redacted]";
  }
}
