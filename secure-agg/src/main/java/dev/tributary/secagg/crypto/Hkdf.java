package dev.tributary.secagg.crypto;

import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * HKDF-SHA-256 (RFC 5869) with one salt, over one reused digest and reused buffers: a client
 * derives some five hundred keys a round. Not thread-safe. {@link #wipe()} clears the buffers.
 */
public final class Hkdf {

  /** Bytes of a pseudorandom key, and of one block of output. */
  public static final int HASH = 32;

  private static final int BLOCK = 64;
  private static final byte INNER = 0x36;
  private static final byte OUTER = 0x5c;

  private final MessageDigest sha = Labels.newSha256();
  private final byte[] pad = new byte[BLOCK];
  private final byte[] inner = new byte[HASH];
  private final byte[] block = new byte[HASH];
  private final byte[] key = new byte[BLOCK];
  private final byte[] salt;

  /** HKDF under this salt, of at most 64 bytes, which is public. */
  public Hkdf(byte[] salt) {
    if (salt.length > BLOCK) {
      throw new IllegalArgumentException("salt must be <= 64 bytes. Provided: " + salt.length);
    }
    this.salt = salt.clone();
  }

  /** PRK = HMAC(salt, ikm), to {@code prk[0, 32)}. */
  public void extract(byte[] ikm, byte[] prk) {
    setKey(salt, salt.length);
    begin();
    sha.update(ikm);
    end(prk);
  }

  /** PRK = HMAC(salt, first | second), to {@code prk[0, 32)}. */
  public void extract(byte[] first, byte[] second, byte[] prk) {
    setKey(salt, salt.length);
    begin();
    sha.update(first);
    sha.update(second);
    end(prk);
  }

  /**
   * The first {@code out.length} bytes of T(1) | T(2) | ..., T(i) = HMAC(prk, T(i-1) | info | i).
   */
  public void expand(byte[] prk, byte[] info, byte[] out) {
    if (out.length > 255 * HASH) {
      throw new IllegalArgumentException("HKDF gives at most 8160 bytes. Asked: " + out.length);
    }
    setKey(prk, HASH);
    for (int done = 0, i = 1; done < out.length; done += HASH, i++) {
      begin();
      if (i > 1) {
        sha.update(block);
      }
      sha.update(info);
      sha.update((byte) i);
      end(block);
      System.arraycopy(block, 0, out, done, Math.min(HASH, out.length - done));
    }
  }

  /** Extract and expand, to a fresh array of {@code length} bytes. */
  public byte[] derive(byte[] ikm, byte[] info, int length) {
    byte[] prk = new byte[HASH];
    byte[] out = new byte[length];
    extract(ikm, prk);
    expand(prk, info, out);
    Arrays.fill(prk, (byte) 0);
    return out;
  }

  /** Clears what the buffers hold of keys. */
  public void wipe() {
    Arrays.fill(pad, (byte) 0);
    Arrays.fill(inner, (byte) 0);
    Arrays.fill(block, (byte) 0);
    Arrays.fill(key, (byte) 0);
    sha.reset();
  }

  private void setKey(byte[] bytes, int length) {
    System.arraycopy(bytes, 0, key, 0, length);
    Arrays.fill(key, length, BLOCK, (byte) 0);
  }

  private void begin() {
    for (int i = 0; i < BLOCK; i++) {
      pad[i] = (byte) (key[i] ^ INNER);
    }
    sha.update(pad);
  }

  private void end(byte[] mac) {
    try {
      sha.digest(inner, 0, HASH);
      for (int i = 0; i < BLOCK; i++) {
        pad[i] = (byte) (key[i] ^ OUTER);
      }
      sha.update(pad);
      sha.update(inner);
      sha.digest(mac, 0, HASH);
    } catch (DigestException e) {
      throw new IllegalStateException("SHA-256 has 32 bytes", e);
    }
  }
}
