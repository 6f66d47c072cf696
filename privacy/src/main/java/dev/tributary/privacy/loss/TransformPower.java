package dev.tributary.privacy.loss;

/**
 * The n-th power of the Fourier transform z of a tilted loss distribution. A relative error of z
 * counts n times in z^n, so z - 1 is what is computed: where z^n is not negligible, z is within
 * about 1/n of 1. The masses within {@link #CENTRE} cells of loss 0, which are nearly all where n
 * is large, are summed as mass (e^(i omega j) - 1), exact to the last digits; only the rest goes
 * through the FFT, whose error is relative to what it is given. Where that is needed an FFT of
 * their own says: at most frequencies z^n is nothing.
 */
final class TransformPower {
  private static final int CENTRE = 64;

  /** Below this count the FFT alone is exact enough. */
  private static final int MANY = 1000;

  /** Where ln |z|^n is below, z^n counts as 0: e^-100 is far below any delta and its error. */
  private static final double NEGLIGIBLE = -100;

  private final ConnectTheDots part;
  private final double tilt;
  private final int count;
  private final int reach;
  private final double base;

  TransformPower(ConnectTheDots part, double tilt, int count) {
    this.part = part;
    this.tilt = tilt;
    this.count = count;
    this.reach = count < MANY ? 0 : CENTRE;
    this.base = part.logMoment(tilt);
  }

  private double tilted(long index) {
    long at = index - part.lowest();
    if (at < 0 || at >= part.points()) {
      return 0;
    }
    double mass = part.mass()[(int) at];
    return mass == 0 ? 0 : mass * Math.exp(tilt * index * part.step() - base);
  }

  /** Multiplies a product of transforms, in the order of {@link Fft#forward}, by this one. */
  void multiply(Fft fft, double[] productRe, double[] productIm) {
    int size = productRe.length;
    double[] re = new double[size];
    double[] im = new double[size];
    for (int k = 0; k < part.points(); k++) {
      long index = part.lowest() + k;
      if (Math.abs(index) > reach) {
        re[(int) Math.floorMod(index, (long) size)] += tilted(index);
      }
    }
    fft.forward(re, im);
    double[] nearRe = new double[reach == 0 ? 0 : size];
    double[] nearIm = new double[nearRe.length];
    if (reach > 0) {
      for (int j = -reach; j <= reach; j++) {
        nearRe[Math.floorMod(j, size)] += tilted(j);
      }
      fft.forward(nearRe, nearIm);
    }
    double[] even = new double[reach + 1];
    double[] odd = new double[reach + 1];
    double missing = tilted(0) - 1;
    for (int j = 1; j <= reach; j++) {
      even[j] = tilted(j) + tilted(-j);
      odd[j] = tilted(j) - tilted(-j);
      missing += even[j];
    }
    int unused = Integer.numberOfLeadingZeros(size) + 1;
    for (int k = 0; k < size; k++) {
      if (reach > 0) {
        double zRe = re[k] + nearRe[k];
        double zIm = im[k] + nearIm[k];
        if (count * 0.5 * Math.log(zRe * zRe + zIm * zIm) < NEGLIGIBLE) {
          productRe[k] = 0;
          productIm[k] = 0;
          continue;
        }
      }
      double half = Math.PI * (Integer.reverse(k) >>> unused) / size;
      double sine = Math.sin(half);
      // u = e^(-i omega) - 1, v = e^(-i omega j) - 1.
      double uRe = -2 * sine * sine;
      double uIm = -2 * sine * Math.cos(half);
      double vRe = 0;
      double vIm = 0;
      double dRe = re[k] + missing;
      double dIm = im[k];
      for (int j = 1; j <= reach; j++) {
        double next = vRe + uRe + vRe * uRe - vIm * uIm;
        vIm += uIm + vRe * uIm + vIm * uRe;
        vRe = next;
        dRe += even[j] * vRe;
        dIm += odd[j] * vIm;
      }
      double size2 = Math.max(-1, 2 * dRe + dRe * dRe + dIm * dIm);
      double length = Math.exp(0.5 * count * Math.log1p(size2));
      double angle = count * Math.atan2(dIm, 1 + dRe);
      double c = length * Math.cos(angle);
      double s = length * Math.sin(angle);
      double old = productRe[k];
      productRe[k] = old * c - productIm[k] * s;
      productIm[k] = old * s + productIm[k] * c;
    }
  }
}
