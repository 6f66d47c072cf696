package dev.tributary.secagg;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Signatures;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * An enrolment authority's word which of its certificates do not hold any more: all of them, not
 * what has changed. A list with a higher number takes the place of one with a lower.
 *
 * <p>Bytes, integers big-endian: version u8 = 1, authority key 32, number u64, issued and until as
 * i64 seconds of the epoch, count u32, that many serials of 16 bytes in ascending order, signature
 * 64 (Ed25519 over label {@value #LABEL} and all bytes before it). Once a list has run out, no
 * certificate of its authority is believed until there is a newer one.
 */
public final class RevocationList {

  /** Most serials of a list. */
  public static final int MAXIMUM_SERIALS = 1 << 17;

  static final String LABEL = "tributary/revocations";
  static final String PEM = "TRIBUTARY REVOCATIONS";

  private static final int FIXED = 1 + 32 + 8 + 8 + 8 + 4;
  private static final int SERIAL = 16;

  private final byte[] bytes;
  private final Set<String> serials;

  private RevocationList(byte[] bytes, Set<String> serials) {
    this.bytes = bytes;
    this.serials = serials;
  }

  /**
   * Reads the fields; says nothing about the signature, which {@link TrustAnchors} checks.
   *
   * @throws CertificateException if the bytes are no revocation list
   */
  public static RevocationList parse(byte[] bytes) {
    int rest = bytes.length - FIXED - Signatures.SIGNATURE_LENGTH;
    if (rest < 0 || rest % SERIAL != 0 || rest / SERIAL > MAXIMUM_SERIALS || bytes[0] != 1) {
      throw new CertificateException(
          "no revocation list of version 1: " + bytes.length + " bytes. Fetch the file again.");
    }
    ByteBuffer fields = ByteBuffer.wrap(bytes);
    if (fields.getInt(FIXED - 4) != rest / SERIAL || fields.getLong(33) < 1) {
      throw new CertificateException("the revocation list's fields do not agree");
    }
    TreeSet<String> serials = new TreeSet<>();
    for (int at = FIXED; at < FIXED + rest; at += SERIAL) {
      String serial = HexFormat.of().formatHex(bytes, at, at + SERIAL);
      if (!serials.isEmpty() && serials.last().compareTo(serial) >= 0) {
        throw new CertificateException("the revocation list's serials are not in order");
      }
      serials.add(serial);
    }
    return new RevocationList(bytes.clone(), Set.copyOf(serials));
  }

  static RevocationList sign(
      Identity authority, long number, Collection<String> revoked, Instant issued, Instant until) {
    TreeSet<String> serials = new TreeSet<>();
    revoked.forEach(serial -> serials.add(checkSerial(serial)));
    if (number < 1 || serials.size() > MAXIMUM_SERIALS || !issued.isBefore(until)) {
      throw new CertificateException(
          "a revocation list has a number from 1, at most "
              + MAXIMUM_SERIALS
              + " serials and an end after its beginning. Provided: "
              + number
              + ", "
              + serials.size()
              + ", "
              + issued
              + " to "
              + until);
    }
    int length = FIXED + SERIAL * serials.size();
    ByteBuffer signed =
        ByteBuffer.allocate(length)
            .put((byte) 1)
            .put(authority.publicKey())
            .putLong(number)
            .putLong(issued.getEpochSecond())
            .putLong(until.getEpochSecond())
            .putInt(serials.size());
    serials.forEach(serial -> signed.put(HexFormat.of().parseHex(serial)));
    byte[] whole = Arrays.copyOf(signed.array(), length + Signatures.SIGNATURE_LENGTH);
    byte[] signature = authority.sign(LABEL, signed.array());
    System.arraycopy(signature, 0, whole, length, signature.length);
    return new RevocationList(whole, Set.copyOf(serials));
  }

  /** The serial in lower case; refuses what is not 32 hex digits. */
  static String checkSerial(String serial) {
    if (!serial.matches("[0-9a-fA-F]{32}")) {
      throw new CertificateException("a serial has 32 hex digits. Provided: " + serial);
    }
    return serial.toLowerCase(Locale.ROOT);
  }

  /** The list as a PEM block. */
  public String toPem() {
    return KeyFiles.pem(PEM, bytes);
  }

  /** The exact bytes, a copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Counts the lists of an authority, from 1. */
  public long number() {
    return ByteBuffer.wrap(bytes).getLong(33);
  }

  /** When it was made. */
  public Instant issued() {
    return Certificate.seconds(bytes, 41);
  }

  /** The first instant at which a newer list is needed. */
  public Instant until() {
    return Certificate.seconds(bytes, 49);
  }

  /** Serials of certificates, 32 hex digits each. */
  public Set<String> serials() {
    return serials;
  }

  ByteString authorityKey() {
    return ByteString.copyFrom(bytes, 1, 32);
  }

  boolean signedBy(Signatures.PublicKey authority) {
    int signed = bytes.length - Signatures.SIGNATURE_LENGTH;
    byte[] signature = new byte[Signatures.SIGNATURE_LENGTH];
    System.arraycopy(bytes, signed, signature, 0, signature.length);
    return authority.verify(Labels.message(LABEL, Arrays.copyOf(bytes, signed)), signature);
  }

  @Override
  public String toString() {
    return "RevocationList["
        + number()
        + ", "
        + serials.size()
        + " serials, until "
        + until()
        + ", of "
        + Identity.fingerprint(authorityKey().toByteArray())
        + "]";
  }
}
