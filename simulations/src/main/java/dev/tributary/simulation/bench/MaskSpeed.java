package dev.tributary.simulation.bench;

import dev.tributary.secagg.crypto.Masks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What one mask of some length costs: {@link Masks} against the JDK's AES-256-CTR and a bare loop
 * of additions, in turns, on one thread.
 *
 * @param length elements of a mask, int32
 * @param seconds of processor time for a mask
 * @param floor the same for the floor: a key of its own for each mask, blocks of 16 KiB, and one
 *     tile to add to that never leaves the cache
 */
record MaskSpeed(int length, double seconds, double floor) {
  private static final int BLOCK = 16384;
  private static final VarHandle ELEMENT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  double ratio() {
    return seconds / floor;
  }

  /** Measures both. */
  static MaskSpeed measure(int length, int turns) {
    int count = Math.max(4, Math.min(256, (1 << 24) / length));
    Random random = new Random(1);
    List<byte[]> keys = new ArrayList<>();
    for (int m = 0; m < count; m++) {
      byte[] key = new byte[32];
      random.nextBytes(key);
      keys.add(key);
    }
    int[] sum = new int[length];
    double ours = Double.POSITIVE_INFINITY;
    double floor = Double.POSITIVE_INFINITY;
    for (int turn = 0; turn < turns; turn++) {
      List<Masks.Mask> masks = new ArrayList<>();
      keys.forEach(key -> masks.add(new Masks.Mask(key, masks.size() % 2 == 0)));
      ours = Math.min(ours, CpuTime.fastest(1, () -> Masks.apply(masks, sum, 0, length)));
      floor = Math.min(floor, CpuTime.fastest(1, () -> raw(keys, length, sum)));
    }
    return new MaskSpeed(length, ours / count, floor / count);
  }

  private static void raw(List<byte[]> keys, int length, int[] sum) {
    byte[] zeros = new byte[BLOCK];
    byte[] stream = new byte[BLOCK];
    int[] tile = new int[BLOCK / 4];
    IvParameterSpec start = new IvParameterSpec(new byte[16]);
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      for (byte[] key : keys) {
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), start);
        for (int at = 0; at < length; at += tile.length) {
          int count = Math.min(tile.length, length - at);
          cipher.update(zeros, 0, 4 * count, stream, 0);
          for (int i = 0; i < count; i++) {
            tile[i] += (int) ELEMENT.get(stream, 4 * i);
          }
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES/CTR", e);
    }
    sum[0] += tile[0];
  }
}
