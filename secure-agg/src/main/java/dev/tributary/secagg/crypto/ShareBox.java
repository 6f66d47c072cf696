package dev.tributary.secagg.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM of one pair of shares: plaintext x (u32) | mask seed share (40) | self mask share
 * (40). A key serves one message, so the nonce is zero (section 3). Not thread-safe.
 */
public final class ShareBox {

  /** Bytes of the plaintext. */
  public static final int PLAINTEXT = 4 + 2 * Shamir.SHARE_LENGTH;

  /** Bytes of the ciphertext with its tag. */
  public static final int CIPHERTEXT = PLAINTEXT + 16;

  private static final GCMParameterSpec ZERO_NONCE = new GCMParameterSpec(128, new byte[12]);

  private final Cipher cipher;

  /** A box. */
  public ShareBox() {
    try {
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES/GCM", e);
    }
  }

  /** Encrypts 84 bytes to 100 bytes from {@code at} on. The key must never have sealed before. */
  public void seal(byte[] key, byte[] aad, byte[] plaintext, byte[] into, int at) {
    try {
      cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), ZERO_NONCE);
      cipher.updateAAD(aad);
      cipher.doFinal(plaintext, 0, PLAINTEXT, into, at);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot seal shares", e);
    }
  }

  /**
   * Decrypts 100 bytes from {@code at} on.
   *
   * @param plaintext receives 84 bytes
   * @return false if they were not sealed under this key and data
   */
  public boolean open(byte[] key, byte[] aad, byte[] from, int at, byte[] plaintext) {
    try {
      cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), ZERO_NONCE);
      cipher.updateAAD(aad);
      cipher.doFinal(from, at, CIPHERTEXT, plaintext, 0);
      return true;
    } catch (AEADBadTagException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot open shares", e);
    }
  }
}
