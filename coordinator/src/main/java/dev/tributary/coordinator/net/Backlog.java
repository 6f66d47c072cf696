package dev.tributary.coordinator.net;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of all uploads that are in memory because the disk has not taken them yet, and the blocks
 * that they are written from. Safe for many threads.
 */
final class Backlog {
  /** Bytes of a block, the most that is written at once. */
  static final int BLOCK = 256 << 10;

  /** Bytes that are worth a write however many upload. */
  private static final int LEAST = 16 << 10;

  private final long most;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger uploads = new AtomicInteger();
  private final Queue<Block> blocks = new ConcurrentLinkedQueue<>();

  /**
   * A backlog that is empty.
   *
   * @param most bytes, and 16 KiB and one chunk more of each upload
   */
  Backlog(long most) {
    this.most = most;
  }

  /** An upload begins; {@link #ends} follows. */
  void begins() {
    uploads.incrementAndGet();
  }

  void ends() {
    uploads.decrementAndGet();
  }

  /** Bytes have come, or, if negative, have been written. */
  void add(long count) {
    bytes.addAndGet(count);
  }

  /** Whether lines are to be held. */
  boolean isFull() {
    return bytes.get() >= most;
  }

  /**
   * Bytes that an upload gathers before it writes: as many as it has room for beside the others,
   * since file systems take few large writes for less than many small ones.
   */
  int worthAWrite() {
    long share = most / 2 / Math.max(1, uploads.get());
    return isFull() ? LEAST : (int) Math.max(LEAST, Math.min(share, BLOCK));
  }

  /** A block that nobody else has. There are never more than threads that write. */
  Block block() {
    Block free = blocks.poll();
    return free == null ? new Block() : free;
  }

  void giveBack(Block block) {
    block.bytes.clear();
    blocks.add(block);
  }

  /** Where chunks become one write. Outside the heap, where a channel would copy them otherwise. */
  static final class Block {
    final ByteBuffer bytes = ByteBuffer.allocateDirect(BLOCK);
    private final byte[] part = new byte[LEAST];

    /** Takes what there is room for, from a position of a chunk on; how many bytes. */
    int put(Buffer chunk, int from) {
      int count = Math.min(part.length, Math.min(chunk.length() - from, bytes.remaining()));
      chunk.getBytes(from, from + count, part);
      bytes.put(part, 0, count);
      return count;
    }
  }
}
