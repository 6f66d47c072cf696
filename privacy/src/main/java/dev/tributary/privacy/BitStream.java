package dev.tributary.privacy;

/** Uniform, independent random bits for one purpose. Not safe for use by several threads. */
public interface BitStream extends AutoCloseable {
  /** The next 64 bits. */
  long nextLong();

  /** Forgets what was drawn and not yet used. */
  @Override
  void close();
}
