package dev.tributary.nn.engine.java.vector;

import dev.tributary.nn.engine.java.Kernels;
import dev.tributary.nn.engine.java.PlainKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of four rows by one or two vectors, whose sums stay in registers. A row of c that is no
 * multiple of the width is computed with one vector that reaches over its end: what it reads there
 * meets no wanted lane, and what it writes there is overwritten, because columns are done from
 * right to left and rows from top to bottom.
 */
public final class VectorKernels implements Kernels {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  private final Kernels plain = new PlainKernels();

  @Override
  public String name() {
    return "vectors of " + L;
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
    int vectors = (n + L - 1) / L;
    int spill = vectors * L - n;
    if (m < 4
        || spill > n
        || (long) bOffset + (long) depth * n + spill > b.length
        || (long) cOffset + (long) m * n + spill > c.length
        || vectors * L > init.length) {
      plain.multiply(a, aOffset, aRow, aStep, b, bOffset, c, cOffset, m, n, depth, init);
      return;
    }
    int j = vectors * L;
    while (j > 0) {
      boolean pair = j >= 2 * L;
      j -= pair ? 2 * L : L;
      // The last tile begins where four rows are left: it may do rows again, with the same result.
      for (int i = 0; i < m; i = i + 4 <= m - 4 || i + 4 >= m ? i + 4 : m - 4) {
        int at = aOffset + i * aRow;
        if (pair) {
          four2(a, at, aRow, aStep, b, bOffset + j, c, cOffset + i * n + j, n, depth, init, j);
        } else {
          four1(a, at, aRow, aStep, b, bOffset + j, c, cOffset + i * n + j, n, depth, init, j);
        }
      }
    }
  }

  private static void four2(
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
      float[] init,
      int initAt) {
    FloatVector s00 = FloatVector.fromArray(S, init, initAt);
    FloatVector s01 = FloatVector.fromArray(S, init, initAt + L);
    FloatVector s10 = s00;
    FloatVector s11 = s01;
    FloatVector s20 = s00;
    FloatVector s21 = s01;
    FloatVector s30 = s00;
    FloatVector s31 = s01;
    int a0 = aAt;
    int b0 = bAt;
    for (int k = 0; k < depth; k++) {
      FloatVector w0 = FloatVector.fromArray(S, b, b0);
      FloatVector w1 = FloatVector.fromArray(S, b, b0 + L);
      FloatVector x = FloatVector.broadcast(S, a[a0]);
      s00 = x.fma(w0, s00);
      s01 = x.fma(w1, s01);
      x = FloatVector.broadcast(S, a[a0 + aRow]);
      s10 = x.fma(w0, s10);
      s11 = x.fma(w1, s11);
      x = FloatVector.broadcast(S, a[a0 + 2 * aRow]);
      s20 = x.fma(w0, s20);
      s21 = x.fma(w1, s21);
      x = FloatVector.broadcast(S, a[a0 + 3 * aRow]);
      s30 = x.fma(w0, s30);
      s31 = x.fma(w1, s31);
      a0 += aStep;
      b0 += n;
    }
    s00.intoArray(c, cAt);
    s01.intoArray(c, cAt + L);
    s10.intoArray(c, cAt + n);
    s11.intoArray(c, cAt + n + L);
    s20.intoArray(c, cAt + 2 * n);
    s21.intoArray(c, cAt + 2 * n + L);
    s30.intoArray(c, cAt + 3 * n);
    s31.intoArray(c, cAt + 3 * n + L);
  }

  private static void four1(
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
      float[] init,
      int initAt) {
    FloatVector s0 = FloatVector.fromArray(S, init, initAt);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int a0 = aAt;
    int b0 = bAt;
    for (int k = 0; k < depth; k++) {
      FloatVector w = FloatVector.fromArray(S, b, b0);
      s0 = FloatVector.broadcast(S, a[a0]).fma(w, s0);
      s1 = FloatVector.broadcast(S, a[a0 + aRow]).fma(w, s1);
      s2 = FloatVector.broadcast(S, a[a0 + 2 * aRow]).fma(w, s2);
      s3 = FloatVector.broadcast(S, a[a0 + 3 * aRow]).fma(w, s3);
      a0 += aStep;
      b0 += n;
    }
    s0.intoArray(c, cAt);
    s1.intoArray(c, cAt + n);
    s2.intoArray(c, cAt + 2 * n);
    s3.intoArray(c, cAt + 3 * n);
  }
}
