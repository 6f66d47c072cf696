package dev.tributary.secagg.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.secagg.testing.Vectors;
import dev.tributary.wire.RingVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MasksTest {

  private static int[] expand(byte[] key, int length) {
    int[] mask = new int[length];
    Masks.apply(List.of(new Masks.Mask(key.clone(), true)), mask, 0, length);
    return mask;
  }

  @Test
  void apply_independentVectors_equal() {
    Vectors vectors = Vectors.primitives();
    int[] mask = expand(vectors.bytes("prg.key"), 12);
    assertThat(mask).isEqualTo(vectors.ints("prg.w32"));
    for (int i = 0; i < mask.length; i++) {
      mask[i] &= RingVector.mask(20);
    }
    assertThat(mask).isEqualTo(vectors.ints("prg.w20"));
  }

  /** Row 1 of the attacks: a 256-bit key, every bit of which counts. */
  @Test
  void row1_apply_anyKeyBitFlipped_changesTheStream() {
    byte[] key = Labels.sha256(new byte[] {1});
    int[] stream = expand(key, 64);
    for (int bit = 0; bit < 256; bit++) {
      byte[] other = key.clone();
      other[bit / 8] ^= (byte) (1 << (bit % 8));
      int[] changed = expand(other, 64);
      int same = 0;
      for (int i = 0; i < 64; i++) {
        same += stream[i] == changed[i] ? 1 : 0;
      }
      // Two independent streams agree in a word with probability 64 * 2^-32.
      assertThat(same).as("bit %d", bit).isZero();
    }
  }

  /**
   * Row 2 of the attacks: every value of the ring is drawn, the top one too. Chi-square over 255
   * degrees of freedom; 400 is passed by chance with probability 1.2e-8. The key is fixed.
   */
  @Test
  void row2_apply_w8_isUniform() {
    int draws = 1 << 20;
    int[] mask = expand(Labels.sha256(new byte[] {2}), draws);
    int[] counts = new int[256];
    for (int value : mask) {
      counts[value & 0xFF]++;
    }
    double expected = draws / 256.0;
    double chiSquare = 0;
    for (int count : counts) {
      assertThat(count).isPositive();
      chiSquare += (count - expected) * (count - expected) / expected;
    }
    assertThat(chiSquare).isLessThan(400);
  }

  @Test
  void apply_ranges_equalTheWhole() {
    Random random = new Random(7);
    for (int length : new int[] {1, 3, 4095, 4096, 4097, 40_000, 100_001}) {
      List<Masks.Mask> masks = new ArrayList<>();
      for (int m = 0; m < 5; m++) {
        byte[] key = new byte[32];
        random.nextBytes(key);
        masks.add(new Masks.Mask(key, m % 3 != 0));
      }
      int[] whole = random.ints(length).toArray();
      int[] parts = whole.clone();
      Masks.apply(masks, whole, 0, length);
      int cut = length / 3 / 4 * 4;
      Masks.apply(masks, parts, cut, length - cut);
      Masks.apply(masks, parts, 0, cut);
      assertThat(parts).as("length %d", length).isEqualTo(whole);
    }
  }

  @Test
  void apply_addThenSubtract_restores() {
    byte[] key = Labels.sha256(new byte[] {3});
    int[] values = new Random(3).ints(40_000).toArray();
    int[] masked = values.clone();
    List<Masks.Mask> many = new ArrayList<>();
    for (int m = 0; m < 100; m++) {
      many.add(new Masks.Mask(Labels.sha256(Labels.u32(m)), m % 2 == 0));
      many.add(new Masks.Mask(Labels.sha256(Labels.u32(m)), m % 2 != 0));
    }
    Masks.apply(List.of(new Masks.Mask(key.clone(), true)), masked, 0, masked.length);
    assertThat(masked).isNotEqualTo(values);
    Masks.apply(many, masked, 0, masked.length);
    Masks.apply(List.of(new Masks.Mask(key.clone(), false)), masked, 0, masked.length);
    assertThat(masked).isEqualTo(values);
  }

  @Test
  void apply_blockOfItsOwn_equalsTheRange() {
    Random random = new Random(9);
    for (int count : new int[] {1, 4096, 5000, 40_000}) {
      List<Masks.Mask> masks = new ArrayList<>();
      for (int m = 0; m < 3; m++) {
        masks.add(new Masks.Mask(Labels.sha256(Labels.u32(m)), m != 1));
      }
      int from = 4 * random.nextInt(10_000);
      int[] whole = new int[from + count];
      Masks.apply(masks, whole, 0, whole.length);
      int[] block = new int[count];
      Masks.apply(masks, from, block, count, () -> false);
      assertThat(block)
          .as("elements %d to %d", from, from + count)
          .isEqualTo(Arrays.copyOfRange(whole, from, whole.length));
    }
  }

  @Test
  void apply_cancelled_endsWithinATile() {
    List<Masks.Mask> masks = List.of(new Masks.Mask(Labels.sha256(new byte[] {4}), true));
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(
            () ->
                Masks.apply(
                    masks, 0, new int[100_000], 100_000, () -> asked.incrementAndGet() == 3))
        .isInstanceOf(CancellationException.class);
    assertThat(asked).hasValue(3);
  }

  @Test
  void apply_unalignedStart_refused() {
    assertThatThrownBy(() -> Masks.apply(List.of(), new int[16], 2, 8))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Masks.apply(List.of(), new int[16], 8, 9))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
