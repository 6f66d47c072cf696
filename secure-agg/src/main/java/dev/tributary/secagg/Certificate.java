package dev.tributary.secagg;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Labels;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * An enrolment authority's word that an identity key belongs to a population.
 *
 * <p>Bytes, integers big-endian: version u8 = 1, authority key 32, identity key 32, serial 16, not
 * before and not after as i64 seconds of the epoch, population as u16 length and UTF-8, signature
 * 64 (Ed25519 over label {@value #LABEL} and all bytes before it). A compact form of its own, since
 * a client checks hundreds in a round and an X.509 parser would cost as much as the signature.
 */
public final class Certificate {

  /** Most bytes of a certificate. */
  public static final int MAXIMUM_LENGTH = 512;

  static final String LABEL = "tributary/certificate";
  static final String PEM = "TRIBUTARY CERTIFICATE";
  private static final int FIXED = 1 + 32 + 32 + 16 + 8 + 8 + 2;
  private static final int SIGNATURE = 64;

  private final byte[] bytes;
  private final String population;

  private Certificate(byte[] bytes, String population) {
    this.bytes = bytes;
    this.population = population;
  }

  /**
   * Reads the fields; says nothing about the signature, which {@link CertificateVerifier} checks.
   *
   * @throws CertificateException if the bytes are no certificate
   */
  public static Certificate parse(byte[] bytes) {
    if (bytes.length < FIXED + SIGNATURE || bytes.length > MAXIMUM_LENGTH) {
      throw new CertificateException(
          "a certificate has "
              + (FIXED + SIGNATURE)
              + " to "
              + MAXIMUM_LENGTH
              + " bytes. Provided: "
              + bytes.length);
    }
    if (bytes[0] != 1) {
      throw new CertificateException("certificate version must be 1. Provided: " + bytes[0]);
    }
    int name = ((bytes[FIXED - 2] & 0xFF) << 8) | (bytes[FIXED - 1] & 0xFF);
    if (FIXED + name + SIGNATURE != bytes.length) {
      throw new CertificateException("the certificate's lengths do not agree");
    }
    return new Certificate(bytes.clone(), new String(bytes, FIXED, name, StandardCharsets.UTF_8));
  }

  static Certificate issue(
      Identity authority,
      byte[] identityKey,
      byte[] serial,
      Instant from,
      Instant to,
      String population) {
    byte[] name = population.getBytes(StandardCharsets.UTF_8);
    if (FIXED + name.length + SIGNATURE > MAXIMUM_LENGTH) {
      throw new CertificateException("population name too long: " + name.length + " bytes");
    }
    byte[] signed =
        ByteBuffer.allocate(FIXED + name.length)
            .put((byte) 1)
            .put(authority.publicKey())
            .put(identityKey)
            .put(serial)
            .putLong(from.getEpochSecond())
            .putLong(to.getEpochSecond())
            .putShort((short) name.length)
            .put(name)
            .array();
    byte[] whole = Arrays.copyOf(signed, signed.length + SIGNATURE);
    System.arraycopy(authority.sign(LABEL, signed), 0, whole, signed.length, SIGNATURE);
    return new Certificate(whole, population);
  }

  /**
   * Reads a file that {@link #toPem} wrote.
   *
   * @throws KeyFileException if the file cannot be read or does not hold one certificate
   */
  public static Certificate read(Path file) {
    List<byte[]> blocks = KeyFiles.blocks(KeyFiles.read(file), PEM);
    if (blocks.size() != 1) {
      throw new KeyFileException(
          file + " must hold one " + PEM + ". Found: " + blocks.size() + ". Have it issued again.");
    }
    try {
      return parse(blocks.get(0));
    } catch (CertificateException e) {
      throw new KeyFileException(file + ": " + e.getMessage(), e);
    }
  }

  /** The certificate as a PEM block. */
  public String toPem() {
    return KeyFiles.pem(PEM, bytes);
  }

  /** The exact bytes, a copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The identity key, 32 bytes. */
  public byte[] identityKey() {
    return part(33, 32);
  }

  /** The population that the identity belongs to. */
  public String population() {
    return population;
  }

  /** The serial number, 32 hex digits. */
  public String serial() {
    return HexFormat.of().formatHex(bytes, 65, 81);
  }

  /** First instant of validity. */
  public Instant notBefore() {
    return seconds(bytes, 81);
  }

  /** First instant after validity. */
  public Instant notAfter() {
    return seconds(bytes, 89);
  }

  // One copy each, straight from the bytes: C2 of JDK 17 with AVX-512 gets a copy of a small copy
  // of constant length wrong (see DESIGN.md).
  ByteString authorityKey() {
    return ByteString.copyFrom(bytes, 1, 32);
  }

  ByteString identity() {
    return ByteString.copyFrom(bytes, 33, 32);
  }

  byte[] signedMessage() {
    return Labels.message(LABEL, Arrays.copyOf(bytes, bytes.length - SIGNATURE));
  }

  byte[] signature() {
    return part(bytes.length - SIGNATURE, SIGNATURE);
  }

  private byte[] part(int from, int length) {
    byte[] part = new byte[length];
    System.arraycopy(bytes, from, part, 0, length);
    return part;
  }

  static Instant seconds(byte[] bytes, int at) {
    long seconds = ByteBuffer.wrap(bytes).getLong(at);
    // Any i64 may stand here; what Instant cannot hold is as good as its ends.
    return Instant.ofEpochSecond(
        Math.max(Instant.MIN.getEpochSecond(), Math.min(seconds, Instant.MAX.getEpochSecond())));
  }

  @Override
  public String toString() {
    return "Certificate["
        + serial()
        + ", "
        + Identity.fingerprint(identityKey())
        + ", "
        + population
        + ", until "
        + notAfter()
        + "]";
  }
}
