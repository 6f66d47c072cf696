package dev.tributary.secagg.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Random numbers of one secret purpose: AES-256-CTR under a key of its own, IV 0. */
public final class SecretStream {

  private static final int CHUNK = 1024;

  private final Cipher cipher;
  private final byte[] zeros = new byte[CHUNK];
  private final byte[] chunk = new byte[CHUNK];
  private ByteBuffer left = ByteBuffer.wrap(chunk).position(CHUNK);

  /** The stream of this key of 32 bytes. */
  public SecretStream(byte[] key) {
    try {
      cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES/CTR", e);
    }
  }

  /** The next eight bytes, big-endian. */
  public long nextLong() {
    if (left.remaining() < Long.BYTES) {
      refill();
    }
    return left.getLong();
  }

  /**
   * Uniform in [0, bound): the next eight bytes without their top bit, drawn again while they are
   * not below the largest multiple of the bound, modulo the bound.
   */
  public int nextBelow(int bound) {
    long beyond = (Long.MAX_VALUE % bound + 1) % bound; // 2^63 mod bound
    long value;
    do {
      value = nextLong() & Long.MAX_VALUE;
    } while (value > Long.MAX_VALUE - beyond);
    return (int) (value % bound);
  }

  private void refill() {
    try {
      cipher.update(zeros, 0, CHUNK, chunk, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the buffer holds a chunk", e);
    }
    left = ByteBuffer.wrap(chunk);
  }

  /** Clears what was drawn and not used. */
  public void wipe() {
    Arrays.fill(chunk, (byte) 0);
    left = ByteBuffer.wrap(chunk).position(CHUNK);
  }
}
