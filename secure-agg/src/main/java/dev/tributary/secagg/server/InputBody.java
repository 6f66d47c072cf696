package dev.tributary.secagg.server;

import dev.tributary.secagg.crypto.Labels;
import dev.tributary.wire.Body;
import dev.tributary.wire.RingPacking;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;

/** One packed input: checked whole, in blocks. */
final class InputBody {

  /** Bytes that are hashed at a time. */
  private static final int BUFFER = 1 << 16;

  private final Body body;
  private final int length;
  private final int bits;

  InputBody(Body body, int length, int bits) {
    this.body = body;
    this.length = length;
    this.bits = bits;
  }

  /**
   * What is wrong with the bytes, if anything: length, digest, or padding. Bytes whose digest is
   * known already are not read again, but for the last.
   */
  Optional<String> fault(byte[] sha256) throws IOException {
    long expected = RingPacking.packedLength(length, bits);
    byte[] digest = body.sha256();
    byte last;
    try (InputStream in = body.open()) {
      MessageDigest sha = Labels.newSha256();
      byte[] buffer = new byte[BUFFER];
      long left = expected - in.skip(digest == null ? 0 : expected - 1);
      last = 0;
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          return Optional.of("too short by " + left + " bytes");
        }
        if (digest == null) {
          sha.update(buffer, 0, read);
        }
        left -= read;
        if (read > 0) {
          last = buffer[read - 1];
        }
      }
      if (in.read() >= 0) {
        return Optional.of("too long");
      }
      if (digest == null) {
        digest = sha.digest();
      }
    }
    if (!MessageDigest.isEqual(digest, sha256)) {
      return Optional.of("digest differs");
    }
    return RingPacking.paddingIsZero(last, length, bits)
        ? Optional.empty()
        : Optional.of("padding is not zero");
  }

  /** The bytes, from the first. */
  InputStream open() throws IOException {
    return body.open();
  }
}
