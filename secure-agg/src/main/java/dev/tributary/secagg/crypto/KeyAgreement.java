package dev.tributary.secagg.crypto;

import java.math.BigInteger;
import java.util.Set;
import org.bouncycastle.math.ec.rfc7748.X25519;

/** X25519 (RFC 7748): keys are made by Bouncy Castle, agreed by {@link Curve25519}. */
public final class KeyAgreement {

  /** Length of a secret, a public key and a shared secret, in bytes. */
  public static final int LENGTH = 32;

  /** p = 2^255 - 19. */
  private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

  /** The u-coordinates whose order divides 8, on the curve or its twist, and those not reduced. */
  private static final Set<BigInteger> LOW_ORDER =
      Set.of(
          BigInteger.ZERO,
          BigInteger.ONE,
          new BigInteger(
              "325606250916557431795983626356110631294008115727848805560023387167927233504"),
          new BigInteger(
              "39382357235489614581723060781553021112529911719440698176882885853963445705823"),
          P.subtract(BigInteger.ONE),
          P,
          P.add(BigInteger.ONE));

  private KeyAgreement() {}

  /**
   * Whether a public key, of 32 bytes, agrees to zero with everybody. The top bit does not count.
   */
  public static boolean isLowOrder(byte[] publicKey) {
    byte[] bigEndian = new byte[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      bigEndian[i] = publicKey[LENGTH - 1 - i];
    }
    bigEndian[0] &= 0x7F;
    return LOW_ORDER.contains(new BigInteger(1, bigEndian));
  }

  /** The public key of a secret. */
  public static byte[] publicKey(byte[] secret) {
    byte[] publicKey = new byte[LENGTH];
    X25519.scalarMultBase(secret, 0, publicKey, 0);
    return publicKey;
  }

  /**
   * The secrets shared with the owners of several public keys, each to {@code shared[k][0, 32)}.
   *
   * @return -1, or the index of a public key whose shared secret is all zero, which a key of low
   *     order makes it; then all are zero, and nobody may use them
   */
  public static int agree(byte[] secret, byte[][] publicKeys, byte[][] shared) {
    return Curve25519.agree(secret, publicKeys, shared);
  }
}
