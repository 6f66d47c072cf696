package dev.tributary.simulation.data;

import java.io.IOException;
import java.util.Arrays;

/**
 * The decoder of LZMA within LZMA2 chunks (I. Pavlov, LZMA specification, 2015): a range coder with
 * adaptive bits, literals, matches and four remembered distances, over a window of what came
 * before. Names are those of the specification.
 */
final class Lzma {
  private static final int STATES = 12;
  private static final int HALF = 1 << 10;

  /** Two choices, 16 trees of 8 short and 16 of 8 middle lengths, and one of 256 long ones. */
  private static final int LENGTHS = 2 + 2 * 16 * 8 + 256;

  private final byte[] window;
  private int end;
  private int filled;
  private long position;

  private final short[] isMatch = new short[STATES << 4];
  private final short[] isRep = new short[STATES];
  private final short[] isRepG0 = new short[STATES];
  private final short[] isRepG1 = new short[STATES];
  private final short[] isRepG2 = new short[STATES];
  private final short[] isRep0Long = new short[STATES << 4];
  private final short[][] posSlot = new short[4][64];
  private final short[] posSpecial = new short[115];
  private final short[] align = new short[16];
  private final short[] length = new short[LENGTHS];
  private final short[] repLength = new short[LENGTHS];
  private short[] literal = new short[0];

  private int lc;
  private int lp;
  private int pb;
  private boolean ready;
  private int state;
  private final int[] reps = new int[4];

  private byte[] packed = {};
  private int at;
  private int range;
  private int code;

  Lzma(int size) {
    window = new byte[size];
  }

  byte[] window() {
    return window;
  }

  /** Where the unpacked bytes end in the window. */
  int end() {
    return end;
  }

  /** Moves what is still needed to the front; gives by how much it moved. */
  int makeRoom(int bytes) {
    if (end + bytes <= window.length) {
      return 0;
    }
    int moved = end + bytes - window.length + bytes / 2;
    moved = Math.min(end, moved);
    System.arraycopy(window, moved, window, 0, end - moved);
    end -= moved;
    filled = Math.min(filled, end);
    return moved;
  }

  /** Takes bytes that are not packed. */
  void plain(byte[] bytes, boolean resetDictionary) {
    if (resetDictionary) {
      resetDictionary();
    }
    System.arraycopy(bytes, 0, window, end, bytes.length);
    advance(bytes.length);
  }

  private void resetDictionary() {
    filled = 0;
    position = 0;
    ready = false;
  }

  private void advance(int bytes) {
    end += bytes;
    filled += bytes;
    position += bytes;
  }

  /**
   * Unpacks a chunk.
   *
   * @param reset 0 nothing, 1 the state, 2 the state with new properties, 3 the dictionary too
   */
  void lzma(byte[] bytes, int unpacked, int reset, int properties) throws IOException {
    if (reset == 3) {
      resetDictionary();
    }
    if (reset >= 2) {
      if (properties >= 9 * 5 * 5 || properties % 9 + properties / 9 % 5 > 4) {
        throw new IOException("properties of LZMA are damaged");
      }
      lc = properties % 9;
      lp = properties / 9 % 5;
      pb = properties / 45;
      literal = new short[0x300 << (lc + lp)];
      ready = true;
    }
    if (!ready) {
      throw new IOException("a chunk without properties");
    }
    if (reset >= 1) {
      resetState();
    }
    packed = bytes;
    at = 1;
    range = -1;
    code = 0;
    for (int i = 0; i < 4; i++) {
      code = (code << 8) | next();
    }
    for (int target = end + unpacked; end < target; ) {
      symbol(target);
    }
  }

  private void resetState() {
    for (short[] bits :
        new short[][] {
          isMatch,
          isRep,
          isRepG0,
          isRepG1,
          isRepG2,
          isRep0Long,
          posSpecial,
          align,
          length,
          repLength,
          literal,
          posSlot[0],
          posSlot[1],
          posSlot[2],
          posSlot[3]
        }) {
      Arrays.fill(bits, (short) HALF);
    }
    state = 0;
    Arrays.fill(reps, 0);
  }

