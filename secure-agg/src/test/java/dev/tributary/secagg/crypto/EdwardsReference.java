package dev.tributary.secagg.crypto;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** Ed25519 straight from RFC 8032 in affine coordinates and {@link BigInteger}s: slow and plain. */
record EdwardsReference(BigInteger x, BigInteger y) {
  static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  static final BigInteger L =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
  static final BigInteger D =
      BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(P)).mod(P);
  static final EdwardsReference NEUTRAL = new EdwardsReference(BigInteger.ZERO, BigInteger.ONE);
  static final EdwardsReference BASE =
      withY(BigInteger.valueOf(4).multiply(BigInteger.valueOf(5).modInverse(P)).mod(P), false);

  EdwardsReference plus(EdwardsReference other) {
    BigInteger cross = D.multiply(x).multiply(other.x).multiply(y).multiply(other.y).mod(P);
    BigInteger sumX = x.multiply(other.y).add(y.multiply(other.x));
    BigInteger sumY = y.multiply(other.y).add(x.multiply(other.x));
    return new EdwardsReference(
        sumX.multiply(BigInteger.ONE.add(cross).modInverse(P)).mod(P),
        sumY.multiply(BigInteger.ONE.subtract(cross).modInverse(P)).mod(P));
  }

  EdwardsReference times(BigInteger factor) {
    EdwardsReference product = NEUTRAL;
    for (int i = factor.bitLength() - 1; i >= 0; i--) {
      product = product.plus(product);
      if (factor.testBit(i)) {
        product = product.plus(this);
      }
    }
    return product;
  }

  byte[] encode() {
    byte[] bytes = littleEndian(y);
    bytes[31] |= (byte) (x.testBit(0) ? 0x80 : 0);
    return bytes;
  }

  /** The point of that y, or null if there is none. */
  static EdwardsReference withY(BigInteger y, boolean odd) {
    BigInteger square = y.multiply(y);
    BigInteger x2 =
        square
            .subtract(BigInteger.ONE)
            .multiply(D.multiply(square).add(BigInteger.ONE).modInverse(P))
            .mod(P);
    // Roots modulo p = 5 mod 8: x2^((p+3)/8), times a root of -1 if that is the root of -x2.
    BigInteger x = x2.modPow(P.add(BigInteger.valueOf(3)).shiftRight(3), P);
    if (!x.multiply(x).mod(P).equals(x2)) {
      x = x.multiply(BigInteger.TWO.modPow(P.subtract(BigInteger.ONE).shiftRight(2), P)).mod(P);
    }
    if (!x.multiply(x).mod(P).equals(x2) || (x.signum() == 0 && odd)) {
      return null;
    }
    return new EdwardsReference(x.testBit(0) == odd ? x : P.subtract(x), y);
  }

  /** The eight points whose order divides 8. */
  static List<EdwardsReference> smallOrder() {
    List<EdwardsReference> points = new ArrayList<>();
    EdwardsReference generator = NEUTRAL;
    for (long y = 2; !generator.times(BigInteger.valueOf(4)).equals(minusOne()); y++) {
      EdwardsReference point = withY(BigInteger.valueOf(y), false);
      generator = point == null ? NEUTRAL : point.times(L);
    }
    EdwardsReference multiple = NEUTRAL;
    for (int i = 0; i < 8; i++) {
      points.add(multiple);
      multiple = multiple.plus(generator);
    }
    return points;
  }

  /** The point of order 2. */
  private static EdwardsReference minusOne() {
    return new EdwardsReference(BigInteger.ZERO, P.subtract(BigInteger.ONE));
  }

  /** Signature with a chosen encoding of R, whose logarithm to the base point is r. */
  static byte[] sign(BigInteger secret, byte[] key, BigInteger r, byte[] encodedR, byte[] message) {
    BigInteger s = r.add(challenge(encodedR, key, message).multiply(secret)).mod(L);
    return concat(encodedR, littleEndian(s));
  }

  static BigInteger challenge(byte[] r, byte[] key, byte[] message) {
    try {
      MessageDigest sha512 = MessageDigest.getInstance("SHA-512");
      return number(sha512.digest(concat(concat(r, key), message))).mod(L);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] concat(byte[] a, byte[] b) {
    byte[] both = new byte[a.length + b.length];
    for (int i = 0; i < both.length; i++) {
      both[i] = i < a.length ? a[i] : b[i - a.length];
    }
    return both;
  }

  static BigInteger number(byte[] littleEndian) {
    return new BigInteger(1, reversed(littleEndian));
  }

  /** Of a number below 2^256, 32 bytes. */
  static byte[] littleEndian(BigInteger number) {
    byte[] bytes = new byte[32];
    for (int i = 0; i < 32; i++) {
      bytes[i] = number.shiftRight(8 * i).byteValue();
    }
    return bytes;
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] reversed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      reversed[bytes.length - 1 - i] = bytes[i];
    }
    return reversed;
  }
}
