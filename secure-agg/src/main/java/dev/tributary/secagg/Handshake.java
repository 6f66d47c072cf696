package dev.tributary.secagg;

import java.nio.ByteBuffer;

/**
 * What identity keys sign outside a sum: a client's check-in and withdrawal, and a coordinator's
 * offer.
 */
public final class Handshake {
  private static final String CHECK_IN = "tributary/check-in";
  private static final String WITHDRAW = "tributary/withdraw";
  private static final String OFFER = "tributary/offer";

  private Handshake() {}

  /**
   * A client's signature over coordinator key | nonce | u64 time.
   *
   * @param coordinatorKey Ed25519 public key, so that a check-in serves at no other coordinator
   * @param nonce fresh random bytes
   * @param timeMillis the client's clock, milliseconds since the epoch
   */
  public static byte[] signCheckIn(
      Identity client, byte[] coordinatorKey, byte[] nonce, long timeMillis) {
    return client.sign(CHECK_IN, coordinatorKey, nonce, u64(timeMillis));
  }

  /** Whether {@link #signCheckIn} made that signature with the identity's key. */
  public static boolean verifyCheckIn(
      byte[] identityKey, byte[] signature, byte[] coordinatorKey, byte[] nonce, long timeMillis) {
    return Identity.verify(
        identityKey, signature, CHECK_IN, coordinatorKey, nonce, u64(timeMillis));
  }

  /** A client's signature over what {@link #signCheckIn} signs, under another label. */
  public static byte[] signWithdrawal(
      Identity client, byte[] coordinatorKey, byte[] nonce, long timeMillis) {
    return client.sign(WITHDRAW, coordinatorKey, nonce, u64(timeMillis));
  }

  /** Whether {@link #signWithdrawal} made that signature with the identity's key. */
  public static boolean verifyWithdrawal(
      byte[] identityKey, byte[] signature, byte[] coordinatorKey, byte[] nonce, long timeMillis) {
    return Identity.verify(
        identityKey, signature, WITHDRAW, coordinatorKey, nonce, u64(timeMillis));
  }

  /** A coordinator's signature over u32 slot | plan as sent. */
  public static byte[] signOffer(Identity coordinator, int slot, byte[] plan) {
    return coordinator.sign(OFFER, u32(slot), plan);
  }

  /** Whether {@link #signOffer} made that signature with the coordinator's key. */
  public static boolean verifyOffer(
      byte[] coordinatorKey, byte[] signature, int slot, byte[] plan) {
    return Identity.verify(coordinatorKey, signature, OFFER, u32(slot), plan);
  }

  private static byte[] u32(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }

  private static byte[] u64(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }
}
