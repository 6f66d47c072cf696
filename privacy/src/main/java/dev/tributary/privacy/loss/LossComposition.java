package dev.tributary.privacy.loss;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Composes pairs of one direction: the losses add up, so their distributions convolve, by FFT.
 *
 * <p>The distributions are tilted by e^(t L) first (Esscher; Dembo, Zeitouni 1998, section 2.2; as
 * the saddle-point accountant of Alghamdi et al. 2023), with the t at which the bound delta &lt;=
 * exp(K(t) - t epsilon) is tightest, K the logarithm of the composed moment. The composed tilted
 * distribution has its bulk where epsilon is, so the rounding errors of the FFT, about T 2^-53 of
 * the largest, are as small beside delta as they are beside 1 without tilting, and a window of a
 * few standard deviations is enough. The grid is halved until it adds little to epsilon at that
 * tilt.
 *
 * <p>Everything left out is added to delta: the tails of each distribution, what lies above the
 * window, and an estimate of the rounding errors. Symbols: h grid step, t tilt, K(t) = sum n ln
 * E[e^(t L)].
 */
public final class LossComposition {
  /** A pair and how often it is composed. */
  public record Item(LossPair pair, int count) {}

  /** What the grid may add to epsilon, relative to it. */
  private static final double GRID_ERROR = 3e-4;

  private static final double LEAST_ERROR = 1e-8;

  private static final double WIDEST_STEP = 1e-4;
  private static final int MOST_POINTS = 1 << 22;
  private static final int MOST_PASSES = 12;

  /** The mass outside the window, in the tilted distribution, is at most exp(-LEFT_OUT). */
  private static final double LEFT_OUT = 44;

  /**
   * The rounding errors of the transforms and of the power are counted as this many times what they
   * leave in the imaginary part, which would be 0: an estimate of the sum of their sizes. Errors of
   * single masses change the result by a relative T 2^-53 only.
   */
  private static final double ROUNDING = 4;

  /** Tilts that differ by less than this factor (its logarithm) are as good as each other. */
  private static final double RETILT = 0.5;

  private static final double LEAST_TILT = 1e-6;

  private final List<Item> items;
  private final long total;

  public LossComposition(List<Item> items) {
    this.items = List.copyOf(items);
    this.total = items.stream().mapToLong(Item::count).sum();
  }

  /**
   * The smallest epsilon that this shows for delta, about 3e-4 of it above the composition's own
   * (grids that would need more than 2^22 points are left coarser, and then it may be more).
   *
   * @throws NoiseFloorException if a hundredth of delta or more is numerical error
   */
  public double epsilon(double delta) {
    double tail = tail(delta);
    Grids grids = new Grids(items, widestStep(tail), tail);
    double tilt = grids.tiltForDelta(delta);
    double best = Double.POSITIVE_INFINITY;
    for (int pass = 0; pass < MOST_PASSES; pass++) {
      ComposedLoss.Bound bound = windowed(grids, tilt).epsilon(delta);
      best = Math.min(best, bound.epsilon());
      if (best == 0) {
        return 0;
      }
      // Where few large losses decide, the Chernoff bound is far off, and so is its tilt.
      double better = grids.tiltForEpsilon(best);
      Grids finer = refined(grids, better, best, tail);
      if (finer == grids && Math.abs(Math.log(better / tilt)) < RETILT) {
        if (bound.atNoiseFloor()) {
          break;
        }
        return best;
      }
      grids = finer;
      tilt = better;
    }
    throw new NoiseFloorException(
        "delta " + delta + " over " + total + " releases is at the noise floor of the arithmetic");
  }

  /**
   * The smallest delta that this shows for epsilon; numerical errors are added to it.
   *
   * @throws NoiseFloorException if the losses are too large for the arithmetic
   */
  public double delta(double epsilon) {
    double tail = tail(0x1p-60);
    Grids grids = new Grids(items, widestStep(tail), tail);
    double tilt = grids.tiltForEpsilon(epsilon);
    for (int pass = 0; pass < MOST_PASSES; pass++) {
      Grids finer = refined(grids, tilt, epsilon, tail);
      if (finer == grids) {
        break;
      }
      grids = finer;
      tilt = grids.tiltForEpsilon(epsilon);
    }
    return windowed(grids, tilt).delta(epsilon);
  }

  private double tail(double delta) {
    return delta * 1e-5 / total;
  }

  private double widestStep(double tail) {
    double step = WIDEST_STEP;
    while (points(step, tail) > MOST_POINTS) {
      step *= 2;
    }
    return step;
  }

  /** A grid fine enough at this tilt, or the same one if it is, or if no finer can be had. */
  private Grids refined(Grids grids, double tilt, double epsilon, double tail) {
    double allowed = Math.max(GRID_ERROR * epsilon, LEAST_ERROR);
    double coarser = new Grids(items, 2 * grids.step, tail).logMoment(tilt);
    // The error is quadratic in the step, so a third of the gain of the last halving is left.
    double error = (coarser - grids.logMoment(tilt)) / 3 / tilt;
    double step = grids.step;
    for (double left = error; left > allowed && points(step / 2, tail) <= MOST_POINTS; left /= 4) {
      step /= 2;
    }
    return step == grids.step ? grids : new Grids(items, step, tail);
  }

