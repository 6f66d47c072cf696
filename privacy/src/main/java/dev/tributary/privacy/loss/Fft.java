package dev.tributary.privacy.loss;

/**
 * Fast Fourier transform of a power of two, in place, radix 2: forwards by decimation in frequency,
 * which leaves the result in bit-reversed order, and back by decimation in time, which takes it
 * from there. Between the two only pointwise work is possible, and nothing else is needed.
 */
final class Fft {
  private final int size;
  private final double[] cosine;
  private final double[] sine;

  Fft(int size) {
    if (Integer.bitCount(size) != 1) {
      throw new IllegalArgumentException("size must be a power of two, was " + size);
    }
    this.size = size;
    this.cosine = new double[Math.max(1, size / 2)];
    this.sine = new double[Math.max(1, size / 2)];
    for (int i = 0; i < size / 2; i++) {
      double angle = 2 * Math.PI * i / size;
      cosine[i] = Math.cos(angle);
      sine[i] = Math.sin(angle);
    }
  }

  void forward(double[] re, double[] im) {
    for (int half = size / 2; half >= 1; half /= 2) {
      int stride = size / 2 / half;
      for (int start = 0; start < size; start += 2 * half) {
        for (int j = 0; j < half; j++) {
          int a = start + j;
          int b = a + half;
          double dr = re[a] - re[b];
          double di = im[a] - im[b];
          double c = cosine[j * stride];
          double s = -sine[j * stride];
          re[a] += re[b];
          im[a] += im[b];
          re[b] = dr * c - di * s;
          im[b] = dr * s + di * c;
        }
      }
    }
  }

  /** The inverse of {@link #forward}, division by the size included. */
  void inverse(double[] re, double[] im) {
    for (int half = 1; half < size; half *= 2) {
      int stride = size / 2 / half;
      for (int start = 0; start < size; start += 2 * half) {
        for (int j = 0; j < half; j++) {
          int a = start + j;
          int b = a + half;
          double c = cosine[j * stride];
          double s = sine[j * stride];
          double tr = re[b] * c - im[b] * s;
          double ti = re[b] * s + im[b] * c;
          re[b] = re[a] - tr;
          im[b] = im[a] - ti;
          re[a] += tr;
          im[a] += ti;
        }
      }
    }
    double scale = 1.0 / size;
    for (int i = 0; i < size; i++) {
      re[i] *= scale;
      im[i] *= scale;
    }
  }
}
