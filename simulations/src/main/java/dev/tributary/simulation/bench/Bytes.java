package dev.tributary.simulation.bench;

import io.vertx.core.buffer.Buffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;

/** What every client of a measurement uploads: one block over and over, and a 0 at the end. */
final class Bytes {
  private static final int BLOCK = 1 << 18;

  private final long length;
  private final Buffer block;
  private final Buffer last;

  Bytes(long length) {
    this.length = length;
    byte[] random = new byte[BLOCK];
    new SplittableRandom(1).nextBytes(random);
    this.block = Buffer.buffer(random);
    int rest = (int) (length - (length - 1) / BLOCK * BLOCK);
    byte[] end = java.util.Arrays.copyOf(random, rest);
    end[rest - 1] = 0; // the padding of a packed vector
    this.last = Buffer.buffer(end);
  }

  long length() {
    return length;
  }

  /** What begins at a multiple of the block. */
  Buffer chunk(long at) {
    return at + BLOCK < length ? block : last;
  }

  byte[] sha256() {
    MessageDigest sha = newSha256();
    for (long at = 0; at < length; at += BLOCK) {
      sha.update(chunk(at).getBytes());
    }
    return sha.digest();
  }

  static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
