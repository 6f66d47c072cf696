package dev.tributary.nn.engine.java;

/**
 * The one loop nest that a dense model needs. Every element of the result is folded alone, in
 * ascending k, by fused multiply-adds: so plain loops, vectors of any width and any tiling give the
 * same bits. For one thread at a time.
 */
public interface Kernels {
  /**
   * Floats that must be addressable behind the last element of b and c for the widest vectors;
   * without them a kernel takes its slow path, with the same result.
   */
  int SLACK = 64;

  /** For logs: {@code plain} or the width of the vectors. */
  String name();

  /**
   * c[i, j] = init[j] + sum over k of a[i, k] b[k, j], for i below m, j below n, k below depth.
   * Element a[i, k] lies at {@code aOffset + i * aRow + k * aStep}; b and c are row-major with rows
   * of n, without gaps. Up to n floats behind the last element of c may be overwritten with
   * anything, so tensors are computed in ascending order.
   *
   * @param init float32[n + SLACK], what each row of c starts from
   */
  void multiply(
      float[] a,
      int aOffset,
      int aRow,
      int aStep,
      float[] b,
      int bOffset,
      float[] c,
      int cOffset,
      int m,
      int n,
      int depth,
      float[] init);
}
