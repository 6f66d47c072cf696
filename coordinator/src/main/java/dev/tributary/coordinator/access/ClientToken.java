package dev.tributary.coordinator.access;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a client shows after its check-in, which says itself whose it is: version (1 byte), number
 * of the key (8), issue and expiry in milliseconds since the epoch (8 each), identity key (32),
 * name of the job (1 to 64), and the HMAC-SHA256 of all of that (32).
 *
 * <p>It is a bearer token: whoever has it may ask in the client's place until it expires. What
 * counts in a round is signed with the identity key beside that.
 *
 * @param job 1 to 64 ASCII characters
 * @param identity Ed25519 public key, 32 bytes
 * @param issued to the millisecond
 * @param expires to the millisecond; from then on it is not good any more
 */
public record ClientToken(String job, ByteString identity, Instant issued, Instant expires) {
  /** Bytes of a token at most. */
  public static final int LONGEST = 153;

  private static final byte VERSION = 1;
  private static final int IDENTITY = 32;
  private static final int HEAD = 1 + 3 * Long.BYTES + IDENTITY;
  private static final int TAG = 32;

  /** A token of these times, to the millisecond. */
  public ClientToken {
    if (identity.size() != IDENTITY || job.isEmpty() || HEAD + job.length() + TAG > LONGEST) {
      throw new IllegalArgumentException(
          "a token has an identity of 32 bytes and a job of 1 to 64 characters. Provided: "
              + identity.size()
              + ", "
              + job.length());
    }
    issued = issued.truncatedTo(ChronoUnit.MILLIS);
    expires = expires.truncatedTo(ChronoUnit.MILLIS);
  }

  /**
   * The bytes that a client shows.
   *
   * @param secret of the key of that number
   */
  public ByteString signed(long key, byte[] secret) {
    byte[] name = job.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes =
        ByteBuffer.allocate(HEAD + name.length + TAG)
            .put(VERSION)
            .putLong(key)
            .putLong(issued.toEpochMilli())
            .putLong(expires.toEpochMilli())
            .put(identity.toByteArray())
            .put(name);
    bytes.put(tag(secret, bytes.array(), HEAD + name.length));
    return ByteString.copyFrom(bytes.array());
  }

  /** The number of the key that something shown names, if it has the form of a token. */
  public static OptionalLong key(ByteString shown) {
    return shown.size() > HEAD + TAG && shown.size() <= LONGEST && shown.byteAt(0) == VERSION
        ? OptionalLong.of(shown.asReadOnlyByteBuffer().getLong(1))
        : OptionalLong.empty();
  }

  /** Whose a token is that holds. */
  public static ByteString identity(ByteString good) {
    return good.substring(HEAD - IDENTITY, HEAD);
  }

  /**
   * The token that somebody shows, expired or not, if it was signed under this secret. The time
   * that it takes tells nothing of how much of it is right.
   */
  public static Optional<ClientToken> of(ByteString shown, byte[] secret) {
    if (key(shown).isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = shown.toByteArray();
    int signed = bytes.length - TAG;
    byte[] tag = shown.substring(signed).toByteArray();
    if (!MessageDigest.isEqual(tag, tag(secret, bytes, signed))) {
      return Optional.empty();
    }
    ByteBuffer head = ByteBuffer.wrap(bytes).position(1 + Long.BYTES);
    Instant issued = Instant.ofEpochMilli(head.getLong());
    Instant expires = Instant.ofEpochMilli(head.getLong());
    return Optional.of(
        new ClientToken(
            shown.substring(HEAD, signed).toString(StandardCharsets.US_ASCII),
            shown.substring(HEAD - IDENTITY, HEAD),
            issued,
            expires));
  }

  private static byte[] tag(byte[] secret, byte[] bytes, int length) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      mac.update(bytes, 0, length);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }
}