  private double points(double step, double tail) {
    double most = 0;
    for (Item item : items) {
      most = Math.max(most, (item.pair().highest(tail) - item.pair().lowest(tail)) / step);
    }
    return most;
  }

  /** All pairs on one grid. */
  private static final class Grids {
    private final List<ConnectTheDots> parts = new ArrayList<>();
    private final List<Integer> counts = new ArrayList<>();
    private final double step;

    Grids(List<Item> items, double step, double tail) {
      this.step = step;
      for (Item item : items) {
        parts.add(ConnectTheDots.of(item.pair(), step, tail));
        counts.add(item.count());
      }
    }

    double logMoment(double t) {
      double sum = 0;
      for (int i = 0; i < parts.size(); i++) {
        sum += counts.get(i) * parts.get(i).logMoment(t);
      }
      return sum;
    }

    double infinite() {
      double sum = 0;
      for (int i = 0; i < parts.size(); i++) {
        sum += counts.get(i) * parts.get(i).infinite();
      }
      return Math.min(1, sum);
    }

    double tiltForDelta(double delta) {
      return least(t -> (logMoment(t) - Math.log(delta)) / t);
    }

    double tiltForEpsilon(double epsilon) {
      return least(t -> logMoment(t) - t * epsilon);
    }

    /** Golden section over ln t, up to e a grid point; both functions fall, then rise. */
    private double least(DoubleUnaryOperator value) {
      double ratio = 0.5 * (Math.sqrt(5) - 1);
      double low = Math.log(LEAST_TILT);
      double high = -Math.log(step);
      double left = high - ratio * (high - low);
      double right = low + ratio * (high - low);
      double atLeft = value.applyAsDouble(Math.exp(left));
      double atRight = value.applyAsDouble(Math.exp(right));
      while (high - low > 1e-3) {
        if (atLeft <= atRight) {
          high = right;
          right = left;
          atRight = atLeft;
          left = high - ratio * (high - low);
          atLeft = value.applyAsDouble(Math.exp(left));
        } else {
          low = left;
          left = right;
          atLeft = atRight;
          right = low + ratio * (high - low);
          atRight = value.applyAsDouble(Math.exp(right));
        }
      }
      return Math.exp(0.5 * (low + high));
    }
  }

  private ComposedLoss windowed(Grids grids, double tilt) {
    double base = grids.logMoment(tilt);
    double upper = Double.POSITIVE_INFINITY;
    double lower = Double.NEGATIVE_INFINITY;
    double scale = Math.sqrt(2 * LEFT_OUT / variance(grids, tilt, base));
    for (double s = scale / 32; s <= scale * 8; s *= 1.5) {
      upper = Math.min(upper, (grids.logMoment(tilt + s) - base + LEFT_OUT) / s);
      lower = Math.max(lower, (base - grids.logMoment(tilt - s) - LEFT_OUT) / s);
    }
    long from = (long) Math.floor(lower / grids.step) - 1;
    long to = (long) Math.ceil(upper / grids.step) + 1;
    if (to - from >= 4L * MOST_POINTS) {
      throw new NoiseFloorException(
          "the composition needs a grid of " + (to - from) + " points; at most 2^24 are made");
    }
    int size = Math.max(2, Integer.highestOneBit((int) (to - from)) * 2);
    double[] re = new double[size];
    double[] im = new double[size];
    convolve(grids, tilt, re, im);
    double[] window = new double[(int) (to - from + 1)];
    double imaginary = 0;
    for (int i = 0; i < window.length; i++) {
      int at = (int) Math.floorMod(from + i, (long) size);
      window[i] = Math.max(0, re[at]);
      imaginary += Math.abs(im[at]);
    }
    double rounding = ROUNDING * imaginary + Math.log(size) * 0x1p-52;
    double above = Math.exp(base - tilt * upper - LEFT_OUT);
    if (!Double.isFinite(base) || !Double.isFinite(rounding) || !Double.isFinite(above)) {
      throw new NoiseFloorException(
          "the losses of " + total + " releases are too large for the arithmetic. Use more noise");
    }
    return new ComposedLoss(
        window, from, grids.step, tilt, base, grids.infinite() + above, rounding);
  }

  /** Of the composed tilted loss, from the second difference of K. */
  private static double variance(Grids grids, double tilt, double base) {
    double d = 1e-3 * Math.max(tilt, 1e-3);
    double second = (grids.logMoment(tilt + d) - 2 * base + grids.logMoment(tilt - d)) / d / d;
    return Math.max(second, grids.step * grids.step);
  }

  private static void convolve(Grids grids, double tilt, double[] productRe, double[] productIm) {
    Fft fft = new Fft(productRe.length);
    Arrays.fill(productRe, 1);
    for (int i = 0; i < grids.parts.size(); i++) {
      new TransformPower(grids.parts.get(i), tilt, grids.counts.get(i))
          .multiply(fft, productRe, productIm);
    }
    fft.inverse(productRe, productIm);
  }
}
