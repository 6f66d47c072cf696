package dev.tributary.nn.engine.java;

/** Loops that the compiler vectorises: along j where rows are wide, else four rows at a time. */
public final class PlainKernels implements Kernels {
  private static final int WIDE = 16;

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
      for (int i = 0; i < m; i++) {
        System.arraycopy(init, 0, c, cOffset + i * n, n);
        row(a, aOffset + i * aRow, aStep, b, bOffset, c, cOffset + i * n, n, depth);
      }
      return;
    }
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

  /** One row of c, four k at a time: c is read and written a quarter as often. */
  private static void row(
      float[] a, int aAt, int aStep, float[] b, int bOffset, float[] c, int cAt, int n, int depth) {
    int k = 0;
    for (; k + 4 <= depth; k += 4) {
      float a0 = a[aAt + k * aStep];
      float a1 = a[aAt + (k + 1) * aStep];
      float a2 = a[aAt + (k + 2) * aStep];
      float a3 = a[aAt + (k + 3) * aStep];
      int b0 = bOffset + k * n;
      int b1 = b0 + n;
      int b2 = b1 + n;
      int b3 = b2 + n;
      for (int j = 0; j < n; j++) {
        float sum = Math.fma(a0, b[b0 + j], c[cAt + j]);
        sum = Math.fma(a1, b[b1 + j], sum);
        sum = Math.fma(a2, b[b2 + j], sum);
        c[cAt + j] = Math.fma(a3, b[b3 + j], sum);
      }
    }
    for (; k < depth; k++) {
      float a0 = a[aAt + k * aStep];
      int b0 = bOffset + k * n;
      for (int j = 0; j < n; j++) {
        c[cAt + j] = Math.fma(a0, b[b0 + j], c[cAt + j]);
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
}
