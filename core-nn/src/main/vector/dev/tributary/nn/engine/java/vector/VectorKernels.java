package dev.tributary.nn.engine.java.vector;

import dev.tributary.nn.engine.java.FloatFunction;
import dev.tributary.nn.engine.java.Kernels;
import dev.tributary.nn.engine.java.PlainKernels;
import dev.tributary.nn.engine.java.RowKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of four or eight rows by one or two vectors, whose sums stay in registers. A row of c that
 * is no multiple of the width is computed with one vector that reaches over its end: what it reads
 * there meets no wanted lane, and what it writes there is overwritten, because columns are done
 * from right to left and rows from top to bottom.
 */
public final class VectorKernels implements Kernels {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  /** Registers for eight rows of two vectors: 32 of the wide ones, 16 of the others. */
  private static final boolean TALL = S.vectorBitSize() == 512;

  /** Rows from which on a copy of b pays. */
  private static final int PACKED_ROWS = 128;

  private static final FloatVector ZERO = FloatVector.zero(S);

  /** 0, 1, 2 and so on. */
  private static final IntVector INDICES = IntVector.zero(IntVector.SPECIES_PREFERRED).addIndex(1);

  private final Kernels plain = new PlainKernels();
  private final VectorFunctions functions = new VectorFunctions();
  private final RowKernels rows = VectorRows.of(functions);
  private float[] panel = {};
  private float[] turned = {};

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
    boolean pack = n > 2 * L && m >= PACKED_ROWS && 2 * L <= (Integer.MAX_VALUE - 8) / depth;
    boolean across = TALL && n >= 2 * L && aStep != 1 && aRow == 1;
    if (across) {
      turn(a, aOffset, aStep, m, depth);
    }
    int j = vectors * L;
    while (j > 0) {
      boolean pair = j >= 2 * L;
      j -= pair ? 2 * L : L;
      if (!pair) {
        // The last tile may do rows again, with the same result.
        for (int i = 0; i < m; i = next(i, 4, m)) {
          int at = aOffset + i * aRow;
          four1(a, at, aRow, aStep, b, bOffset, c, cOffset + i * n, n, depth, init, 0);
        }
        continue;
      }
      float[] from = pack ? pack(b, bOffset + j, n, depth) : b;
      int fromAt = pack ? 0 : bOffset + j;
      int bStep = pack ? 2 * L : n;
      int i = 0;
      for (; TALL && i + 8 <= m; i += 8) {
        int at = aOffset + i * aRow;
        int to = cOffset + i * n + j;
        if (aStep == 1) {
          eightAlong(a, at, aRow, from, fromAt, c, to, n, bStep, depth, init, j);
        } else if (across) {
          eightAcross(turned, i * depth, from, fromAt, c, to, n, bStep, depth, init, j);
        } else {
          break;
        }
      }
      for (; i < m; i = next(i, 4, m)) {
        int first = Math.min(i, m - 4);
        int at = aOffset + first * aRow;
        int to = cOffset + first * n + j;
        four2(a, at, aRow, aStep, from, fromAt, c, to, n, bStep, depth, init, j);
      }
    }
  }

  /** The tile behind that of row i: the last one begins where its rows are left. */
  private static int next(int i, int rows, int m) {
    return i + rows <= m - rows || i + rows >= m ? i + rows : m - rows;
  }

  /** Two vectors of each row of b, one row behind another: rows of b lie too far apart to cache. */
  private float[] pack(float[] b, int at, int n, int depth) {
    if (panel.length < depth * 2 * L) {
      panel = new float[depth * 2 * L];
    }
    for (int k = 0; k < depth; k++) {
      System.arraycopy(b, at + k * n, panel, k * 2 * L, 2 * L);
    }
    return panel;
  }

  /**
   * All tiles of eight rows of a whose rows lie side by side: one load takes eight elements, and as
   * many more, which the next one overwrites.
   */
  private void turn(float[] a, int aOffset, int aStep, int m, int depth) {
    if (turned.length < m * depth + L) {
      turned = new float[m * depth + L];
    }
    for (int i = 0; i + 8 <= m; i += 8) {
      int at = aOffset + i;
      int to = i * depth;
      int k = 0;
      for (; k < depth && at + k * aStep + L <= a.length; k++) {
        FloatVector.fromArray(S, a, at + k * aStep).intoArray(turned, to + 8 * k);
      }
      for (; k < depth; k++) {
        System.arraycopy(a, at + k * aStep, turned, to + 8 * k, 8);
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
      int bStep,
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
  private static void eightAlong(
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
      int initAt) {
    FloatVector s00 = FloatVector.fromArray(S, init, initAt);
    FloatVector s01 = FloatVector.fromArray(S, init, initAt + L);
    FloatVector s10 = s00;
    FloatVector s11 = s01;
    FloatVector s20 = s00;
    FloatVector s21 = s01;
    FloatVector s30 = s00;
    FloatVector s31 = s01;
    FloatVector s40 = s00;
    FloatVector s41 = s01;
    FloatVector s50 = s00;
    FloatVector s51 = s01;
    FloatVector s60 = s00;
    FloatVector s61 = s01;
    FloatVector s70 = s00;
    FloatVector s71 = s01;
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

  /** Eight rows of a that {@link #turn} has brought together. */
  private static void eightAcross(
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
      int initAt) {
    FloatVector s00 = FloatVector.fromArray(S, init, initAt);
    FloatVector s01 = FloatVector.fromArray(S, init, initAt + L);
    FloatVector s10 = s00;
    FloatVector s11 = s01;
    FloatVector s20 = s00;
    FloatVector s21 = s01;
    FloatVector s30 = s00;
    FloatVector s31 = s01;
    FloatVector s40 = s00;
    FloatVector s41 = s01;
    FloatVector s50 = s00;
    FloatVector s51 = s01;
    FloatVector s60 = s00;
    FloatVector s61 = s01;
    FloatVector s70 = s00;
    FloatVector s71 = s01;
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

  @Override
  public void map(
      FloatFunction function, float[] from, int fromAt, float[] into, int intoAt, int count) {
    functions.map(function, from, fromAt, into, intoAt, count);
  }

  @Override
  public void gelu(float[] inputs, float[] outputs, float[] slopes, int count) {
    functions.gelu(inputs, outputs, slopes, count);
  }

  @Override
  public RowKernels rows() {
    return rows;
  }

  @Override
  public void wherePositive(float[] where, float[] gradient, float[] into, int count) {
    int i = 0;
    for (; i + L <= count; i += L) {
      VectorMask<Float> positive =
          FloatVector.fromArray(S, where, i).compare(VectorOperators.GT, 0f);
      ZERO.blend(FloatVector.fromArray(S, gradient, i), positive).intoArray(into, i);
    }
    for (; i < count; i++) {
      into[i] = where[i] > 0f ? gradient[i] : 0f;
    }
  }

  @Override
  public void greatest(
      float[] from, int fromAt, float[] into, int[] winners, int intoAt, int count) {
    int i = 0;
    for (; i + L <= count; i += L) {
      FloatVector value = FloatVector.fromArray(S, from, fromAt + i);
      FloatVector best = FloatVector.fromArray(S, into, intoAt + i);
      VectorMask<Float> wins =
          value.compare(VectorOperators.GT, best).or(value.compare(VectorOperators.NE, value));
      IntVector index = INDICES.add(fromAt + i);
      IntVector winner = IntVector.fromArray(INDICES.species(), winners, intoAt + i);
      best.blend(value, wins).intoArray(into, intoAt + i);
      winner.blend(index, wins.cast(INDICES.species())).intoArray(winners, intoAt + i);
    }
    plain.greatest(from, fromAt + i, into, winners, intoAt + i, count - i);
  }
}
