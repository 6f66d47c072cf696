package dev.tributary.secagg.crypto;

import javax.security.auth.DestroyFailedException;
import org.bouncycastle.crypto.SecretWithEncapsulation;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.kems.MLKEMGenerator;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLKEMPublicKeyParameters;
import org.jspecify.annotations.Nullable;

/**
 * ML-KEM-768 (FIPS 203), made by Bouncy Castle: a key pair from its seed, encapsulation from given
 * coins. Both are functions of their arguments, so that whoever knows a seed can make key and
 * ciphertexts again and compare. What Bouncy Castle copies of a secret key is out of reach of
 * {@link #wipe()}, which lets go of it.
 */
public final class MlKem768 {

  /** Bytes of the seed of a key pair: d | z. */
  public static final int SEED = 64;

  /** Bytes of a public (encapsulation) key. */
  public static final int PUBLIC_KEY = 1184;

  /** Bytes of a ciphertext. */
  public static final int CIPHERTEXT = 1088;

  /** Bytes of a shared secret, and of the coins of an encapsulation. */
  public static final int SECRET = 32;

  private @Nullable MLKEMPrivateKeyParameters key;

  MlKem768(MLKEMPrivateKeyParameters key) {
    this.key = key;
  }

  /** The key pair of a seed of 64 bytes: ML-KEM.KeyGen_internal (algorithm 16). */
  public static MlKem768 fromSeed(byte[] seed) {
    require("a seed", SEED, seed);
    return new MlKem768(new MLKEMPrivateKeyParameters(MLKEMParameters.ml_kem_768, seed));
  }

  /**
   * Whether these bytes are a public key: its length, and every coefficient below q (section 7.2).
   */
  public static boolean isPublicKey(byte[] publicKey) {
    return publicKey.length == PUBLIC_KEY && decode(publicKey) != null;
  }

  /**
   * Encapsulates to a public key: ML-KEM.Encaps_internal (algorithm 17).
   *
   * @param publicKey for which {@link #isPublicKey} holds
   * @param coins 32 bytes, the m of the standard; the same coins give the same ciphertext
   * @param ciphertext receives 1088 bytes from {@code at} on
   * @return the shared secret, 32 bytes
   * @throws IllegalArgumentException if the public key is none
   */
  public static byte[] encapsulate(byte[] publicKey, byte[] coins, byte[] ciphertext, int at) {
    require("a public key", PUBLIC_KEY, publicKey);
    require("coins", SECRET, coins);
    MLKEMPublicKeyParameters to = decode(publicKey);
    if (to == null) {
      throw new IllegalArgumentException("a public key has coefficients below 3329");
    }
    SecretWithEncapsulation made = MLKEMGenerator.internalGenerateEncapsulated(to, coins);
    System.arraycopy(made.getEncapsulation(), 0, ciphertext, at, CIPHERTEXT);
    byte[] secret = made.getSecret();
    try {
      made.destroy();
    } catch (DestroyFailedException e) {
      throw new IllegalStateException("Bouncy Castle clears an encapsulation", e);
    }
    return secret;
  }

  private static @Nullable MLKEMPublicKeyParameters decode(byte[] publicKey) {
    try {
      return new MLKEMPublicKeyParameters(MLKEMParameters.ml_kem_768, publicKey);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The public key, 1184 bytes. */
  public byte[] publicKey() {
    return alive().getPublicKey();
  }

  /**
   * The secret of a ciphertext of 1088 bytes: ML-KEM.Decaps_internal (algorithm 18). A ciphertext
   * that nobody made for this key gives a secret that nobody else knows (implicit rejection).
   */
  public byte[] decapsulate(byte[] ciphertext) {
    require("a ciphertext", CIPHERTEXT, ciphertext);
    return new MLKEMExtractor(alive()).extractSecret(ciphertext);
  }

  /** Lets go of the secret key; every later use fails. */
  public void wipe() {
    key = null;
  }

  private MLKEMPrivateKeyParameters alive() {
    if (key == null) {
      throw new IllegalStateException("the key was wiped");
    }
    return key;
  }

  private static void require(String what, int length, byte[] bytes) {
    if (bytes.length != length) {
      throw new IllegalArgumentException(
          "ML-KEM-768: " + what + " has " + length + " bytes. Provided: " + bytes.length);
    }
  }

  @Override
  public String toString() {
    return "MlKem768[redacted]";
  }
}
