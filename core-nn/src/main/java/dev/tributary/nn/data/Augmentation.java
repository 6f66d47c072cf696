package dev.tributary.nn.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Random changes of pictures [height, width, channels] for training, a chain in order: each pass
 * over the data sees other ones. What happens to a row follows from (seed, pass, row) alone, so it
 * is the same on every machine and thread and in any order. Immutable.
 */
public final class Augmentation {
  private interface Step {
    void apply(float[] picture, int[] shape, Draws draws);
  }

  private final List<Step> steps;

  private Augmentation(List<Step> steps) {
    this.steps = steps;
  }

  /** No change yet. */
  public static Augmentation none() {
    return new Augmentation(List.of());
  }

  /** Mirrors left and right every second time. */
  public Augmentation flip() {
    return with(
        (picture, shape, draws) -> {
          if (draws.nextLong() < 0) {
            mirror(picture, shape);
          }
        });
  }

  /**
   * Puts {@code padding} zeros around and cuts a picture of the old size out anywhere, as He et al.
   * 2016 do for CIFAR: a shift of up to {@code padding} in both directions.
   *
   * @param padding at least 0
   */
  public Augmentation crop(int padding) {
    if (padding < 0) {
      throw new IllegalArgumentException("padding must be at least 0, is " + padding);
    }
    return with(
        (picture, shape, draws) -> {
          int down = draws.below(2 * padding + 1) - padding;
          int right = draws.below(2 * padding + 1) - padding;
          shift(picture, shape, down, right);
        });
  }

  /**
   * Adds normal noise to every number. For robustness; it protects nobody.
   *
   * @param deviation at least 0
   */
  public Augmentation noise(double deviation) {
    if (!(deviation >= 0) || Double.isInfinite(deviation)) {
      throw new IllegalArgumentException("deviation must be at least 0, is " + deviation);
    }
    return with(
        (picture, shape, draws) -> {
          for (int i = 0; i < picture.length; i++) {
            picture[i] += (float) (deviation * draws.nextGaussian());
          }
        });
  }

  private Augmentation with(Step step) {
    List<Step> more = new ArrayList<>(steps);
    more.add(step);
    return new Augmentation(List.copyOf(more));
  }

  /**
   * The rows of the first pass, as a view; {@link Dataset#pass} gives those of the others.
   *
   * @throws IllegalArgumentException if the rows are no pictures
   */
  public Dataset apply(Dataset data, long seed) {
    if (data.featureShape().length != 3) {
      throw new IllegalArgumentException(
          "pictures are [height, width, channels], came " + Arrays.toString(data.featureShape()));
    }
    return new Augmented(data, steps, seed, 0);
  }

  private static final class Augmented extends Changed {
    private final List<Step> steps;
    private final long seed;
    private final int pass;

    Augmented(Dataset data, List<Step> steps, long seed, int pass) {
      super(data, rows -> rows);
      this.steps = steps;
      this.seed = seed;
      this.pass = pass;
    }

    @Override
    public Dataset pass(int number) {
      return new Augmented(data.pass(number), steps, seed, number);
    }

    @Override
    public void features(int row, float[] into, int offset) {
      float[] picture = new float[featureLength()];
      data.features(row, picture, 0);
      Draws draws = new Draws(seed, pass, row);
      int[] shape = featureShape();
      for (Step step : steps) {
        step.apply(picture, shape, draws);
      }
      System.arraycopy(picture, 0, into, offset, picture.length);
    }
  }

  private static void mirror(float[] picture, int[] shape) {
    int width = shape[1];
    int channels = shape[2];
    for (int y = 0; y < shape[0]; y++) {
      for (int x = 0; x < width / 2; x++) {
        for (int c = 0; c < channels; c++) {
          int left = (y * width + x) * channels + c;
          int right = (y * width + width - 1 - x) * channels + c;
          float swap = picture[left];
          picture[left] = picture[right];
          picture[right] = swap;
        }
      }
    }
  }

  private static void shift(float[] picture, int[] shape, int down, int right) {
    float[] old = picture.clone();
    Arrays.fill(picture, 0f);
    int width = shape[1];
    int channels = shape[2];
    for (int y = Math.max(0, down); y < Math.min(shape[0], shape[0] + down); y++) {
      for (int x = Math.max(0, right); x < Math.min(width, width + right); x++) {
        int from = ((y - down) * width + x - right) * channels;
        System.arraycopy(old, from, picture, (y * width + x) * channels, channels);
      }
    }
  }

  /** SplitMix64 (Steele, Lea, Flood 2014), started at a place of its own for each row and pass. */
  private static final class Draws {
    private static final long GAMMA = 0x9e3779b97f4a7c15L;
    private long state;

    Draws(long seed, int pass, int row) {
      state = mix(mix(seed + GAMMA * (pass + 1L)) + GAMMA * (row + 1L));
    }

    long nextLong() {
      state += GAMMA;
      return mix(state);
    }

    private static long mix(long value) {
      long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
      z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
      return z ^ (z >>> 31);
    }

    /** In [0, bound); the bias is below 2^-32. */
    int below(int bound) {
      return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    /** Box and Muller 1958, in StrictMath: the same on every machine. */
    double nextGaussian() {
      double radius = ((nextLong() >>> 11) + 1) * 0x1.0p-53;
      double angle = (nextLong() >>> 11) * 0x1.0p-53;
      return StrictMath.sqrt(-2 * StrictMath.log(radius)) * StrictMath.cos(2 * Math.PI * angle);
    }
  }
}
