package dev.tributary.coordinator.net;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of all uploads that are in memory because the disk has not taken them yet, and the blocks
 * that they are written from. Safe for many threads.
 */
final class Backlog {
  /** Bytes of a block, the most that is written at once. */
  private static final int BLOCK = 256 << 10;

  /** Bytes that are worth a write while there is little room. */
  private static final int LEAST = 16 << 10;

  private final long most;
  private final AtomicLong bytes = new AtomicLong();
  private final Queue<byte[]> blocks = new ConcurrentLinkedQueue<>();

  /**
   * A backlog that is empty.
   *
   * @param most bytes, and one chunk more of each upload
   */
  Backlog(long most) {
    this.most = most;
  }

  /** Bytes have come, or, if negative, have been written. */
  void add(long count) {
    bytes.addAndGet(count);
  }

  /** Whether lines are to be held. */
  boolean isFull() {
    return bytes.get() >= most;
  }

  /** Bytes that an upload gathers before it writes: fewer while many wait. */
  int worthAWrite(int usually) {
    long now = bytes.get();
    return now < most / 2 ? usually : now < most ? LEAST : 1;
  }

  /** A block that nobody else has. There are never more than threads that write. */
  byte[] block() {
    byte[] free = blocks.poll();
    return free == null ? new byte[BLOCK] : free;
  }

  void giveBack(byte[] block) {
    blocks.add(block);
  }
}
