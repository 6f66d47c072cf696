package dev.tributary.nn.engine.java.vector;

import dev.tributary.nn.Activation;
import dev.tributary.nn.engine.java.FloatFunction;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The functions of {@link dev.tributary.nn.FloatMath} on vectors, operation for operation, so that
 * every lane has the same bits. Where they branch, both ways are computed and one is taken.
 *
 * <p>Each loop is one flat method, and what needs e^x goes through memory that stays in the cache:
 * a helper that takes or returns vectors, even one that only broadcasts, would pass them as objects
 * once the compiler has made it a method of its own.
 */
final class VectorFunctions {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  private static final int BLOCK = 1024;
  private static final float LOG2_E = 1.44269504088896341f;
  private static final float ROUND = 12_582_912f; // 1.5 * 2^23
  private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);
  private static final float LOWEST = -87.33f;
  private static final float HIGHEST = 88.72f;
  private static final float INVERSE_SQRT_2 = 0.70710678118654752f;
  private static final int SIGN = Integer.MIN_VALUE;

  /** e to some power of each number of a block. */
  private final float[] powers = new float[BLOCK];

  /** The normal distribution function of each number of a block. */
  private final float[] normal = new float[BLOCK];

  void map(FloatFunction function, float[] from, int fromAt, float[] into, int intoAt, int count) {
    int whole = count - count % L;
    for (int i = 0; i < whole; i += BLOCK) {
      int length = Math.min(BLOCK, whole - i);
      switch (function) {
        case EXP -> exp(from, fromAt + i, into, intoAt + i, length);
        case SIGMOID -> sigmoid(from, fromAt + i, into, intoAt + i, length);
        case TANH -> tanh(from, fromAt + i, into, intoAt + i, length);
        case GELU -> gelu(from, fromAt + i, into, intoAt + i, length);
      }
    }
    for (int i = whole; i < count; i++) {
      into[intoAt + i] = function.of(from[fromAt + i]);
    }
  }

  private static void exp(float[] from, int fromAt, float[] into, int intoAt, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector x = FloatVector.fromArray(S, from, fromAt + i);
      FloatVector rounded =
          x.fma(FloatVector.broadcast(S, LOG2_E), FloatVector.broadcast(S, ROUND));
      FloatVector n = rounded.sub(ROUND);
      FloatVector r = n.fma(FloatVector.broadcast(S, -0.693359375f), x);
      r = n.fma(FloatVector.broadcast(S, 2.12194440e-4f), r);
      FloatVector p =
          FloatVector.broadcast(S, 1.9875691500e-4f)
              .fma(r, FloatVector.broadcast(S, 1.3981999507e-3f));
      p = p.fma(r, FloatVector.broadcast(S, 8.3334519073e-3f));
      p = p.fma(r, FloatVector.broadcast(S, 4.1665795894e-2f));
      p = p.fma(r, FloatVector.broadcast(S, 1.6666665459e-1f));
      p = p.fma(r, FloatVector.broadcast(S, 5.0000001201e-1f));
      FloatVector e = p.fma(r.mul(r), r).add(1f);
      // An integer lies in the low bits of what was rounded; two powers of 2 keep in range.
      IntVector power = rounded.reinterpretAsInts().sub(ROUND_BITS);
      IntVector half = power.lanewise(VectorOperators.ASHR, 1);
      IntVector low = half.add(127).lanewise(VectorOperators.LSHL, 23);
      IntVector high = power.sub(half).add(127).lanewise(VectorOperators.LSHL, 23);
      FloatVector result = e.mul(low.reinterpretAsFloats()).mul(high.reinterpretAsFloats());
      result = result.blend(0f, x.compare(VectorOperators.LT, LOWEST));
      result = result.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, HIGHEST));
      result.blend(x, x.compare(VectorOperators.NE, x)).intoArray(into, intoAt + i); // NaN stays
    }
  }

  private void sigmoid(float[] from, int fromAt, float[] into, int intoAt, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector.fromArray(S, from, fromAt + i).neg().intoArray(powers, i);
    }
    exp(powers, 0, powers, 0, count);
    for (int i = 0; i < count; i += L) {
      FloatVector e = FloatVector.fromArray(S, powers, i);
      FloatVector.broadcast(S, 1f).div(e.add(1f)).intoArray(into, intoAt + i);
    }
  }

  private void tanh(float[] from, int fromAt, float[] into, int intoAt, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector size = FloatVector.fromArray(S, from, fromAt + i).abs();
      size.add(size).intoArray(powers, i);
    }
    exp(powers, 0, powers, 0, count);
    for (int i = 0; i < count; i += L) {
      FloatVector x = FloatVector.fromArray(S, from, fromAt + i);
      FloatVector z = x.mul(x);
      FloatVector p =
          FloatVector.broadcast(S, -5.70498872745e-3f)
              .fma(z, FloatVector.broadcast(S, 2.06390887954e-2f));
      p = p.fma(z, FloatVector.broadcast(S, -5.37397155531e-2f));
      p = p.fma(z, FloatVector.broadcast(S, 1.33314422036e-1f));
      p = p.fma(z, FloatVector.broadcast(S, -3.33332819422e-1f));
      FloatVector near = p.mul(z).fma(x, x);
      FloatVector e = FloatVector.fromArray(S, powers, i);
      FloatVector far =
          FloatVector.broadcast(S, 1f).sub(FloatVector.broadcast(S, 2f).div(e.add(1f)));
      IntVector sign = x.reinterpretAsInts().and(SIGN);
      far = far.reinterpretAsInts().and(~SIGN).or(sign).reinterpretAsFloats();
      VectorMask<Float> small = x.abs().compare(VectorOperators.LT, 0.625f);
      far.blend(near, small).intoArray(into, intoAt + i);
    }
  }

  private void gelu(float[] from, int fromAt, float[] into, int intoAt, int count) {
    normal(from, fromAt, count);
    for (int i = 0; i < count; i += L) {
      FloatVector x = FloatVector.fromArray(S, from, fromAt + i);
      x.mul(FloatVector.fromArray(S, normal, i)).intoArray(into, intoAt + i);
    }
  }

  /** x Phi(x) and its derivative at once; what both need is computed once. */
  void gelu(float[] inputs, float[] outputs, float[] slopes, int count) {
    int whole = count - count % L;
    for (int i = 0; i < whole; i += BLOCK) {
      int length = Math.min(BLOCK, whole - i);
      gelu(inputs, i, outputs, i, length);
      slopes(inputs, i, slopes, i, length);
    }
    for (int i = whole; i < count; i++) {
      float x = inputs[i];
      outputs[i] = Activation.gelu(x);
      slopes[i] = Activation.geluSlope(x);
    }
  }

  /** From {@link #powers}, which is e^-x^2/2, and {@link #normal} of the same numbers. */
  private void slopes(float[] from, int fromAt, float[] into, int intoAt, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector x = FloatVector.fromArray(S, from, fromAt + i);
      FloatVector density = FloatVector.fromArray(S, powers, i).mul(Activation.INVERSE_SQRT_2_PI);
      x.fma(density, FloatVector.fromArray(S, normal, i)).intoArray(into, intoAt + i);
    }
  }

  private void normal(float[] from, int fromAt, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector size = FloatVector.fromArray(S, from, fromAt + i).abs().mul(INVERSE_SQRT_2);
      size.neg().mul(size).intoArray(powers, i);
    }
    exp(powers, 0, powers, 0, count);
    tailBelowTwo(from, fromAt, count);
    tailFromTwo(from, fromAt, count);
    normalOfTail(from, fromAt, count);
  }

  /** {@link #normal} becomes the polynomial of erfc below 2. */
  private void tailBelowTwo(float[] from, int fromAt, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector size = FloatVector.fromArray(S, from, fromAt + i).abs().mul(INVERSE_SQRT_2);
      FloatVector q = FloatVector.broadcast(S, 1f).div(size);
      FloatVector y = q.mul(q);
      FloatVector p =
          FloatVector.broadcast(S, 2.326819970068386e-2f)
              .fma(y, FloatVector.broadcast(S, -1.387039388740657e-1f));
      p = p.fma(y, FloatVector.broadcast(S, 3.687424674597105e-1f));
      p = p.fma(y, FloatVector.broadcast(S, -5.824733027278666e-1f));
      p = p.fma(y, FloatVector.broadcast(S, 6.210004621745983e-1f));
      p = p.fma(y, FloatVector.broadcast(S, -4.944515323274145e-1f));
      p = p.fma(y, FloatVector.broadcast(S, 3.404879937665872e-1f));
      p = p.fma(y, FloatVector.broadcast(S, -2.741127028184656e-1f));
      p.fma(y, FloatVector.broadcast(S, 5.638259427386472e-1f)).intoArray(normal, i);
    }
  }

  /** {@link #normal} becomes half of erfc, with that polynomial below 2 and another from there. */
  private void tailFromTwo(float[] from, int fromAt, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector size = FloatVector.fromArray(S, from, fromAt + i).abs().mul(INVERSE_SQRT_2);
      FloatVector q = FloatVector.broadcast(S, 1f).div(size);
      FloatVector y = q.mul(q);
      FloatVector p =
          FloatVector.broadcast(S, -1.047766399936249e1f)
              .fma(y, FloatVector.broadcast(S, 1.297719955372516e1f));
      p = p.fma(y, FloatVector.broadcast(S, -7.495518717768503f));
      p = p.fma(y, FloatVector.broadcast(S, 2.921019019210786f));
      p = p.fma(y, FloatVector.broadcast(S, -1.015265279202700f));
      p = p.fma(y, FloatVector.broadcast(S, 4.218463358204948e-1f));
      p = p.fma(y, FloatVector.broadcast(S, -2.820767439740514e-1f));
      p = p.fma(y, FloatVector.broadcast(S, 5.641895067754075e-1f));
      VectorMask<Float> below = size.compare(VectorOperators.LT, 2f);
      p = p.blend(FloatVector.fromArray(S, normal, i), below);
      FloatVector.fromArray(S, powers, i).mul(q).mul(p).mul(0.5f).intoArray(normal, i);
    }
  }

  private void normalOfTail(float[] from, int fromAt, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector x = FloatVector.fromArray(S, from, fromAt + i);
      FloatVector size = x.abs().mul(INVERSE_SQRT_2);
      FloatVector tail = FloatVector.fromArray(S, normal, i);
      FloatVector far =
          tail.blend(FloatVector.broadcast(S, 1f).sub(tail), x.compare(VectorOperators.GT, 0f));
      FloatVector z = size.mul(size);
      FloatVector p =
          FloatVector.broadcast(S, 7.853861353153693e-5f)
              .fma(z, FloatVector.broadcast(S, -8.010193625184903e-4f));
      p = p.fma(z, FloatVector.broadcast(S, 5.188327685732524e-3f));
      p = p.fma(z, FloatVector.broadcast(S, -2.685381193529856e-2f));
      p = p.fma(z, FloatVector.broadcast(S, 1.128358514861418e-1f));
      p = p.fma(z, FloatVector.broadcast(S, -3.761262582423300e-1f));
      p = p.fma(z, FloatVector.broadcast(S, 1.128379165726710f));
      IntVector sign = x.reinterpretAsInts().and(SIGN);
      FloatVector signed = size.reinterpretAsInts().and(~SIGN).or(sign).reinterpretAsFloats();
      FloatVector near = signed.mul(0.5f).fma(p, FloatVector.broadcast(S, 0.5f));
      far.blend(near, size.compare(VectorOperators.LT, 1f)).intoArray(normal, i);
    }
  }
}
