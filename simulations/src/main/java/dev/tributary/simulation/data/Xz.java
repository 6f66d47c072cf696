package dev.tributary.simulation.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * The contents of an {@code .xz} file, one stream with the LZMA2 filter alone, as Debian packs its
 * packages (The .xz File Format 1.1.0, tukaani.org). Its checksums are skipped: whoever fetches
 * compares a SHA-256 of the whole.
 */
final class Xz extends InputStream {
  private static final int[] MAGIC = {0xfd, '7', 'z', 'X', 'Z', 0};
  private static final int LZMA2 = 0x21;
  private static final int MAXIMUM_DICTIONARY = 1 << 26;
  private static final int MAXIMUM_CHUNK = 1 << 21;

  private final InputStream in;
  private final int checkLength;
  private Lzma decoder = new Lzma(0);
  private long inBlock;
  private int served;
  private boolean blockOpen;
  private boolean ended;

  Xz(InputStream in) throws IOException {
    this.in = in;
    for (int expected : MAGIC) {
      if (next() != expected) {
        throw new IOException("no .xz: it begins with FD 37 7A 58 5A 00");
      }
    }
    next();
    int check = next() & 15;
    // 4 bytes for types 1 to 3, 8 for 4 to 6, and so on (section 2.1.1.2).
    checkLength = check == 0 ? 0 : 4 << ((check - 1) / 3);
    skip(4);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    while (served == decoder.end() && !ended) {
      if (!blockOpen && !openBlock()) {
        ended = true;
      } else {
        chunk();
      }
    }
    if (served == decoder.end()) {
      return -1;
    }
    int some = Math.min(length, decoder.end() - served);
    System.arraycopy(decoder.window(), served, into, offset, some);
    served += some;
    return some;
  }

  /** Reads the header of a block; false where the index begins, and with it the end. */
  private boolean openBlock() throws IOException {
    inBlock = 0;
    int size = next();
    if (size == 0) {
      return false;
    }
    int flags = next();
    if ((flags & 0x40) != 0) {
      number();
    }
    if ((flags & 0x80) != 0) {
      number();
    }
    if ((flags & 0x3f) != 0 || number() != LZMA2 || number() != 1) {
      throw new IOException("filters other than LZMA2 are not known");
    }
    int bits = next();
    long dictionary = bits > 40 ? Long.MAX_VALUE : (2L | (bits & 1)) << (bits / 2 + 11);
    if (dictionary > MAXIMUM_DICTIONARY) {
      throw new IOException("a dictionary of more than " + MAXIMUM_DICTIONARY + " bytes");
    }
    long rest = 4L * (size + 1) - inBlock;
    if (rest < 4) {
      throw new IOException("a block header is damaged");
    }
    skip((int) rest);
    decoder = new Lzma((int) dictionary + 2 * MAXIMUM_CHUNK);
    served = 0;
    blockOpen = true;
    return true;
  }

  /** Unpacks one chunk of LZMA2, or closes the block. */
  private void chunk() throws IOException {
    int control = next();
    if (control == 0) {
      skip((int) (-inBlock & 3));
      skip(checkLength);
      blockOpen = false;
      return;
    }
    if (control >= 3 && control < 0x80) {
      throw new IOException("a chunk is damaged");
    }
    served -= decoder.makeRoom(MAXIMUM_CHUNK);
    if (control < 3) {
      byte[] plain = bytes(((next() << 8) | next()) + 1);
      decoder.plain(plain, control == 1);
      return;
    }
    int unpacked = (((control & 0x1f) << 16) | (next() << 8) | next()) + 1;
    int packed = ((next() << 8) | next()) + 1;
    int reset = (control >> 5) & 3;
    int properties = reset >= 2 ? next() : -1;
    decoder.lzma(bytes(packed), unpacked, reset, properties);
  }

  /** A number in 7-bit groups, the lowest first. */
  private long number() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int part = next();
      value |= (part & 0x7fL) << shift;
      if (part < 0x80) {
        return value;
      }
    }
    throw new IOException("a number is damaged");
  }

  private int next() throws IOException {
    int next = in.read();
    if (next < 0) {
      throw new EOFException();
    }
    inBlock++;
    return next;
  }

  private byte[] bytes(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException();
    }
    inBlock += count;
    return bytes;
  }

  private void skip(int count) throws IOException {
    bytes(count);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
