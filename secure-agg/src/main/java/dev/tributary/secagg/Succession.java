package dev.tributary.secagg;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Signatures;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;

/**
 * An authority's word that another key takes its place. Whoever trusts the old key trusts the new
 * one from now on, and the old one's certificates until an end: nobody has to be enrolled anew.
 *
 * <p>Bytes, integers big-endian: version u8 = 1, old key 32, new key 32, issued and until as i64
 * seconds of the epoch, and over label {@value #LABEL} and all of that the signatures of the old
 * and of the new key, 64 each.
 */
public final class Succession {

  static final String LABEL = "tributary/succession";
  static final String PEM = "TRIBUTARY SUCCESSION";

  private static final int SIGNED = 1 + 32 + 32 + 8 + 8;
  private static final int LENGTH = SIGNED + 2 * Signatures.SIGNATURE_LENGTH;

  private final byte[] bytes;

  private Succession(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Reads the fields; says nothing about the signatures, which {@link TrustAnchors} checks.
   *
   * @throws CertificateException if the bytes are no succession
   */
  public static Succession parse(byte[] bytes) {
    if (bytes.length != LENGTH || bytes[0] != 1 || Arrays.equals(bytes, 1, 33, bytes, 33, 65)) {
      throw new CertificateException(
          "no succession of version 1: " + bytes.length + " bytes. Fetch the file again.");
    }
    return new Succession(bytes.clone());
  }

  static Succession sign(Identity old, Identity next, Instant issued, Instant until) {
    byte[] signed =
        ByteBuffer.allocate(SIGNED)
            .put((byte) 1)
            .put(old.publicKey())
            .put(next.publicKey())
            .putLong(issued.getEpochSecond())
            .putLong(until.getEpochSecond())
            .array();
    return parse(
        ByteBuffer.allocate(LENGTH)
            .put(signed)
            .put(old.sign(LABEL, signed))
            .put(next.sign(LABEL, signed))
            .array());
  }

  /** The succession as a PEM block. */
  public String toPem() {
    return KeyFiles.pem(PEM, bytes);
  }

  /** The exact bytes, a copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The first instant at which certificates of the old key are not believed any more. */
  public Instant until() {
    return Certificate.seconds(bytes, 73);
  }

  ByteString oldKey() {
    return ByteString.copyFrom(bytes, 1, 32);
  }

  ByteString newKey() {
    return ByteString.copyFrom(bytes, 33, 32);
  }

  /** Whether both keys signed. */
  boolean genuine() {
    return signed(oldKey(), SIGNED) && signed(newKey(), SIGNED + Signatures.SIGNATURE_LENGTH);
  }

  private boolean signed(ByteString key, int at) {
    Signatures.PublicKey decoded = Signatures.decode(key.toByteArray());
    byte[] signature = new byte[Signatures.SIGNATURE_LENGTH];
    System.arraycopy(bytes, at, signature, 0, signature.length);
    return decoded != null
        && decoded.verify(Labels.message(LABEL, Arrays.copyOf(bytes, SIGNED)), signature);
  }

  @Override
  public String toString() {
    return "Succession["
        + Identity.fingerprint(oldKey().toByteArray())
        + " to "
        + Identity.fingerprint(newKey().toByteArray())
        + ", until "
        + until()
        + "]";
  }
}
