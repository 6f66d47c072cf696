package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;

/** Words that a test wrote down. */
final class ScriptedBits implements BitStream {
  private final long[] words;
  private int next;

  ScriptedBits(long... words) {
    this.words = words;
  }

  @Override
  public long nextLong() {
    return words[next++];
  }

  int used() {
    return next;
  }

  @Override
  public void close() {}
}
