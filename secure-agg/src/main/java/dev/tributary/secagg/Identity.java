package dev.tributary.secagg;

import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.wire.Seed;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A long-term Ed25519 key of a device or a coordinator. It signs labelled messages only, so that a
 * signature made for one purpose serves no other. Wiped by {@link #close()}; prints its
 * fingerprint.
 */
public final class Identity implements AutoCloseable {

  private final byte[] secretKey;
  private final byte[] publicKey;
  private boolean closed;

  private Identity(byte[] secretKey) {
    this.secretKey = secretKey;
    this.publicKey = Signatures.publicKey(secretKey);
  }

  /** A new identity. */
  public static Identity generate(SecureRandom random) {
    byte[] secret = new byte[Signatures.KEY_LENGTH];
    random.nextBytes(secret);
    return new Identity(secret);
  }

  /** The identity whose secret key is the seed; for simulations, and for keys kept elsewhere. */
  public static Identity fromSeed(Seed seed) {
    return new Identity(seed.bytes());
  }

  /**
   * Reads what {@link #save} wrote.
   *
   * @throws KeyFileException if the file is not there or holds something else
   */
  public static Identity load(Path file) {
    return new Identity(KeyFiles.readPrivate(file));
  }

  /** Writes the secret key (PKCS #8 PEM), readable by the owner alone. */
  public void save(Path file) {
    checkOpen();
    KeyFiles.writeOwnerOnly(file, KeyFiles.privatePem(secretKey));
  }

  /**
   * Writes the secret key where nothing is yet, as {@link #save} does.
   *
   * @throws KeyFileException if something is there
   */
  public void saveNew(Path file) {
    checkOpen();
    KeyFiles.writeNewOwnerOnly(file, KeyFiles.privatePem(secretKey));
  }

  /** The public key, 32 bytes, a copy. */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /**
   * Signs the label (its length as u16 before it) and the parts.
   *
   * @return 64 bytes
   */
  public byte[] sign(String label, byte[]... parts) {
    return signLabelled(Labels.message(label, parts));
  }

  /**
   * Signs a message that begins with its label already, as those of a sum's transcript do.
   *
   * @return 64 bytes
   */
  public byte[] signLabelled(byte[] message) {
    checkOpen();
    return Signatures.sign(secretKey, publicKey, message);
  }

  /**
   * Whether the holder of this public key signed the label and the parts. False for bad lengths.
   */
  public static boolean verify(byte[] publicKey, byte[] signature, String label, byte[]... parts) {
    Signatures.PublicKey key = Signatures.decode(publicKey);
    return key != null && key.verify(Labels.message(label, parts), signature);
  }

  /** "ed25519:" and the first 16 hex digits of SHA-256 of the public key. */
  public String fingerprint() {
    return fingerprint(publicKey);
  }

  /** The fingerprint of a public key. */
  public static String fingerprint(byte[] publicKey) {
    return "ed25519:" + HexFormat.of().formatHex(Labels.sha256(publicKey), 0, 8);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the identity was closed");
    }
  }

  /** Wipes the secret key. */
  @Override
  public void close() {
    Arrays.fill(secretKey, (byte) 0);
    closed = true;
  }

  @Override
  public String toString() {
    return "Identity[" + fingerprint() + "]";
  }
}
