package dev.tributary.privacy.noise;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Independent AES keys from one master key: HMAC-SHA256(master, label | 0 | number | purpose). */
public final class KeyedNoise {
  private static final String ALGORITHM = "HmacSHA256";
  private static final byte[] LABEL = "tributary/noise\0".getBytes(StandardCharsets.UTF_8);

  private final SecretKeySpec master;

  /**
   * @param master 32 bytes, copied
   */
  public KeyedNoise(byte[] master) {
    if (master.length != AesCtrStream.KEY_BYTES) {
      throw new IllegalArgumentException("key must hold 32 bytes, was " + master.length);
    }
    this.master = new SecretKeySpec(master, ALGORITHM);
  }

  public AesCtrStream open(long number, String purpose) {
    byte[] key = derive(number, purpose);
    try {
      return new AesCtrStream(key);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private byte[] derive(long number, String purpose) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(master);
      mac.update(LABEL);
      for (int shift = 56; shift >= 0; shift -= 8) {
        mac.update((byte) (number >>> shift));
      }
      return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no HMAC-SHA256", e);
    }
  }
}
