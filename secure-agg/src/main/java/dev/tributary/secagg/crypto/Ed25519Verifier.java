package dev.tributary.secagg.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Verification of Ed25519 signatures (RFC 8032, section 5.1.7; the plain variant, without context
 * and prehash). All it reads is public, so it takes variable time. Keys are made, and signatures
 * signed, elsewhere.
 *
 * <p><b>What is accepted.</b> A signature (R, S) of a message M under a key A, if
 *
 * <ul>
 *   <li>A and R are canonical encodings of points, and A is not of small order,
 *   <li>S is below L, and
 *   <li>8 S B = 8 R + 8 k A, where k = SHA-512(R, A, M).
 * </ul>
 *
 * <p>The factor 8 makes no difference for honest signers. It matters for a signer who adds a point
 * of small order to its own R or A: without the factor, {@link Ed25519Batch}, which draws random
 * coefficients, would accept some of those signatures and this class none, and honest parties could
 * be made to disagree about one message.
 */
public final class Ed25519Verifier {
  /** Length of an encoded public key in bytes. */
  public static final int KEY_BYTES = 32;

  /** Length of a signature in bytes. */
  public static final int SIGNATURE_BYTES = 64;

  /** Where S begins in a signature (R, S). */
  static final int S_OFFSET = 32;

  private Ed25519Verifier() {}

  /**
   * Tells whether a signature is one of a message under a key.
   *
   * @param message byte[any]
   * @param signature byte[64]; of any other length it is wrong
   */
  public static boolean verify(PublicKey key, byte[] message, byte[] signature) {
    if (signature.length != SIGNATURE_BYTES || !Scalar.isReduced(signature, S_OFFSET)) {
      return false;
    }
    Scalar s = Scalar.ofBytes(signature, S_OFFSET, Scalar.BYTES);
    Scalar k = challenge(sha512(), key, message, signature);
    LinearCombination combination = new LinearCombination(2);
    combination.add(s, OddMultiples.ofBase(), OddMultiples.BASE_WIDTH);
    combination.add(k, key.negative, OddMultiples.WIDTH);
    EdwardsPoint sum = combination.sum();
    sum.normalise();
    // The encodings are equal for honest signers; only else are the points compared.
    return sum.isEncodedBy(signature, 0) || differsBySmallOrder(sum, signature);
  }

  private static boolean differsBySmallOrder(EdwardsPoint sum, byte[] signature) {
    EdwardsPoint r = new EdwardsPoint();
    if (!r.decode(signature, 0)) {
      return false;
    }
    OddMultiples.of(r, new EdwardsPoint()).addTo(sum, -1, false);
    return sum.timesEightIsNeutral();
  }

  static Scalar challenge(MessageDigest sha512, PublicKey key, byte[] message, byte[] signature) {
    sha512.update(signature, 0, S_OFFSET);
    sha512.update(key.bytes);
    return Scalar.ofBytes(sha512.digest(message), 0, 64);
  }

  static MessageDigest sha512() {
    try {
      return MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java runtime lacks SHA-512", e);
    }
  }

  /**
   * A decoded public key with the multiples that verification needs, so that a second signature
   * under it costs less than the first. Immutable, about 1.4 KB; equal to another of the same
   * bytes.
   */
  public static final class PublicKey {
    private final byte[] bytes;

    /** Of -A. */
    private final OddMultiples negative;

    private PublicKey(byte[] bytes, OddMultiples negative) {
      this.bytes = bytes;
      this.negative = negative;
    }

    /**
     * Decodes a public key.
     *
     * @param bytes byte[32]
     * @return null if the bytes are not the canonical encoding of a point of the curve, or if the
     *     point is of small order, under which everybody can sign
     */
    public static @Nullable PublicKey decode(byte[] bytes) {
      if (bytes.length != KEY_BYTES) {
        return null;
      }
      EdwardsPoint point = new EdwardsPoint();
      if (!point.decode(bytes, 0)) {
        return null;
      }
      EdwardsPoint multiple = new EdwardsPoint();
      multiple.set(point);
      if (multiple.timesEightIsNeutral()) {
        return null;
      }
      point.negate();
      OddMultiples negative = OddMultiples.of(point, multiple);
      return new PublicKey(bytes.clone(), negative);
    }

    OddMultiples negative() {
      return negative;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof PublicKey key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return "Ed25519 public key " + HexFormat.of().formatHex(bytes);
    }
  }
}
