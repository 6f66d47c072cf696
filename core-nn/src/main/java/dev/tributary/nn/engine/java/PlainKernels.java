package dev.tributary.nn.engine.java;

import dev.tributary.nn.Activation;

/**
 * Loops that the compiler vectorises: along j where rows are wide, else four rows at a time. For
 * one thread.
 */
public final class PlainKernels implements Kernels {
  private static final int WIDE = 16;
  private static final int BLOCK = 4;

  private final RowKernels rowKernels = new PlainRows();
  private float[] sums = {};
  private float[][] rows = {};

  @Override
  public String name() {
    return "plain";
  }

  @Override
  public void multiply(
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
      float[] init) {
    if (n >= WIDE) {
      wide(a, aOffset, aRow, aStep, b, bOffset, c, cOffset, m, n, depth, init);
    } else {
      narrow(a, aOffset, aRow, aStep, b, bOffset, c, cOffset, m, n, depth, init);
    }
  }

  /**
   * Four k at a time over whole rows. Rows are copied to arrays of their own first: loops over one
   * index without offsets are the ones that the compiler turns into vectors.
   */
  private void wide(
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
      float[] init) {
    if (sums.length < n) {
      sums = new float[n];
      rows = new float[BLOCK][n];
    }
    int k = 0;
    for (; k + BLOCK <= depth; k += BLOCK) {
      for (int l = 0; l < BLOCK; l++) {
        System.arraycopy(b, bOffset + (k + l) * n, rows[l], 0, n);
      }
      for (int i = 0; i < m; i++) {
        int cAt = cOffset + i * n;
        if (k == 0) {
          System.arraycopy(init, 0, sums, 0, n);
        } else {
          System.arraycopy(c, cAt, sums, 0, n);
        }
        addFour(a, aOffset + i * aRow + k * aStep, aStep, rows, sums, n);
        System.arraycopy(sums, 0, c, cAt, n);
      }
    }
    for (; k < depth; k++) {
      System.arraycopy(b, bOffset + k * n, rows[0], 0, n);
      for (int i = 0; i < m; i++) {
        int cAt = cOffset + i * n;
        if (k == 0) {
          System.arraycopy(init, 0, sums, 0, n);
        } else {
          System.arraycopy(c, cAt, sums, 0, n);
        }
        addOne(a[aOffset + i * aRow + k * aStep], rows[0], sums, n);
        System.arraycopy(sums, 0, c, cAt, n);
      }
    }
  }

  /** More than four in one loop are not unrolled far enough to become vectors. */
  private static void addFour(float[] a, int aAt, int aStep, float[][] rows, float[] sums, int n) {
    float a0 = a[aAt];
    float a1 = a[aAt + aStep];
    float a2 = a[aAt + 2 * aStep];
    float a3 = a[aAt + 3 * aStep];
    float[] r0 = rows[0];
    float[] r1 = rows[1];
    float[] r2 = rows[2];
    float[] r3 = rows[3];
    for (int j = 0; j < n; j++) {
      float sum = Math.fma(a0, r0[j], sums[j]);
      sum = Math.fma(a1, r1[j], sum);
      sum = Math.fma(a2, r2[j], sum);
      sums[j] = Math.fma(a3, r3[j], sum);
    }
  }

  private static void addOne(float factor, float[] row, float[] sums, int n) {
    for (int j = 0; j < n; j++) {
      sums[j] = Math.fma(factor, row[j], sums[j]);
    }
  }

  private static void narrow(
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
      float[] init) {
    int i = 0;
    for (; i + 4 <= m; i += 4) {
      for (int j = 0; j < n; j++) {
        column(
            a,
            aOffset + i * aRow,
            aRow,
            aStep,
            b,
            bOffset + j,
            c,
            cOffset + i * n + j,
            n,
            depth,
            init[j]);
      }
    }
    for (; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = init[j];
        for (int k = 0; k < depth; k++) {
          sum = Math.fma(a[aOffset + i * aRow + k * aStep], b[bOffset + k * n + j], sum);
        }
        c[cOffset + i * n + j] = sum;
      }
    }
  }

  /** One column of four rows of c: four chains of additions that do not wait for each other. */
  private static void column(
      float[] a,
      int aAt,
      int aRow,
      int aStep,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int n,
      int depth,
      float start) {
    float s0 = start;
    float s1 = start;
    float s2 = start;
    float s3 = start;
    int a1 = aRow;
    int a2 = 2 * aRow;
    int a3 = 3 * aRow;
    for (int k = 0; k < depth; k++) {
      float factor = b[bAt + k * n];
      int at = aAt + k * aStep;
      s0 = Math.fma(a[at], factor, s0);
      s1 = Math.fma(a[at + a1], factor, s1);
      s2 = Math.fma(a[at + a2], factor, s2);
      s3 = Math.fma(a[at + a3], factor, s3);
    }
    c[cAt] = s0;
    c[cAt + n] = s1;
    c[cAt + 2 * n] = s2;
    c[cAt + 3 * n] = s3;
  }

  @Override
  public void map(
      FloatFunction function, float[] from, int fromAt, float[] into, int intoAt, int count) {
    for (int i = 0; i < count; i++) {
      into[intoAt + i] = function.of(from[fromAt + i]);
    }
  }

  @Override
  public void gelu(float[] inputs, float[] outputs, float[] slopes, int count) {
    for (int i = 0; i < count; i++) {
      float x = inputs[i];
      outputs[i] = Activation.gelu(x);
      slopes[i] = Activation.geluSlope(x);
    }
  }

  @Override
  public RowKernels rows() {
    return rowKernels;
  }

  @Override
  public void wherePositive(float[] where, float[] gradient, float[] into, int count) {
    for (int i = 0; i < count; i++) {
      into[i] = where[i] > 0f ? gradient[i] : 0f;
    }
  }

  @Override
  public void greatest(
      float[] from, int fromAt, float[] into, int[] winners, int intoAt, int count) {
    for (int i = 0; i < count; i++) {
      float value = from[fromAt + i];
      if (value > into[intoAt + i] || Float.isNaN(value)) {
        into[intoAt + i] = value;
        winners[intoAt + i] = fromAt + i;
      }
    }
  }
}