  private void symbol(int target) throws IOException {
    int posState = (int) position & ((1 << pb) - 1);
    if (bit(isMatch, (state << 4) + posState) == 0) {
      literal();
      return;
    }
    int count;
    if (bit(isRep, state) == 0) {
      System.arraycopy(reps, 0, reps, 1, 3);
      count = length(length, posState);
      reps[0] = distance(count);
      state = state < 7 ? 7 : 10;
    } else if (bit(isRepG0, state) == 1) {
      int which = bit(isRepG1, state) == 0 ? 1 : bit(isRepG2, state) == 0 ? 2 : 3;
      int distance = reps[which];
      System.arraycopy(reps, 0, reps, 1, which);
      reps[0] = distance;
      count = repeated(posState);
    } else if (bit(isRep0Long, (state << 4) + posState) == 1) {
      count = repeated(posState);
    } else {
      count = 1;
      state = state < 7 ? 9 : 11;
    }
    copy(count, target);
  }

  private int repeated(int posState) throws IOException {
    int count = length(repLength, posState);
    state = state < 7 ? 8 : 11;
    return count;
  }

  private void copy(int count, int target) throws IOException {
    int distance = reps[0];
    if (distance < 0 || distance >= filled || count > target - end) {
      throw new IOException("a match reaches beyond what there is");
    }
    for (int i = 0; i < count; i++) {
      window[end + i] = window[end + i - distance - 1];
    }
    advance(count);
  }

  private void literal() throws IOException {
    int before = filled == 0 ? 0 : window[end - 1] & 0xff;
    int base = 0x300 * ((((int) position & ((1 << lp) - 1)) << lc) + (before >>> (8 - lc)));
    int symbol = 1;
    if (state < 7) {
      while (symbol < 0x100) {
        symbol = symbol << 1 | bit(literal, base + symbol);
      }
    } else {
      if (reps[0] < 0 || reps[0] >= filled) {
        throw new IOException("a match reaches beyond what there is");
      }
      int match = window[end - reps[0] - 1] & 0xff;
      int offset = 0x100;
      while (symbol < 0x100) {
        match <<= 1;
        int matchBit = match & offset;
        int bit = bit(literal, base + offset + matchBit + symbol);
        symbol = symbol << 1 | bit;
        offset &= bit == 1 ? matchBit : ~matchBit;
      }
    }
    window[end] = (byte) symbol;
    advance(1);
    state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
  }

  private int length(short[] bits, int posState) throws IOException {
    if (bit(bits, 0) == 0) {
      return 2 + tree(bits, 2 + 8 * posState, 3);
    }
    if (bit(bits, 1) == 0) {
      return 10 + tree(bits, 2 + 128 + 8 * posState, 3);
    }
    return 18 + tree(bits, 2 + 256, 8);
  }

  private int distance(int count) throws IOException {
    int slot = tree(posSlot[Math.min(count - 2, 3)], 0, 6);
    if (slot < 4) {
      return slot;
    }
    int bits = (slot >> 1) - 1;
    int distance = (2 | (slot & 1)) << bits;
    if (slot < 14) {
      return distance + reverse(posSpecial, distance - slot, bits);
    }
    int direct = 0;
    for (int i = bits; i > 4; i--) {
      range >>>= 1;
      boolean one = Integer.compareUnsigned(code, range) >= 0;
      code -= one ? range : 0;
      direct = direct << 1 | (one ? 1 : 0);
      normalise();
    }
    return distance + (direct << 4) + reverse(align, 0, 4);
  }

  private int tree(short[] bits, int base, int depth) throws IOException {
    int symbol = 1;
    for (int i = 0; i < depth; i++) {
      symbol = symbol << 1 | bit(bits, base + symbol);
    }
    return symbol - (1 << depth);
  }

  private int reverse(short[] bits, int base, int depth) throws IOException {
    int index = 1;
    int symbol = 0;
    for (int i = 0; i < depth; i++) {
      int bit = bit(bits, base + index);
      index = index << 1 | bit;
      symbol |= bit << i;
    }
    return symbol;
  }

  private int bit(short[] bits, int index) throws IOException {
    int bound = (range >>> 11) * bits[index];
    int bit;
    if (Integer.compareUnsigned(code, bound) < 0) {
      range = bound;
      bits[index] += (short) ((2 * HALF - bits[index]) >>> 5);
      bit = 0;
    } else {
      range -= bound;
      code -= bound;
      bits[index] -= (short) (bits[index] >>> 5);
      bit = 1;
    }
    normalise();
    return bit;
  }

  private void normalise() throws IOException {
    if ((range & 0xff000000) == 0) {
      range <<= 8;
      code = (code << 8) | next();
    }
  }

  private int next() throws IOException {
    if (at == packed.length) {
      throw new IOException("a chunk is damaged");
    }
    return packed[at++] & 0xff;
  }
}
