package dev.tributary.secagg;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The bytes that identity keys sign outside a sum: a client's check-in and a coordinator's offer.
 * Both begin with their label, length-prefixed by u16; the fields follow in big-endian, fixed width
 * except the coordinator's key, whose length is that of an Ed25519 public key.
 */
public final class Handshake {
  private static final byte[] CHECK_IN = "tributary/check-in".getBytes(StandardCharsets.UTF_8);
  private static final byte[] OFFER = "tributary/offer".getBytes(StandardCharsets.UTF_8);

  private Handshake() {}

  /**
   * What a client signs to check in: label | coordinator key | nonce | u64 time.
   *
   * @param coordinatorKey the coordinator's Ed25519 public key, so that a check-in serves at no
   *     other coordinator
   * @param nonce fresh random bytes
   * @param timeMillis the client's clock, milliseconds since the epoch
   */
  public static byte[] checkIn(byte[] coordinatorKey, byte[] nonce, long timeMillis) {
    return labelled(CHECK_IN, coordinatorKey.length + nonce.length + Long.BYTES)
        .put(coordinatorKey)
        .put(nonce)
        .putLong(timeMillis)
        .array();
  }

  /** What a coordinator signs to offer a round: label | u32 slot | SHA-256 of the plan as sent. */
  public static byte[] offer(int slot, byte[] plan) {
    byte[] digest = sha256(plan);
    return labelled(OFFER, Integer.BYTES + digest.length).putInt(slot).put(digest).array();
  }

  private static ByteBuffer labelled(byte[] label, int fields) {
    return ByteBuffer.allocate(Short.BYTES + label.length + fields)
        .putShort((short) label.length)
        .put(label);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
