package dev.tributary.secagg.crypto;

import java.util.BitSet;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * Ed25519 (RFC 8032, pure): keys and signatures are made by Bouncy Castle, checked by {@link
 * Ed25519Verifier}.
 */
public final class Signatures {

  /** Length of a signature in bytes. */
  public static final int SIGNATURE_LENGTH = 64;

  /** Length of a key, secret or public, in bytes. */
  public static final int KEY_LENGTH = 32;

  private Signatures() {}

  /**
   * A decoded key. Decoding costs a quarter of a check, and the multiples that a check needs are
   * kept, so a key is decoded once.
   */
  public static final class PublicKey {

    private final Ed25519Verifier.PublicKey key;

    private PublicKey(Ed25519Verifier.PublicKey key) {
      this.key = key;
    }

    /** Whether this key signed the message. False for a signature of another length. */
    public boolean verify(byte[] message, byte[] signature) {
      return signature.length == SIGNATURE_LENGTH
          && Ed25519Verifier.verify(key, message, signature);
    }

    @Override
    public String toString() {
      return key.toString();
    }
  }

  /** Signatures checked together, at less than half the cost of one after the other. */
  public static final class Batch {

    private final Ed25519Batch batch = new Ed25519Batch();

    /** Adds one; its number is the count of those before it. */
    public void add(PublicKey key, byte[] message, byte[] signature) {
      batch.add(key.key, message, signature);
    }

    /** The numbers of those that are wrong. */
    public BitSet wrong() {
      return batch.wrong();
    }
  }

  /** The key, or null if the bytes are no point of the curve, or one of low order. */
  public static @Nullable PublicKey decode(byte[] key) {
    if (key.length != KEY_LENGTH) {
      return null;
    }
    Ed25519Verifier.PublicKey decoded = Ed25519Verifier.PublicKey.decode(key);
    return decoded == null ? null : new PublicKey(decoded);
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
