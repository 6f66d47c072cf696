package dev.tributary.secagg.server;

import dev.tributary.wire.RingVector;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.Objects;

/**
 * The running sum, Z_2^w[d], outside the heap, in segments. Blocks may be added from several
 * threads; each segment guards itself.
 */
final class Accumulator {

  /** Elements of a segment: 4 MiB. */
  private static final int SEGMENT = 1 << 20;

  /** Elements that are on the heap while they are added to. */
  private static final int TILE = 4096;

  private final Segment[] segments;
  private final int length;
  private final int bits;

  Accumulator(int length, int bits) {
    this.length = length;
    this.bits = bits;
    this.segments = new Segment[(int) (((long) length + SEGMENT - 1) / SEGMENT)];
    for (int s = 0; s < segments.length; s++) {
      segments[s] = new Segment(Math.min(SEGMENT, length - s * SEGMENT));
    }
  }

  int length() {
    return length;
  }

  /** Adds {@code block[0, count)} to elements from {@code from} on. */
  void add(int from, int[] block, int count) {
    Objects.checkFromIndexSize(from, count, length);
    int done = 0;
    while (done < count) {
      int at = (from + done) % SEGMENT;
      int part = Math.min(count - done, SEGMENT - at);
      segments[(from + done) / SEGMENT].add(at, block, done, part);
      done += part;
    }
  }

  private void read(int from, int[] into, int count) {
    Objects.checkFromIndexSize(from, count, length);
    int mask = RingVector.mask(bits);
    int done = 0;
    while (done < count) {
      int at = (from + done) % SEGMENT;
      int part = Math.min(count - done, SEGMENT - at);
      segments[(from + done) / SEGMENT].memory.get(at, into, done, part);
      done += part;
    }
    for (int i = 0; i < count; i++) {
      into[i] &= mask;
    }
  }

  /** The sum, once nothing more is added. */
  RingVector result() {
    return new RingVector() {
      @Override
      public int length() {
        return length;
      }

      @Override
      public int bits() {
        return bits;
      }

      @Override
      public void read(int from, int[] into, int count) {
        Accumulator.this.read(from, into, count);
      }

      @Override
      public String toString() {
        return "RingVector[length=" + length + ", bits=" + bits + "]";
      }
    };
  }

  private static final class Segment {

    private final IntBuffer memory;
    private final int[] tile;

    Segment(int length) {
      this.memory =
          ByteBuffer.allocateDirect(4 * length).order(ByteOrder.nativeOrder()).asIntBuffer();
      this.tile = new int[Math.min(TILE, length)];
    }

    /** Copied in and out: C2 makes vector code of additions between arrays alone. */
    synchronized void add(int at, int[] block, int from, int count) {
      for (int done = 0; done < count; done += tile.length) {
        int part = Math.min(tile.length, count - done);
        memory.get(at + done, tile, 0, part);
        for (int i = 0; i < part; i++) {
          tile[i] += block[from + done + i];
        }
        memory.put(at + done, tile, 0, part);
      }
    }
  }
}
