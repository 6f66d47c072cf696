package dev.tributary.nn.engine.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The natives of this platform load and multiply; prints how fast. */
@Tag("nd4j")
final class Nd4jSmokeTest {
  private static final int N = 1024;

  @Test
  void matmul_ofOnes_countsTheInnerDimension() {
    INDArray a = Nd4j.ones(DataType.FLOAT, N, N);
    INDArray b = Nd4j.ones(DataType.FLOAT, N, N);
    INDArray out = Nd4j.create(DataType.FLOAT, N, N);
    double best = 0;
    for (int i = 0; i < 20; i++) {
      long start = System.nanoTime();
      Nd4j.matmul(a, b, out);
      best = Math.max(best, 2.0 * N * N * N / (System.nanoTime() - start));
    }
    System.out.printf("sgemm %d^3: %.0f GFLOP/s%n", N, best);
    assertThat(out.getFloat(0, 0)).isEqualTo((float) N);
    assertThat(out.getFloat(N - 1, N - 1)).isEqualTo((float) N);
  }
}
