package dev.tributary.client;

import com.google.protobuf.ByteString;
import java.util.HexFormat;

/**
 * The one survivor set that a client signed in a session, as its journal records it.
 *
 * @param session the session id, 64 hex digits
 * @param digest SHA-256 of the survivor set, 64 hex digits
 */
public record SignedSurvivors(String session, String digest) {
  private static final int BYTES = 32;

  /** The record of these bytes, 32 each. */
  public static SignedSurvivors of(ByteString session, ByteString digest) {
    HexFormat hex = HexFormat.of();
    return new SignedSurvivors(
        hex.formatHex(session.toByteArray()), hex.formatHex(digest.toByteArray()));
  }

  /** The payload of a {@code SURVIVORS_SIGNED} entry. */
  public ByteString toBytes() {
    HexFormat hex = HexFormat.of();
    return ByteString.copyFrom(hex.parseHex(session))
        .concat(ByteString.copyFrom(hex.parseHex(digest)));
  }

  /** Reads {@link #toBytes()}. */
  public static SignedSurvivors parse(ByteString bytes) {
    if (bytes.size() != 2 * BYTES) {
      throw new IllegalArgumentException("64 bytes expected, got " + bytes.size());
    }
    return of(bytes.substring(0, BYTES), bytes.substring(BYTES));
  }
}
