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
 * Products by tiles of four or eight rows by one or two vectors ({@link Tiles}). A row of c that is
 * no multiple of the width is computed with one vector that reaches over its end: what it reads
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

  /** Elements of a sum behind which a product is cut, so that a strip of b fits the L1 cache. */
  private static final int DEEP = 256;

  /** Columns whose strips are copied at a time: they fit the L2 cache. */
  private static final int COLUMNS = 512;

  /** Rows that meet a strip before the next one. */
  private static final int ROWS = 32;

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
    // Deep products go in parts, so that what is copied stays in the cache; a part begins with the
    // sums of the one before. Not where tiles do numbers again or write over those of others.
    int part = spill == 0 && m % 4 == 0 ? DEEP : depth;
    for (int k = 0; k < depth || k == 0; k += part) {
      boolean first = k == 0;
      part(
          a,
          aOffset + k * aStep,
          aRow,
          aStep,
          b,
          bOffset + k * n,
          c,
          cOffset,
          m,
          n,
          Math.min(part, depth - k),
          first ? init : c,
          first ? 0 : cOffset,
          first ? 0 : n);
    }
  }

  private void part(
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
      float[] init,
      int initOffset,
      int initRow) {
    boolean across = TALL && n >= 2 * L && aStep != 1 && aRow == 1;
    if (across) {
      turn(a, aOffset, aStep, m, depth);
    }
    boolean pack = n > 2 * L && m >= PACKED_ROWS && COLUMNS <= (Integer.MAX_VALUE - 8) / depth;
    int end = (n + L - 1) / L * L;
    while (end > 0) {
      int begin = Math.max(0, end - COLUMNS);
      int odd = (end - begin) % (2 * L);
      if (pack) {
        pack(b, bOffset, n, depth, begin + odd, end);
      }
      for (int top = 0; top < m; top += ROWS) {
        int bottom = Math.min(m, top + ROWS);
        for (int j = end - 2 * L; j >= begin; j -= 2 * L) {
          float[] p = pack ? panel : b;
          int pAt = pack ? (j - begin - odd) * depth : bOffset + j;
          int step = pack ? 2 * L : n;
          int i = top;
          for (; TALL && (aStep == 1 || across) && i + 8 <= bottom; i += 8) {
            int to = cOffset + i * n + j;
            int from = initOffset + i * initRow + j;
            if (across) {
              int at = i * depth;
              Tiles.eightAcross(turned, at, p, pAt, c, to, n, step, depth, init, from, initRow);
            } else {
              int at = aOffset + i * aRow;
              Tiles.eightAlong(a, at, aRow, p, pAt, c, to, n, step, depth, init, from, initRow);
            }
          }
          for (; i < bottom; i = next(i, 4, m)) {
            int row = Math.min(i, m - 4);
            int at = aOffset + row * aRow;
            int to = cOffset + row * n + j;
            int from = initOffset + row * initRow + j;
            Tiles.four2(a, at, aRow, aStep, p, pAt, c, to, n, step, depth, init, from, initRow);
          }
        }
        // The last tile may do rows again, with the same result.
        for (int i = top; odd > 0 && i < bottom; i = next(i, 4, m)) {
          int row = Math.min(i, m - 4);
          int at = aOffset + row * aRow;
          int to = cOffset + row * n;
          int from = initOffset + row * initRow;
          Tiles.four1(a, at, aRow, aStep, b, bOffset, c, to, n, depth, init, from, initRow);
        }
      }
      end = begin;
    }
  }

  /** The tile behind that of row i: the last one begins where its rows are left. */
  private static int next(int i, int rows, int m) {
    return i + rows <= m - rows || i + rows >= m ? i + rows : m - rows;
  }

  /**
   * Strips of two vectors' width of columns [from, to), each with its rows one behind another: rows
   * of b lie too far apart to cache.
   */
  private void pack(float[] b, int at, int n, int depth, int from, int to) {
    if (panel.length < depth * (to - from)) {
      panel = new float[depth * (to - from)];
    }
    for (int k = 0; k < depth; k++) {
      for (int j = from; j < to; j += 2 * L) {
        System.arraycopy(b, at + k * n + j, panel, (j - from) * depth + k * 2 * L, 2 * L);
      }
    }
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

  @Override
  public void gelu(float[] inputs, float[] outputs, float[] slopes, int count) {
    functions.gelu(inputs, outputs, slopes, count);
  }

  @Override
  public RowKernels rows() {
    return rows;
  }

  @Override
  public void map(
      FloatFunction function, float[] from, int fromAt, float[] into, int intoAt, int count) {
    functions.map(function, from, fromAt, into, intoAt, count);
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
