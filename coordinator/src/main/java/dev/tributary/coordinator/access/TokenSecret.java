package dev.tributary.coordinator.access;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What a person shows to be let in: {@code tributary_} and 32 random bytes in hexadecimal. The
 * prefix is there for programs that look for secrets where none belong.
 *
 * <p>A SHA-256 without salt and stretching is enough to keep of it, since nobody guesses 256 bits.
 */
public final class TokenSecret {
  private static final String PREFIX = "tributary_";
  private static final int BYTES = 32;
  private static final String FORM = PREFIX + "[0-9a-f]{" + 2 * BYTES + "}";

  private final String text;

  private TokenSecret(String text) {
    this.text = text;
  }

  /** A new one. */
  public static TokenSecret draw(SecureRandom random) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return new TokenSecret(PREFIX + HexFormat.of().formatHex(bytes));
  }

  /** The secret of that text, if it has the form of one. */
  public static Optional<TokenSecret> parse(String text) {
    return text.length() == PREFIX.length() + 2 * BYTES && text.matches(FORM)
        ? Optional.of(new TokenSecret(text))
        : Optional.empty();
  }

  /** The secret itself, to be shown once. */
  public String reveal() {
    return text;
  }

  /** SHA-256, 32 bytes: all that is kept. */
  public byte[] digest() {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(HexFormat.of().parseHex(text, PREFIX.length(), text.length()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "TokenSecret";
  }
}
