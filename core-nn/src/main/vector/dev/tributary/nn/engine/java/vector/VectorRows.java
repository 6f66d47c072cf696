package dev.tributary.nn.engine.java.vector;

import dev.tributary.nn.engine.java.FloatFunction;
import dev.tributary.nn.engine.java.PlainRows;
import dev.tributary.nn.engine.java.RowKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows on vectors of at most {@link #SUMS} lanes; narrower ones take turns for the partial sums.
 * What is left behind the last whole vector is done number by number, as {@link PlainRows} does.
 */
final class VectorRows implements RowKernels {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  private final VectorFunctions functions;
  private final float[] sums = new float[SUMS];
  private final float[] others = new float[SUMS];
  private final float[] blocks = new float[4 * SUMS];

  VectorRows(VectorFunctions functions) {
    this.functions = functions;
  }

  /** For a machine: plain loops where a vector holds more than the partial sums. */
  static RowKernels of(VectorFunctions functions) {
    return L <= SUMS ? new VectorRows(functions) : new PlainRows();
  }

  @Override
  public void softmax(float[] values, int at, int count, float scale) {
    float highest = highest(values, at, count);
    int whole = count - count % L;
    for (int i = 0; i < whole; i += L) {
      FloatVector x = FloatVector.fromArray(S, values, at + i);
      x.sub(highest).mul(scale).intoArray(values, at + i);
    }
    for (int i = whole; i < count; i++) {
      values[at + i] = (values[at + i] - highest) * scale;
    }
    functions.map(FloatFunction.EXP, values, at, values, at, count);
    sum(values, at, count);
    float share = 1f / RowKernels.total(sums);
    for (int i = 0; i < whole; i += L) {
      FloatVector.fromArray(S, values, at + i).mul(share).intoArray(values, at + i);
    }
    for (int i = whole; i < count; i++) {
      values[at + i] *= share;
    }
  }

  private float highest(float[] values, int at, int count) {
    float highest = values[at];
    int whole = count - count % L;
    if (whole > 0) {
      FloatVector best = FloatVector.broadcast(S, highest);
      for (int i = 0; i < whole; i += L) {
        FloatVector x = FloatVector.fromArray(S, values, at + i);
        best = best.blend(x, x.compare(VectorOperators.GT, best));
      }
      best.intoArray(sums, 0);
      for (int i = 0; i < L; i++) {
        highest = sums[i] > highest ? sums[i] : highest;
      }
    }
    for (int i = whole; i < count; i++) {
      highest = values[at + i] > highest ? values[at + i] : highest;
    }
    return highest;
  }

  /** The partial sums of a row. */
  private void sum(float[] values, int at, int count) {
    int whole = count - count % SUMS;
    for (int lane = 0; lane < SUMS; lane += L) {
      FloatVector sum = FloatVector.zero(S);
      for (int i = lane; i < whole; i += SUMS) {
        sum = sum.add(FloatVector.fromArray(S, values, at + i));
      }
      sum.intoArray(sums, lane);
    }
    for (int i = whole; i < count; i++) {
      sums[i - whole] += values[at + i];
    }
  }

  @Override
  public void softmaxGradient(
      float[] outputs, int from, float[] gradient, int at, int count, float scale) {
    int whole = count - count % SUMS;
    for (int lane = 0; lane < SUMS; lane += L) {
      FloatVector sum = FloatVector.zero(S);
      for (int i = lane; i < whole; i += SUMS) {
        FloatVector p = FloatVector.fromArray(S, outputs, from + i);
        sum = p.fma(FloatVector.fromArray(S, gradient, at + i), sum);
      }
      sum.intoArray(sums, lane);
    }
    for (int i = whole; i < count; i++) {
      sums[i - whole] = Math.fma(outputs[from + i], gradient[at + i], sums[i - whole]);
    }
    float dot = RowKernels.total(sums);
    for (int i = 0; i < whole; i += L) {
      FloatVector p = FloatVector.fromArray(S, outputs, from + i);
      FloatVector dp = FloatVector.fromArray(S, gradient, at + i);
      p.mul(dp.sub(dot)).mul(scale).intoArray(gradient, at + i);
    }
    for (int i = whole; i < count; i++) {
      gradient[at + i] = outputs[from + i] * (gradient[at + i] - dot) * scale;
    }
  }

  @Override
  public float normalise(
      float[] values,
      int at,
      int count,
      double epsilon,
      float[] parameters,
      int weight,
      float[] normalized,
      float[] outputs) {
    sum(values, at, count);
    float mean = RowKernels.total(sums) / count;
    squares(values, at, count, mean);
    float inverse = PlainRows.inverse(RowKernels.total(sums), count, epsilon);
    int whole = count - count % L;
    for (int i = 0; i < whole; i += L) {
      FloatVector x = FloatVector.fromArray(S, values, at + i);
      FloatVector n = x.sub(mean).mul(inverse);
      n.intoArray(normalized, at + i);
      FloatVector w = FloatVector.fromArray(S, parameters, weight + i);
      n.fma(w, FloatVector.fromArray(S, parameters, weight + count + i)).intoArray(outputs, at + i);
    }
    for (int i = whole; i < count; i++) {
      normalized[at + i] = (values[at + i] - mean) * inverse;
      outputs[at + i] =
          Math.fma(normalized[at + i], parameters[weight + i], parameters[weight + count + i]);
    }
    return inverse;
  }

  /** The partial sums of squared differences from the mean. */
  private void squares(float[] values, int at, int count, float mean) {
    int whole = count - count % SUMS;
    for (int lane = 0; lane < SUMS; lane += L) {
      FloatVector sum = FloatVector.zero(S);
      for (int i = lane; i < whole; i += SUMS) {
        FloatVector difference = FloatVector.fromArray(S, values, at + i).sub(mean);
        sum = difference.fma(difference, sum);
      }
      sum.intoArray(sums, lane);
    }
    for (int i = whole; i < count; i++) {
      float difference = values[at + i] - mean;
      sums[i - whole] = Math.fma(difference, difference, sums[i - whole]);
    }
  }

  @Override
  public void normaliseGradient(
      float[] gradient,
      int at,
      int count,
      float inverse,
      float[] parameters,
      int weight,
      float[] normalized,
      float[] into) {
    slopes(gradient, at, count, parameters, weight, normalized);
    float mean = RowKernels.total(sums) / count;
    float slope = RowKernels.total(others) / count;
    int whole = count - count % L;
    for (int i = 0; i < whole; i += L) {
      FloatVector dy = FloatVector.fromArray(S, gradient, at + i);
      FloatVector dn = dy.mul(FloatVector.fromArray(S, parameters, weight + i)).sub(mean);
      FloatVector n = FloatVector.fromArray(S, normalized, at + i);
      n.fma(FloatVector.broadcast(S, -slope), dn).mul(inverse).intoArray(into, at + i);
    }
    for (int i = whole; i < count; i++) {
      float rest = gradient[at + i] * parameters[weight + i] - mean;
      into[at + i] = Math.fma(-slope, normalized[at + i], rest) * inverse;
    }
  }

  /** The partial sums of dn, and of n dn. */
  private void slopes(
      float[] gradient, int at, int count, float[] parameters, int weight, float[] normalized) {
    int whole = count - count % SUMS;
    for (int lane = 0; lane < SUMS; lane += L) {
      FloatVector sum = FloatVector.zero(S);
      FloatVector dot = FloatVector.zero(S);
      for (int i = lane; i < whole; i += SUMS) {
        FloatVector dy = FloatVector.fromArray(S, gradient, at + i);
        FloatVector dn = dy.mul(FloatVector.fromArray(S, parameters, weight + i));
        sum = sum.add(dn);
        dot = dn.fma(FloatVector.fromArray(S, normalized, at + i), dot);
      }
      sum.intoArray(sums, lane);
      dot.intoArray(others, lane);
    }
    for (int i = whole; i < count; i++) {
      float dn = gradient[at + i] * parameters[weight + i];
      sums[i - whole] += dn;
      others[i - whole] = Math.fma(dn, normalized[at + i], others[i - whole]);
    }
  }

  @Override
  public double squares(float[] values, int at, int count) {
    if (count < SUMS) {
      return PlainRows.few(values, at, count);
    }
    double total = 0;
    int from = 0;
    for (; from + 4 * BLOCK <= count; from += 4 * BLOCK) {
      for (int lane = 0; lane < SUMS; lane += L) {
        fourBlocks(values, at + from, lane);
      }
      for (int block = 0; block < 4; block++) {
        System.arraycopy(blocks, block * SUMS, sums, 0, SUMS);
        total += RowKernels.total(sums);
      }
    }
    for (; from < count; from += BLOCK) {
      squares(values, at + from, Math.min(BLOCK, count - from), 0f);
      total += RowKernels.total(sums);
    }
    return total;
  }

  /** Some of the partial sums of four blocks at once: one alone would wait for each addition. */
  private void fourBlocks(float[] values, int at, int lane) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = FloatVector.zero(S);
    FloatVector s2 = FloatVector.zero(S);
    FloatVector s3 = FloatVector.zero(S);
    for (int i = at + lane; i < at + BLOCK; i += SUMS) {
      FloatVector x0 = FloatVector.fromArray(S, values, i);
      FloatVector x1 = FloatVector.fromArray(S, values, i + BLOCK);
      FloatVector x2 = FloatVector.fromArray(S, values, i + 2 * BLOCK);
      FloatVector x3 = FloatVector.fromArray(S, values, i + 3 * BLOCK);
      s0 = x0.fma(x0, s0);
      s1 = x1.fma(x1, s1);
      s2 = x2.fma(x2, s2);
      s3 = x3.fma(x3, s3);
    }
    s0.intoArray(blocks, lane);
    s1.intoArray(blocks, SUMS + lane);
    s2.intoArray(blocks, 2 * SUMS + lane);
    s3.intoArray(blocks, 3 * SUMS + lane);
  }

  @Override
  public void add(float[] from, int fromAt, float[] into, int intoAt, int count) {
    int whole = count - count % L;
    for (int i = 0; i < whole; i += L) {
      FloatVector x = FloatVector.fromArray(S, from, fromAt + i);
      FloatVector.fromArray(S, into, intoAt + i).add(x).intoArray(into, intoAt + i);
    }
    for (int i = whole; i < count; i++) {
      into[intoAt + i] += from[fromAt + i];
    }
  }

  @Override
  public void addProduct(
      float[] a, int aAt, float[] b, int bAt, float[] into, int intoAt, int count) {
    int whole = count - count % L;
    for (int i = 0; i < whole; i += L) {
      FloatVector x = FloatVector.fromArray(S, a, aAt + i);
      FloatVector sum = FloatVector.fromArray(S, into, intoAt + i);
      x.fma(FloatVector.fromArray(S, b, bAt + i), sum).intoArray(into, intoAt + i);
    }
    for (int i = whole; i < count; i++) {
      into[intoAt + i] = Math.fma(a[aAt + i], b[bAt + i], into[intoAt + i]);
    }
  }

  @Override
  public void product(float[] a, int aAt, float[] b, int bAt, float[] into, int intoAt, int count) {
    int whole = count - count % L;
    for (int i = 0; i < whole; i += L) {
      FloatVector x = FloatVector.fromArray(S, a, aAt + i);
      x.mul(FloatVector.fromArray(S, b, bAt + i)).intoArray(into, intoAt + i);
    }
    for (int i = whole; i < count; i++) {
      into[intoAt + i] = a[aAt + i] * b[bAt + i];
    }
  }

  @Override
  public void lstmState(float[] gates, int at, float[] cells, int before, int behind, int units) {
    int inside = at + 2 * units;
    int whole = units - units % L;
    for (int j = 0; j < whole; j += L) {
      FloatVector i = FloatVector.fromArray(S, gates, at + j);
      FloatVector f = FloatVector.fromArray(S, gates, at + units + j);
      FloatVector product = i.mul(FloatVector.fromArray(S, gates, inside + j));
      f.fma(FloatVector.fromArray(S, cells, before + j), product).intoArray(cells, behind + j);
    }
    for (int j = whole; j < units; j++) {
      float product = gates[at + j] * gates[inside + j];
      cells[behind + j] = Math.fma(gates[at + units + j], cells[before + j], product);
    }
  }

  @Override
  public void lstmGradient(
      float[] gates,
      int at,
      float[] cells,
      float[] squashed,
      int state,
      float[] stateGradient,
      float[] cellGradient,
      int row,
      int units) {
    int whole = units - units % L;
    outGradient(
        gates, at + 3 * units, squashed, state, stateGradient, cellGradient, row, whole, units);
    inGradient(gates, at, cells, state, cellGradient, row, whole, units);
  }

  /** o becomes its gradient, and that of the state behind gets its part. */
  private static void outGradient(
      float[] gates,
      int out,
      float[] squashed,
      int state,
      float[] stateGradient,
      float[] cellGradient,
      int row,
      int whole,
      int units) {
    for (int j = 0; j < whole; j += L) {
      FloatVector o = FloatVector.fromArray(S, gates, out + j);
      FloatVector s = FloatVector.fromArray(S, squashed, state + j);
      FloatVector dh = FloatVector.fromArray(S, stateGradient, row + j);
      FloatVector dc = FloatVector.fromArray(S, cellGradient, row + j);
      FloatVector one = FloatVector.broadcast(S, 1f);
      dh.mul(o).fma(one.sub(s.mul(s)), dc).intoArray(cellGradient, row + j);
      dh.mul(s).mul(o.mul(one.sub(o))).intoArray(gates, out + j);
    }
    for (int j = whole; j < units; j++) {
      float o = gates[out + j];
      float s = squashed[state + j];
      float dh = stateGradient[row + j];
      cellGradient[row + j] = Math.fma(dh * o, 1f - s * s, cellGradient[row + j]);
      gates[out + j] = dh * s * (o * (1f - o));
    }
  }

  /** i, f and g become their gradients, and that of the state behind becomes the one before. */
  private static void inGradient(
      float[] gates,
      int at,
      float[] cells,
      int state,
      float[] cellGradient,
      int row,
      int whole,
      int units) {
    int forget = at + units;
    int inside = at + 2 * units;
    for (int j = 0; j < whole; j += L) {
      FloatVector one = FloatVector.broadcast(S, 1f);
      FloatVector dc = FloatVector.fromArray(S, cellGradient, row + j);
      FloatVector i = FloatVector.fromArray(S, gates, at + j);
      FloatVector f = FloatVector.fromArray(S, gates, forget + j);
      FloatVector g = FloatVector.fromArray(S, gates, inside + j);
      FloatVector c = FloatVector.fromArray(S, cells, state + j);
      dc.mul(g).mul(i.mul(one.sub(i))).intoArray(gates, at + j);
      dc.mul(c).mul(f.mul(one.sub(f))).intoArray(gates, forget + j);
      dc.mul(i).mul(one.sub(g.mul(g))).intoArray(gates, inside + j);
      dc.mul(f).intoArray(cellGradient, row + j);
    }
    for (int j = whole; j < units; j++) {
      float dc = cellGradient[row + j];
      float i = gates[at + j];
      float f = gates[forget + j];
      float g = gates[inside + j];
      gates[at + j] = dc * g * (i * (1f - i));
      gates[forget + j] = dc * cells[state + j] * (f * (1f - f));
      gates[inside + j] = dc * i * (1f - g * g);
      cellGradient[row + j] = dc * f;
    }
  }
}
