package dev.tributary.secagg.crypto;

import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/** Ed25519 (RFC 8032, pure). */
public final class Signatures {

  /** Length of a signature in bytes. */
  public static final int SIGNATURE_LENGTH = 64;

  /** Length of a key, secret or public, in bytes. */
  public static final int KEY_LENGTH = 32;

  private Signatures() {}

  /**
   * A decoded key; decoding costs about as much as a tenth of a check, so a key is decoded once.
   */
  public interface PublicKey {
    /** Whether this key signed the message. False for a signature of another length. */
    boolean verify(byte[] message, byte[] signature);
  }

  /** The key, or null if the bytes are no point of the curve, or one of low order. */
  public static @Nullable PublicKey decode(byte[] key) {
    if (key.length != KEY_LENGTH) {
      return null;
    }
    Ed25519.PublicPoint point = Ed25519.validatePublicKeyPartialExport(key, 0);
    if (point == null) {
      return null;
    }
    return (message, signature) ->
        signature.length == SIGNATURE_LENGTH
            && Ed25519.verify(signature, 0, point, message, 0, message.length);
  }

  /** The public key of a secret key. */
  public static byte[] publicKey(byte[] secretKey) {
    byte[] publicKey = new byte[KEY_LENGTH];
    Ed25519.generatePublicKey(secretKey, 0, publicKey, 0);
    return publicKey;
  }

  /** Signs. */
  public static byte[] sign(byte[] secretKey, byte[] publicKey, byte[] message) {
    byte[] signature = new byte[SIGNATURE_LENGTH];
    Ed25519.sign(secretKey, 0, publicKey, 0, message, 0, message.length, signature, 0);
    return signature;
  }
}
