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
 * once the compiler has made it a method of its own. Nor may it put several loops into one: where
 * its budget ends in the middle of a loop, that one passes objects too. So loops are called by
 * {@link #run}.
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

  /** {@code into[intoAt + i]} from {@code from[fromAt + i]}, for i below count. */
  private interface Loop {
    void run(float[] from, int fromAt, float[] into, int intoAt, int count);
  }

  private final Loop exp = VectorFunctions::exp;
  private final Loop negated = VectorFunctions::negated;
  private final Loop shareOfOne = VectorFunctions::shareOfOne;
  private final Loop doubled = VectorFunctions::doubled;
  private final Loop tanhOfPowers = this::tanhOfPowers;
  private final Loop exponent = VectorFunctions::exponent;
  private final Loop tailBelowTwo = VectorFunctions::tailBelowTwo;
  private final Loop tailFromTwo = this::tailFromTwo;
  private final Loop normalOfTail = VectorFunctions::normalOfTail;
  private final Loop timesNormal = this::timesNormal;
  private final Loop slopes = this::slopes;

  /** e to some power of each number of a block. */
  private final float[] powers = new float[BLOCK];

  /** The normal distribution function of each number of a block. */
  private final float[] normal = new float[BLOCK];

  void map(FloatFunction function, float[] from, int fromAt, float[] into, int intoAt, int count) {
    int whole = count - count % L;
    for (int i = 0; i < whole; i += BLOCK) {
      int length = Math.min(BLOCK, whole - i);
      switch (function) {
        case EXP -> run(exp, from, fromAt + i, into, intoAt + i, length);
        case SIGMOID -> sigmoid(from, fromAt + i, into, intoAt + i, length);
        case TANH -> tanh(from, fromAt + i, into, intoAt + i, length);
        case GELU -> gelu(from, fromAt + i, into, intoAt + i, length);
      }
    }
    for (int i = whole; i < count; i++) {
      into[intoAt + i] = function.of(from[fromAt + i]);
    }
  }

  /**
   * One place that calls all loops: a call with so many targets is never replaced by their code.
   */
  private static void run(
      Loop loop, float[] from, int fromAt, float[] into, int intoAt, int count) {
    loop.run(from, fromAt, into, intoAt, count);
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
    run(negated, from, fromAt, powers, 0, count);
    run(exp, powers, 0, powers, 0, count);
    run(shareOfOne, powers, 0, into, intoAt, count);
  }

  private static void negated(float[] from, int fromAt, float[] into, int intoAt, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector.fromArray(S, from, fromAt + i).neg().intoArray(into, intoAt + i);
    }
  }

  /** 1 / (1 + e). */
  private static void shareOfOne(float[] from, int fromAt, float[] into, int intoAt, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector e = FloatVector.fromArray(S, from, fromAt + i);
      FloatVector.broadcast(S, 1f).div(e.add(1f)).intoArray(into, intoAt + i);
    }
  }

  private void tanh(float[] from, int fromAt, float[] into, int intoAt, int count) {
    run(doubled, from, fromAt, powers, 0, count);
    run(exp, powers, 0, powers, 0, count);
    run(tanhOfPowers, from, fromAt, into, intoAt, count);
  }

  /** 2 |x|. */
  private static void doubled(float[] from, int fromAt, float[] into, int intoAt, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector size = FloatVector.fromArray(S, from, fromAt + i).abs();
      size.add(size).intoArray(into, intoAt + i);
    }
  }

  /** tanh x, from {@link #powers}, which is e^2|x|. */
  private void tanhOfPowers(float[] from, int fromAt, float[] into, int intoAt, int count) {
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
    run(timesNormal, from, fromAt, into, intoAt, count);
  }

  private void timesNormal(float[] from, int fromAt, float[] into, int intoAt, int count) {
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
      run(this.slopes, inputs, i, slopes, i, length);
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
    run(exponent, from, fromAt, powers, 0, count);
    run(exp, powers, 0, powers, 0, count);
    run(tailBelowTwo, from, fromAt, normal, 0, count);
    run(tailFromTwo, from, fromAt, normal, 0, count);
    run(normalOfTail, from, fromAt, normal, 0, count);
  }

  /** -x^2 / 2. */
  private static void exponent(float[] from, int fromAt, float[] into, int intoAt, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector size = FloatVector.fromArray(S, from, fromAt + i).abs().mul(INVERSE_SQRT_2);
      size.neg().mul(size).intoArray(into, intoAt + i);
    }
  }

  /** The polynomial of erfc below 2. */
  private static void tailBelowTwo(float[] from, int fromAt, float[] into, int intoAt, int count) {
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
      p.fma(y, FloatVector.broadcast(S, 5.638259427386472e-1f)).intoArray(into, intoAt + i);
    }
  }

  /** That polynomial becomes half of erfc, with another from 2 on. */
  private void tailFromTwo(float[] from, int fromAt, float[] into, int intoAt, int count) {
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
      p = p.blend(FloatVector.fromArray(S, into, intoAt + i), below);
      FloatVector e = FloatVector.fromArray(S, powers, i);
      e.mul(q).mul(p).mul(0.5f).intoArray(into, intoAt + i);
    }
  }

  /** Half of erfc becomes the normal distribution function. */
  private static void normalOfTail(float[] from, int fromAt, float[] into, int intoAt, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector x = FloatVector.fromArray(S, from, fromAt + i);
      FloatVector size = x.abs().mul(INVERSE_SQRT_2);
      FloatVector tail = FloatVector.fromArray(S, into, intoAt + i);
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
      far.blend(near, size.compare(VectorOperators.LT, 1f)).intoArray(into, intoAt + i);
    }
  }
}
