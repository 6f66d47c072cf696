package dev.tributary.privacy;

/** How a vector of floats is cut: blocks of 2^16, the last one padded to a power of two. */
final class Blocks {
  static final int SIZE = 1 << 16;

  private final int length;

  Blocks(int length) {
    this.length = length;
  }

  int count() {
    return (length + SIZE - 1) / SIZE;
  }

  int floatOffset(int block) {
    return check(block) * SIZE;
  }

  int floatLength(int block) {
    return Math.min(SIZE, length - floatOffset(block));
  }

  int ringOffset(int block) {
    return check(block) * SIZE;
  }

  int ringLength(int block) {
    int floats = floatLength(block);
    return floats == 1 ? 1 : Integer.highestOneBit(floats - 1) << 1;
  }

  int encodedLength() {
    int last = count() - 1;
    return ringOffset(last) + ringLength(last);
  }

  private int check(int block) {
    if (block < 0 || block >= count()) {
      throw new IndexOutOfBoundsException("block " + block + " of " + count());
    }
    return block;
  }
}
