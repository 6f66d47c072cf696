package dev.tributary.secagg.server;

import dev.tributary.wire.RingPacking;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Accepted inputs that are not in the sum yet. Each is added with a call of {@link #run}, or with
 * one that came earlier: inputs that wait together are added to each other as they are packed, and
 * unpacked once. Memory is two blocks, whatever their length. Safe for many threads.
 */
final class Folds {

  /** Elements of a block; a multiple of eight, so that every block starts at a byte. */
  private static final int BLOCK = 8192;

  /** Most inputs that are added together. */
  private static final int TOGETHER = 16;

  private final Accumulator sum;
  private final int bits;
  private final Queue<InputBody> waiting = new ArrayDeque<>();

  Folds(Accumulator sum, int bits) {
    this.sum = sum;
    this.bits = bits;
  }

  /** An input to be added; a run must follow. */
  void add(InputBody input) {
    synchronized (waiting) {
      waiting.add(input);
    }
  }

  private @Nullable InputBody next() {
    synchronized (waiting) {
      return waiting.poll();
    }
  }

  /**
   * Adds some inputs, if any are left: once as many runs have ended as inputs came, all are in the
   * sum, since each takes one at least.
   */
  void run() throws IOException {
    List<InputStream> inputs = new ArrayList<>();
    try {
      while (inputs.size() < TOGETHER) {
        InputBody input = next();
        if (input == null) {
          break;
        }
        inputs.add(input.open());
      }
      if (!inputs.isEmpty()) {
        fold(inputs);
      }
    } finally {
      for (InputStream input : inputs) {
        input.close();
      }
    }
  }

  private void fold(List<InputStream> inputs) throws IOException {
    int length = sum.length();
    int[] block = new int[Math.min(BLOCK, length)];
    int most = Math.toIntExact(RingPacking.packedLength(block.length, bits));
    byte[] packed = new byte[PackedAddition.roundedUp(most)];
    byte[] next = new byte[packed.length];
    PackedAddition addition = new PackedAddition(bits, packed, next);
    for (int from = 0; from < length; from += block.length) {
      int count = Math.min(block.length, length - from);
      int bytes = Math.toIntExact(RingPacking.packedLength(count, bits));
      read(inputs.get(0), packed, bytes);
      for (InputStream input : inputs.subList(1, inputs.size())) {
        read(input, next, bytes);
        addition.add(bytes);
      }
      RingPacking.unpack(packed, 0, block, 0, count, bits);
      sum.add(from, block, count);
    }
  }

  private static void read(InputStream input, byte[] into, int bytes) throws IOException {
    if (input.readNBytes(into, 0, bytes) != bytes) {
      throw new EOFException("an input that was checked has become shorter");
    }
  }
}
