package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keystream of AES-256 in counter mode from a zero counter block (NIST SP 800-38A), read as
 * little-endian 64-bit words. Buffers grow from 1 KiB to 16 KiB, so that a short stream costs
 * little and a long one runs at the speed of the cipher.
 */
public final class AesCtrStream implements BitStream {
  public static final int KEY_BYTES = 32;

  private static final int FIRST_BYTES = 1 << 10;
  private static final int MOST_BYTES = 1 << 14;
  private static final byte[] ZEROS = new byte[MOST_BYTES];
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Cipher cipher;
  private byte[] buffer = new byte[FIRST_BYTES];
  private int position = FIRST_BYTES;
  private boolean started;

  /**
   * @param key 32 bytes; not kept, the caller wipes them
   */
  public AesCtrStream(byte[] key) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException("key must hold 32 bytes, was " + key.length);
    }
    try {
      cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no AES-256-CTR", e);
    }
  }

  @Override
  public long nextLong() {
    if (position == buffer.length) {
      refill();
    }
    long word = (long) LONGS.get(buffer, position);
    position += Long.BYTES;
    return word;
  }

  private void refill() {
    if (started && buffer.length < MOST_BYTES) {
      Arrays.fill(buffer, (byte) 0);
      buffer = new byte[buffer.length * 4];
    }
    started = true;
    try {
      int made = cipher.update(ZEROS, 0, buffer.length, buffer, 0);
      if (made != buffer.length) {
        throw new IllegalStateException("AES-CTR made " + made + " bytes of " + buffer.length);
      }
    } catch (ShortBufferException e) {
      throw new IllegalStateException("AES-CTR makes more bytes than it takes", e);
    }
    position = 0;
  }

  @Override
  public void close() {
    Arrays.fill(buffer, (byte) 0);
    position = buffer.length;
  }

  @Override
  public String toString() {
    return "AesCtrStream[redacted]";
  }
}
