package dev.tributary.secagg.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Adds and subtracts mask streams (section 3). The stream of a key is AES-256-CTR with IV 0;
 * element i of a mask is bytes [4i, 4i + 4) of it, little-endian, of which the low w bits count.
 * Arithmetic is that of int, whose low w bits are the ring.
 *
 * <p>Tiles: while a tile of the accumulator is in cache, the streams of a group of keys are added
 * to it, each from a cipher that stays open from tile to tile. A whole mask is never expanded.
 */
public final class Masks {

  /** Elements of a tile: 16 KiB of accumulator and 16 KiB of stream. */
  public static final int TILE = 4096;

  /**
   * Up to so many elements the whole range stays in cache, and one cipher serves mask after mask.
   */
  private static final int ONE_CIPHER = 8 * TILE;

  /** Ciphers kept open at a time. */
  private static final int GROUP = 128;

  /** Elements of a block of AES; a range starts at a multiple of it. */
  private static final int ALIGNMENT = 4;

  private static final byte[] ZEROS = new byte[4 * TILE];

  /** Element i of a stream; C2 makes vector code of a loop over it. */
  private static final VarHandle ELEMENT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /** One mask: a key of 32 bytes, and whether to add it or to subtract it. Prints no key. */
  public static final class Mask {

    private final byte[] key;
    private final boolean add;

    /** A mask, which owns its key from now on. */
    public Mask(byte[] key, boolean add) {
      this.key = key;
      this.add = add;
    }

    /** Clears the key. */
    public void wipe() {
      Arrays.fill(key, (byte) 0);
    }

    @Override
    public String toString() {
      return "Mask[redacted, add=" + add + "]";
    }
  }

  private Masks() {}

  /**
   * Applies elements [from, from + count) of the masks to {@code accumulator[from, from + count)}.
   *
   * @param from a multiple of 4
   */
  public static void apply(List<Mask> masks, int[] accumulator, int from, int count) {
    Objects.checkFromIndexSize(from, count, accumulator.length);
    apply(masks, from, accumulator, from, count, () -> false);
  }

  /**
   * Applies elements [from, from + count) of the masks to {@code block[0, count)}.
   *
   * @param from a multiple of 4
   * @param cancelled asked before each tile of a group of masks, so about every 0.1 ms
   * @throws CancellationException once it says so; the block is then of no use
   */
  public static void apply(
      List<Mask> masks, int from, int[] block, int count, BooleanSupplier cancelled) {
    Objects.checkFromIndexSize(0, count, block.length);
    apply(masks, from, block, 0, count, cancelled);
  }

  private static void apply(
      List<Mask> masks, int from, int[] block, int offset, int count, BooleanSupplier cancelled) {
    if (from < 0 || from % ALIGNMENT != 0) {
      throw new IllegalArgumentException(
          "from must be a multiple of 4, not negative. Provided: " + from);
    }
    if (count == 0) {
      return;
    }
    byte[] stream = new byte[4 * Math.min(TILE, count)];
    int group = count <= ONE_CIPHER ? 1 : Math.min(GROUP, masks.size());
    Cipher[] ciphers = new Cipher[group];
    for (int first = 0; first < masks.size(); first += group) {
      List<Mask> members = masks.subList(first, Math.min(first + group, masks.size()));
      open(members, ciphers, from);
      for (int at = 0; at < count; at += TILE) {
        if (cancelled.getAsBoolean()) {
          Arrays.fill(stream, (byte) 0);
          throw new CancellationException("nobody needs the sum any more");
        }
        int length = Math.min(TILE, count - at);
        for (int m = 0; m < members.size(); m++) {
          next(ciphers[m], stream, length);
          fold(stream, block, offset + at, length, members.get(m).add);
        }
      }
    }
    Arrays.fill(stream, (byte) 0);
  }

  private static void open(List<Mask> masks, Cipher[] ciphers, int from) {
    byte[] counter = new byte[16];
    Labels.putU32(from / ALIGNMENT, counter, 12);
    IvParameterSpec iv = new IvParameterSpec(counter);
    try {
      for (int m = 0; m < masks.size(); m++) {
        if (ciphers[m] == null) {
          ciphers[m] = Cipher.getInstance("AES/CTR/NoPadding");
        }
        ciphers[m].init(Cipher.ENCRYPT_MODE, new SecretKeySpec(masks.get(m).key, "AES"), iv);
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES/CTR", e);
    }
  }

  private static void next(Cipher cipher, byte[] stream, int length) {
    try {
      cipher.update(ZEROS, 0, 4 * length, stream, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the buffer holds a tile", e);
    }
  }

  private static void fold(byte[] stream, int[] accumulator, int at, int length, boolean add) {
    if (add) {
      for (int i = 0; i < length; i++) {
        accumulator[at + i] += (int) ELEMENT.get(stream, 4 * i);
      }
    } else {
      for (int i = 0; i < length; i++) {
        accumulator[at + i] -= (int) ELEMENT.get(stream, 4 * i);
      }
    }
  }
}
