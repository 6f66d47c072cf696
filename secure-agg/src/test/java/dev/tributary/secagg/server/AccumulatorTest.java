package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.RingVector;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AccumulatorTest {

  /** Longer than a segment, by an odd part. */
  private static final int LENGTH = (1 << 20) + 50_003;

  @Test
  void add_acrossSegments_isTheSumInTheRing() {
    for (long seed = 1; seed <= 2; seed++) {
      Random random = new Random(seed);
      Accumulator sum = new Accumulator(LENGTH, 20);
      int[] plain = new int[LENGTH];
      for (int block = 0; block < 8; block++) {
        int from = random.nextInt(LENGTH);
        int count = random.nextInt(LENGTH - from + 1);
        int[] values = random.ints(count + 3).toArray();
        sum.add(from, values, count);
        for (int i = 0; i < count; i++) {
          plain[from + i] += values[i];
        }
      }
      for (int i = 0; i < LENGTH; i++) {
        plain[i] &= RingVector.mask(20);
      }
      assertThat(SumWorld.values(sum.result())).as("seed %d", seed).isEqualTo(plain);
      int[] part = new int[10_000];
      int from = (1 << 20) - 3000;
      sum.result().read(from, part, part.length);
      assertThat(part)
          .as("seed %d", seed)
          .isEqualTo(Arrays.copyOfRange(plain, from, from + part.length));
    }
  }

  /** 64 threads' worth of additions to the same elements; without the guard some are lost. */
  @Test
  void add_fromManyThreads_losesNothing() {
    Accumulator sum = new Accumulator(LENGTH, 32);
    int[] ones = new int[50_000];
    java.util.Arrays.fill(ones, 1);
    int from = (1 << 20) - 25_000;
    IntStream.range(0, 512).parallel().forEach(i -> sum.add(from, ones, ones.length));
    int[] values = SumWorld.values(sum.result());
    assertThat(values[from - 1]).isZero();
    assertThat(IntStream.range(from, from + ones.length).map(i -> values[i]).distinct().toArray())
        .containsExactly(512);
  }

  @Test
  void new_memoryIsOutsideTheHeap() {
    BufferPoolMXBean direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .findFirst()
            .orElseThrow();
    long before = direct.getMemoryUsed();
    Accumulator sum = new Accumulator(LENGTH, 32);
    assertThat(direct.getMemoryUsed() - before)
        .isGreaterThanOrEqualTo(4L * LENGTH)
        .isLessThan(4L * LENGTH + (1 << 16));
    assertThat(sum.length()).isEqualTo(LENGTH);
  }

  /** The last segment is whole, or one element short of it. */
  @Test
  void add_vectorOfASegment_isWhole() {
    for (int length : new int[] {(1 << 20) - 1, 1 << 20}) {
      Accumulator sum = new Accumulator(length, 8);
      sum.add(length - 2, new int[] {7, 300}, 2);
      sum.add(length, new int[0], 0);
      int[] end = new int[2];
      sum.result().read(length - 2, end, 2);
      sum.result().read(length, new int[0], 0);
      assertThat(end).as("length %d", length).containsExactly(7, 300 & 0xFF);
      assertThat(sum.result().bits()).isEqualTo(8);
      assertThat(sum.result()).hasToString("RingVector[length=" + length + ", bits=8]");
    }
  }

  @Test
  void addOrRead_outsideTheVector_refused() {
    Accumulator sum = new Accumulator(10, 32);
    assertThatThrownBy(() -> sum.add(8, new int[3], 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> sum.result().read(8, new int[3], 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
