package dev.tributary.secagg.server;

import dev.tributary.secagg.crypto.Labels;
import dev.tributary.wire.Body;
import dev.tributary.wire.RingPacking;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;

/** One packed input: checked whole, then folded once. Memory is one block, whatever its length. */
final class InputBody {

  /** Elements of a block; a multiple of eight, so that every block starts at a byte. */
  private static final int BLOCK = 8192;

  private final Body body;
  private final int length;
  private final int bits;

  InputBody(Body body, int length, int bits) {
    this.body = body;
    this.length = length;
    this.bits = bits;
  }

  /** What is wrong with the bytes, if anything: length, digest, or padding. */
  Optional<String> fault(byte[] sha256) throws IOException {
    MessageDigest sha = Labels.newSha256();
    byte[] buffer = new byte[1 << 16];
    long left = RingPacking.packedLength(length, bits);
    byte last = 0;
    try (InputStream in = body.open()) {
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          return Optional.of("too short by " + left + " bytes");
        }
        sha.update(buffer, 0, read);
        left -= read;
        if (read > 0) {
          last = buffer[read - 1];
        }
      }
      if (in.read() >= 0) {
        return Optional.of("too long");
      }
    }
    if (!MessageDigest.isEqual(sha.digest(), sha256)) {
      return Optional.of("digest differs");
    }
    return RingPacking.paddingIsZero(last, length, bits)
        ? Optional.empty()
        : Optional.of("padding is not zero");
  }

  /** Adds the elements to the sum. */
  void foldInto(Accumulator sum) throws IOException {
    byte[] packed =
        new byte[Math.toIntExact(RingPacking.packedLength(Math.min(BLOCK, length), bits))];
    int[] block = new int[Math.min(BLOCK, length)];
    try (InputStream in = body.open()) {
      for (int from = 0; from < length; from += BLOCK) {
        int count = Math.min(BLOCK, length - from);
        int bytes = Math.toIntExact(RingPacking.packedLength(count, bits));
        if (in.readNBytes(packed, 0, bytes) != bytes) {
          throw new EOFException("an input that was checked has become shorter");
        }
        RingPacking.unpack(packed, 0, block, 0, count, bits);
        sum.add(from, block, count);
      }
    }
  }
}
