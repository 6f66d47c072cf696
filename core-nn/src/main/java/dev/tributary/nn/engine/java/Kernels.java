package dev.tributary.nn.engine.java;

/**
 * The loops that take the time of a model. Every element of the result is folded alone, in
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
   * anything, so tensors are computed in ascending order. Copies of a and of parts of b may be kept
   * for the next call.
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

  /** {@code into[intoAt + i] = function(from[fromAt + i])} for i below count; may be in place. */
  void map(FloatFunction function, float[] from, int fromAt, float[] into, int intoAt, int count);

  /**
   * {@code outputs[i]} = x Phi(x) and {@code slopes[i]} its derivative, of {@code x = inputs[i]}
   * for i below count.
   */
  void gelu(float[] inputs, float[] outputs, float[] slopes, int count);

  /** The loops over rows that go with these. */
  RowKernels rows();

  /** {@code into[i] = where[i] > 0 ? gradient[i] : 0} for i below count; may be in place. */
  void wherePositive(float[] where, float[] gradient, float[] into, int count);

  /**
   * Where {@code from[fromAt + i]} is greater than {@code into[intoAt + i]}, or no number, it takes
   * its place, and its index that in {@code winners[intoAt + i]}; for i below count.
   */
  void greatest(float[] from, int fromAt, float[] into, int[] winners, int intoAt, int count);
}
