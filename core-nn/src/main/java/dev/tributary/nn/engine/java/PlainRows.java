package dev.tributary.nn.engine.java;

import dev.tributary.nn.FloatMath;
import java.util.Arrays;

/** The definition, in plain loops. */
public final class PlainRows implements RowKernels {
  private final float[] sums = new float[SUMS];
  private final float[] others = new float[SUMS];

  @Override
  public void softmax(float[] values, int at, int count, float scale) {
    float highest = values[at];
    for (int i = 1; i < count; i++) {
      highest = values[at + i] > highest ? values[at + i] : highest;
    }
    Arrays.fill(sums, 0f);
    for (int i = 0; i < count; i++) {
      values[at + i] = FloatMath.exp((values[at + i] - highest) * scale);
      sums[i % SUMS] += values[at + i];
    }
    float share = 1f / RowKernels.total(sums);
    for (int i = 0; i < count; i++) {
      values[at + i] *= share;
    }
  }

  @Override
  public void softmaxGradient(
      float[] outputs, int from, float[] gradient, int at, int count, float scale) {
    Arrays.fill(sums, 0f);
    for (int i = 0; i < count; i++) {
      sums[i % SUMS] = Math.fma(outputs[from + i], gradient[at + i], sums[i % SUMS]);
    }
    float dot = RowKernels.total(sums);
    for (int i = 0; i < count; i++) {
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
    Arrays.fill(sums, 0f);
    for (int i = 0; i < count; i++) {
      sums[i % SUMS] += values[at + i];
    }
    float mean = RowKernels.total(sums) / count;
    Arrays.fill(sums, 0f);
    for (int i = 0; i < count; i++) {
      float difference = values[at + i] - mean;
      sums[i % SUMS] = Math.fma(difference, difference, sums[i % SUMS]);
    }
    float inverse = inverse(RowKernels.total(sums), count, epsilon);
    for (int i = 0; i < count; i++) {
      normalized[at + i] = (values[at + i] - mean) * inverse;
      outputs[at + i] =
          Math.fma(normalized[at + i], parameters[weight + i], parameters[weight + count + i]);
    }
    return inverse;
  }

  /** 1 / deviation, from the sum of squares. */
  public static float inverse(float squares, int count, double epsilon) {
    return (float) (1 / Math.sqrt((double) squares / count + epsilon));
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
    Arrays.fill(sums, 0f);
    Arrays.fill(others, 0f);
    for (int i = 0; i < count; i++) {
      float dn = gradient[at + i] * parameters[weight + i];
      sums[i % SUMS] += dn;
      others[i % SUMS] = Math.fma(dn, normalized[at + i], others[i % SUMS]);
    }
    float mean = RowKernels.total(sums) / count;
    float slope = RowKernels.total(others) / count;
    for (int i = 0; i < count; i++) {
      float rest = gradient[at + i] * parameters[weight + i] - mean;
      into[at + i] = Math.fma(-slope, normalized[at + i], rest) * inverse;
    }
  }

  @Override
  public double squares(float[] values, int at, int count) {
    if (count < SUMS) {
      return few(values, at, count);
    }
    double total = 0;
    for (int from = 0; from < count; from += BLOCK) {
      int end = Math.min(BLOCK, count - from);
      Arrays.fill(sums, 0f);
      for (int i = 0; i < end; i++) {
        float value = values[at + from + i];
        sums[i % SUMS] = Math.fma(value, value, sums[i % SUMS]);
      }
      total += RowKernels.total(sums);
    }
    return total;
  }

  /** The sum of squares of a short row. */
  public static float few(float[] values, int at, int count) {
    float sum = 0;
    for (int i = at; i < at + count; i++) {
      sum = Math.fma(values[i], values[i], sum);
    }
    return sum;
  }

  @Override
  public void add(float[] from, int fromAt, float[] into, int intoAt, int count) {
    for (int i = 0; i < count; i++) {
      into[intoAt + i] += from[fromAt + i];
    }
  }

  @Override
  public void addProduct(
      float[] a, int aAt, float[] b, int bAt, float[] into, int intoAt, int count) {
    for (int i = 0; i < count; i++) {
      into[intoAt + i] = Math.fma(a[aAt + i], b[bAt + i], into[intoAt + i]);
    }
  }

  @Override
  public void product(float[] a, int aAt, float[] b, int bAt, float[] into, int intoAt, int count) {
    for (int i = 0; i < count; i++) {
      into[intoAt + i] = a[aAt + i] * b[bAt + i];
    }
  }

  @Override
  public void lstmState(float[] gates, int at, float[] cells, int before, int behind, int units) {
    for (int j = 0; j < units; j++) {
      float product = gates[at + j] * gates[at + 2 * units + j];
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
    for (int j = 0; j < units; j++) {
      float i = gates[at + j];
      float f = gates[at + units + j];
      float g = gates[at + 2 * units + j];
      float o = gates[at + 3 * units + j];
      float s = squashed[state + j];
      float dh = stateGradient[row + j];
      float dc = Math.fma(dh * o, 1f - s * s, cellGradient[row + j]);
      gates[at + j] = dc * g * (i * (1f - i));
      gates[at + units + j] = dc * cells[state + j] * (f * (1f - f));
      gates[at + 2 * units + j] = dc * i * (1f - g * g);
      gates[at + 3 * units + j] = dh * s * (o * (1f - o));
      cellGradient[row + j] = dc * f;
    }
  }
}
