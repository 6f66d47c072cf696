package dev.tributary.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.testing.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packing, bitmaps, Merkle roots and seeds. */
class WireTest {

  private final Vectors vectors = Vectors.primitives();

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 8, 13, 22, 31, 32})
  void pack_independentVectors_equal(int bits) {
    int[] values = vectors.ints("pack." + bits + ".values");
    byte[] packed = vectors.bytes("pack." + bits + ".bytes");
    assertThat(RingPacking.pack(RingVector.of(bits, values))).isEqualTo(packed);
    int[] back = new int[values.length];
    RingPacking.unpack(packed, 0, back, 0, back.length, bits);
    assertThat(back).isEqualTo(values);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void pack_random_roundTripsAndIgnoresHighBits(long seed) {
    Random random = new Random(seed);
    for (int bits = 1; bits <= 32; bits++) {
      int length = random.nextInt(20_000);
      int[] values = random.ints(length).toArray();
      byte[] packed = RingPacking.pack(RingVector.of(bits, values));
      assertThat(packed).hasSize((int) ((length * (long) bits + 7) / 8));
      int[] back = new int[length];
      RingPacking.unpack(packed, 0, back, 0, length, bits);
      for (int i = 0; i < length; i++) {
        assertThat(back[i]).isEqualTo(values[i] & RingVector.mask(bits));
      }
      if (packed.length > 0) {
        assertThat(RingPacking.paddingIsZero(packed[packed.length - 1], length, bits)).isTrue();
      }
    }
  }

  /** Bit k of the stream is bit k mod 8 of byte k / 8; nothing beside it is read or written. */
  @Test
  void pack_everyWidthAndShortLength_equalsBitByBit() {
    Random random = new Random(11);
    for (int bits = 1; bits <= 32; bits++) {
      for (int length = 0; length <= 40; length++) {
        int[] values = random.ints(length + 2).toArray();
        BitSet stream = new BitSet();
        for (int k = 0; k < length * bits; k++) {
          stream.set(k, (values[1 + k / bits] >>> (k % bits) & 1) != 0);
        }
        int bytes = (length * bits + 7) / 8;
        byte[] packed = new byte[bytes + 6];
        Arrays.fill(packed, (byte) 0x5A);
        assertThat(RingPacking.pack(values, 1, length, bits, packed, 3)).isEqualTo(bytes);
        byte[] middle = Arrays.copyOfRange(packed, 3, 3 + bytes);
        assertThat(middle).isEqualTo(Arrays.copyOf(stream.toByteArray(), bytes));
        assertThat(new byte[] {packed[2], packed[3 + bytes]}).containsOnly(0x5A);
        int[] back = new int[length];
        RingPacking.unpack(middle, 0, back, 0, length, bits);
        for (int i = 0; i < length; i++) {
          assertThat(back[i]).as("%d bits", bits).isEqualTo(values[1 + i] & RingVector.mask(bits));
        }
      }
    }
  }

  @Test
  void paddingIsZero_setBit_isFalse() {
    assertThat(RingPacking.paddingIsZero((byte) 0x20, 1, 5)).isFalse();
    assertThat(RingPacking.paddingIsZero((byte) 0x1F, 1, 5)).isTrue();
    assertThat(RingPacking.paddingIsZero((byte) 0xFF, 8, 5)).isTrue();
  }

  @Test
  void ring_badWidth_refused() {
    assertThatThrownBy(() -> RingVector.mask(0)).hasMessageContaining("Provided: 0");
    assertThatThrownBy(() -> RingVector.of(33, new int[1])).hasMessageContaining("Provided: 33");
    assertThatThrownBy(() -> RingVector.of(8, new int[4]).read(2, new int[9], 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void bitmap_roundTripsAndRefusesUnusedBits() {
    Random random = new Random(1);
    for (int n = 1; n < 70; n++) {
      BitSet set = new BitSet();
      for (int i = 0; i < n; i++) {
        set.set(i, random.nextBoolean());
      }
      byte[] bytes = Bitmap.encode(set, n);
      assertThat(Bitmap.decode(ByteString.copyFrom(bytes), n)).isEqualTo(set);
      assertThat(
              Bitmap.isValid(
                  ByteString.copyFrom(bytes).concat(ByteString.copyFrom(new byte[1])), n))
          .isFalse();
      if (n % 8 != 0) {
        bytes[bytes.length - 1] |= (byte) 0x80;
        assertThat(Bitmap.isValid(ByteString.copyFrom(bytes), n)).as("n %d", n).isFalse();
      }
    }
    BitSet beyond = new BitSet();
    beyond.set(8);
    assertThatThrownBy(() -> Bitmap.encode(beyond, 8)).hasMessageContaining("8");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8, 13})
  void merkleRoot_independentVectors_equal(int n) {
    List<byte[]> leaves = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      leaves.add(new byte[] {0, 0, 0, (byte) i});
    }
    assertThat(Merkle.root(leaves)).isEqualTo(vectors.bytes("merkle." + n));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 6, 7, 13})
  void merklePaths_independentVectors_equalAndLeadToTheRoot(int n) {
    List<byte[]> leaves = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      leaves.add(new byte[] {0, 0, 0, (byte) i});
    }
    Merkle tree = new Merkle(leaves);
    List<String> paths = vectors.words("paths." + n);
    for (int i = 0; i < n; i++) {
      byte[] path = tree.path(i);
      if (n > 1) {
        assertThat(java.util.HexFormat.of().formatHex(path)).isEqualTo(paths.get(i));
      }
      assertThat(Merkle.rootOf(leaves.get(i), i, n, path)).isEqualTo(tree.root());
      assertThat(Merkle.rootOf(new byte[] {1}, i, n, path)).isNotEqualTo(tree.root());
      byte[] longer = java.util.Arrays.copyOf(path, path.length + 32);
      assertThat(Merkle.rootOf(leaves.get(i), i, n, longer)).isNull();
      if (path.length > 0) {
        byte[] shorter = java.util.Arrays.copyOf(path, path.length - 32);
        assertThat(Merkle.rootOf(leaves.get(i), i, n, shorter)).isNull();
        byte[] ragged = java.util.Arrays.copyOf(path, path.length - 1);
        assertThat(Merkle.rootOf(leaves.get(i), i, n, ragged)).isNull();
        path[0] ^= 1;
        assertThat(Merkle.rootOf(leaves.get(i), i, n, path)).isNotEqualTo(tree.root());
      }
    }
  }

  @Test
  void seed_derive_equalsAndDestroys() {
    Seed seed = Seed.of(vectors.bytes("seed.bytes"));
    assertThat(seed.derive("purpose", 5, -1).bytes()).isEqualTo(vectors.bytes("seed.derived"));
    assertThat(seed.toString()).isEqualTo("Seed[redacted]");
    seed.destroy();
    assertThatThrownBy(seed::bytes).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Seed.of(new byte[31])).hasMessageContaining("31");
  }
}
