package dev.tributary.nn.engine.java.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of a product: so many rows by so many vectors, whose sums stay in registers. Each is one
 * flat method. Sums of row i begin with {@code init} at {@code initAt + i * initRow}; row k of b
 * lies at {@code bAt + k * bStep}.
 */
final class Tiles {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  private Tiles() {}

  static void four2(
      float[] a,
      int aAt,
      int aRow,
      int aStep,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int n,
      int bStep,
      int depth,
      float[] init,
      int initAt,
      int initRow) {
    FloatVector s00 = FloatVector.fromArray(S, init, initAt);
    FloatVector s01 = FloatVector.fromArray(S, init, initAt + L);
    FloatVector s10 = FloatVector.fromArray(S, init, initAt + initRow);
    FloatVector s11 = FloatVector.fromArray(S, init, initAt + initRow + L);
    FloatVector s20 = FloatVector.fromArray(S, init, initAt + 2 * initRow);
    FloatVector s21 = FloatVector.fromArray(S, init, initAt + 2 * initRow + L);
    FloatVector s30 = FloatVector.fromArray(S, init, initAt + 3 * initRow);
    FloatVector s31 = FloatVector.fromArray(S, init, initAt + 3 * initRow + L);
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
      b0 += bStep;
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

  /**
   * Eight rows of a without gaps. Indices are the loop's counter and constants, so that bounds are
   * checked before the loop.
   */
  static void eightAlong(
      float[] a,
      int aAt,
      int aRow,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int n,
      int bStep,
      int depth,
      float[] init,
      int initAt,
      int initRow) {
    FloatVector s00 = FloatVector.fromArray(S, init, initAt);
    FloatVector s01 = FloatVector.fromArray(S, init, initAt + L);
    FloatVector s10 = FloatVector.fromArray(S, init, initAt + initRow);
    FloatVector s11 = FloatVector.fromArray(S, init, initAt + initRow + L);
    FloatVector s20 = FloatVector.fromArray(S, init, initAt + 2 * initRow);
    FloatVector s21 = FloatVector.fromArray(S, init, initAt + 2 * initRow + L);
    FloatVector s30 = FloatVector.fromArray(S, init, initAt + 3 * initRow);
    FloatVector s31 = FloatVector.fromArray(S, init, initAt + 3 * initRow + L);
    FloatVector s40 = FloatVector.fromArray(S, init, initAt + 4 * initRow);
    FloatVector s41 = FloatVector.fromArray(S, init, initAt + 4 * initRow + L);
    FloatVector s50 = FloatVector.fromArray(S, init, initAt + 5 * initRow);
    FloatVector s51 = FloatVector.fromArray(S, init, initAt + 5 * initRow + L);
    FloatVector s60 = FloatVector.fromArray(S, init, initAt + 6 * initRow);
    FloatVector s61 = FloatVector.fromArray(S, init, initAt + 6 * initRow + L);
    FloatVector s70 = FloatVector.fromArray(S, init, initAt + 7 * initRow);
    FloatVector s71 = FloatVector.fromArray(S, init, initAt + 7 * initRow + L);
    int a1 = aAt + aRow;
    int a2 = aAt + 2 * aRow;
    int a3 = aAt + 3 * aRow;
    int a4 = aAt + 4 * aRow;
    int a5 = aAt + 5 * aRow;
    int a6 = aAt + 6 * aRow;
    int a7 = aAt + 7 * aRow;
    for (int k = 0; k < depth; k++) {
      FloatVector w0 = FloatVector.fromArray(S, b, bAt + k * bStep);
      FloatVector w1 = FloatVector.fromArray(S, b, bAt + k * bStep + L);
      FloatVector x = FloatVector.broadcast(S, a[aAt + k]);
      s00 = x.fma(w0, s00);
      s01 = x.fma(w1, s01);
      x = FloatVector.broadcast(S, a[a1 + k]);
      s10 = x.fma(w0, s10);
      s11 = x.fma(w1, s11);
      x = FloatVector.broadcast(S, a[a2 + k]);
      s20 = x.fma(w0, s20);
      s21 = x.fma(w1, s21);
      x = FloatVector.broadcast(S, a[a3 + k]);
      s30 = x.fma(w0, s30);
      s31 = x.fma(w1, s31);
      x = FloatVector.broadcast(S, a[a4 + k]);
      s40 = x.fma(w0, s40);
      s41 = x.fma(w1, s41);
      x = FloatVector.broadcast(S, a[a5 + k]);
      s50 = x.fma(w0, s50);
      s51 = x.fma(w1, s51);
      x = FloatVector.broadcast(S, a[a6 + k]);
      s60 = x.fma(w0, s60);
      s61 = x.fma(w1, s61);
      x = FloatVector.broadcast(S, a[a7 + k]);
      s70 = x.fma(w0, s70);
      s71 = x.fma(w1, s71);
    }
    s00.intoArray(c, cAt);
    s01.intoArray(c, cAt + L);
    s10.intoArray(c, cAt + n);
    s11.intoArray(c, cAt + n + L);
    s20.intoArray(c, cAt + 2 * n);
    s21.intoArray(c, cAt + 2 * n + L);
    s30.intoArray(c, cAt + 3 * n);
    s31.intoArray(c, cAt + 3 * n + L);
    s40.intoArray(c, cAt + 4 * n);
    s41.intoArray(c, cAt + 4 * n + L);
    s50.intoArray(c, cAt + 5 * n);
    s51.intoArray(c, cAt + 5 * n + L);
    s60.intoArray(c, cAt + 6 * n);
    s61.intoArray(c, cAt + 6 * n + L);
    s70.intoArray(c, cAt + 7 * n);
    s71.intoArray(c, cAt + 7 * n + L);
  }

  /** Eight rows of a that {@link VectorKernels} has brought together. */
  static void eightAcross(
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int n,
      int bStep,
      int depth,
      float[] init,
      int initAt,
      int initRow) {
    FloatVector s00 = FloatVector.fromArray(S, init, initAt);
    FloatVector s01 = FloatVector.fromArray(S, init, initAt + L);
    FloatVector s10 = FloatVector.fromArray(S, init, initAt + initRow);
    FloatVector s11 = FloatVector.fromArray(S, init, initAt + initRow + L);
    FloatVector s20 = FloatVector.fromArray(S, init, initAt + 2 * initRow);
    FloatVector s21 = FloatVector.fromArray(S, init, initAt + 2 * initRow + L);
    FloatVector s30 = FloatVector.fromArray(S, init, initAt + 3 * initRow);
    FloatVector s31 = FloatVector.fromArray(S, init, initAt + 3 * initRow + L);
    FloatVector s40 = FloatVector.fromArray(S, init, initAt + 4 * initRow);
    FloatVector s41 = FloatVector.fromArray(S, init, initAt + 4 * initRow + L);
    FloatVector s50 = FloatVector.fromArray(S, init, initAt + 5 * initRow);
    FloatVector s51 = FloatVector.fromArray(S, init, initAt + 5 * initRow + L);
    FloatVector s60 = FloatVector.fromArray(S, init, initAt + 6 * initRow);
    FloatVector s61 = FloatVector.fromArray(S, init, initAt + 6 * initRow + L);
    FloatVector s70 = FloatVector.fromArray(S, init, initAt + 7 * initRow);
    FloatVector s71 = FloatVector.fromArray(S, init, initAt + 7 * initRow + L);
    for (int k = 0; k < depth; k++) {
      FloatVector w0 = FloatVector.fromArray(S, b, bAt + k * bStep);
      FloatVector w1 = FloatVector.fromArray(S, b, bAt + k * bStep + L);
      FloatVector x = FloatVector.broadcast(S, a[aAt + 8 * k]);
      s00 = x.fma(w0, s00);
      s01 = x.fma(w1, s01);
      x = FloatVector.broadcast(S, a[aAt + 8 * k + 1]);
      s10 = x.fma(w0, s10);
      s11 = x.fma(w1, s11);
      x = FloatVector.broadcast(S, a[aAt + 8 * k + 2]);
      s20 = x.fma(w0, s20);
      s21 = x.fma(w1, s21);
      x = FloatVector.broadcast(S, a[aAt + 8 * k + 3]);
      s30 = x.fma(w0, s30);
      s31 = x.fma(w1, s31);
      x = FloatVector.broadcast(S, a[aAt + 8 * k + 4]);
      s40 = x.fma(w0, s40);
      s41 = x.fma(w1, s41);
      x = FloatVector.broadcast(S, a[aAt + 8 * k + 5]);
      s50 = x.fma(w0, s50);
      s51 = x.fma(w1, s51);
      x = FloatVector.broadcast(S, a[aAt + 8 * k + 6]);
      s60 = x.fma(w0, s60);
      s61 = x.fma(w1, s61);
      x = FloatVector.broadcast(S, a[aAt + 8 * k + 7]);
      s70 = x.fma(w0, s70);
      s71 = x.fma(w1, s71);
    }
    s00.intoArray(c, cAt);
    s01.intoArray(c, cAt + L);
    s10.intoArray(c, cAt + n);
    s11.intoArray(c, cAt + n + L);
    s20.intoArray(c, cAt + 2 * n);
    s21.intoArray(c, cAt + 2 * n + L);
    s30.intoArray(c, cAt + 3 * n);
    s31.intoArray(c, cAt + 3 * n + L);
    s40.intoArray(c, cAt + 4 * n);
    s41.intoArray(c, cAt + 4 * n + L);
    s50.intoArray(c, cAt + 5 * n);
    s51.intoArray(c, cAt + 5 * n + L);
    s60.intoArray(c, cAt + 6 * n);
    s61.intoArray(c, cAt + 6 * n + L);
    s70.intoArray(c, cAt + 7 * n);
    s71.intoArray(c, cAt + 7 * n + L);
  }

  static void four1(
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
      int initAt,
      int initRow) {
    FloatVector s0 = FloatVector.fromArray(S, init, initAt);
    FloatVector s1 = FloatVector.fromArray(S, init, initAt + initRow);
    FloatVector s2 = FloatVector.fromArray(S, init, initAt + 2 * initRow);
    FloatVector s3 = FloatVector.fromArray(S, init, initAt + 3 * initRow);
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
