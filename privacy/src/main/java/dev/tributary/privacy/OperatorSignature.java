package dev.tributary.privacy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/** Ed25519 signatures (RFC 8032) over labelled text. */
final class OperatorSignature {
  /** The SubjectPublicKeyInfo of an Ed25519 key (RFC 8410) up to the key. */
  private static final String PREFIX = "302a300506032b6570032100";

  private OperatorSignature() {}

  /** The label, its length as u16 before it, and the text. */
  static byte[] message(String label, String text) {
    byte[] name = label.getBytes(StandardCharsets.US_ASCII);
    byte[] rest = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(2 + name.length + rest.length)
        .putShort((short) name.length)
        .put(name)
        .put(rest)
        .array();
  }

  /**
   * Whether the holder of the key signed the message. False for whatever is no key or no signature.
   *
   * @param key 64 hex digits
   * @param signature 128 hex digits
   */
  static boolean verifies(String key, byte[] message, String signature) {
    if (!key.matches("[0-9a-f]{64}") || !signature.matches("[0-9a-f]{128}")) {
      return false;
    }
    try {
      PublicKey parsed =
          KeyFactory.getInstance("Ed25519")
              .generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex(PREFIX + key)));
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(parsed);
      verifier.update(message);
      return verifier.verify(HexFormat.of().parseHex(signature));
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
