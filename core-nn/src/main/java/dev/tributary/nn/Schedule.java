package dev.tributary.nn;

/** What a learning rate is multiplied by in each step. */
public sealed interface Schedule {

  /**
   * The factor.
   *
   * @param step from 0
   * @param steps of the whole training
   */
  double factor(long step, long steps);

  /** Always 1. */
  static Schedule constant() {
    return new Constant();
  }

  /** Always 1. */
  record Constant() implements Schedule {
    @Override
    public double factor(long step, long steps) {
      return 1;
    }
  }

  /**
   * 1 until {@code from} of the steps are done, then straight down to {@code floor} behind the
   * last.
   *
   * @param from in [0, 1]
   * @param floor in [0, 1]
   */
  record Linear(double from, double floor) implements Schedule {
    public Linear {
      checkUnit("from", from);
      checkUnit("floor", floor);
    }

    @Override
    public double factor(long step, long steps) {
      double start = from * steps;
      return step <= start ? 1 : 1 - (1 - floor) * (step - start) / (steps - start);
    }
  }

  /**
   * Up from 0 over the first {@code warmup} of the steps, then half a cosine down to {@code floor}
   * (Loshchilov and Hutter 2017, eq. 5, without restarts).
   *
   * @param warmup in [0, 1]
   * @param floor in [0, 1]
   */
  record Cosine(double warmup, double floor) implements Schedule {
    public Cosine {
      checkUnit("warmup", warmup);
      checkUnit("floor", floor);
    }

    @Override
    public double factor(long step, long steps) {
      double rise = warmup * steps;
      if (step + 1 <= rise) {
        return (step + 1) / rise;
      }
      double progress = (step - rise) / Math.max(1, steps - rise);
      return floor + (1 - floor) * (1 + StrictMath.cos(Math.PI * Math.max(0, progress))) / 2;
    }
  }

  /**
   * {@code factor} once more after every {@code every} steps.
   *
   * @param every at least 1
   * @param factor above 0, at most 1
   */
  record Staircase(long every, double factor) implements Schedule {
    public Staircase {
      if (every < 1 || !(factor > 0 && factor <= 1)) {
        throw new TrainingConfigException(
            "schedule: every must be at least 1 and factor in (0, 1], came "
                + every
                + " and "
                + factor);
      }
    }

    @Override
    public double factor(long step, long steps) {
      long drops = step / every;
      return StrictMath.pow(factor, (double) drops);
    }
  }

  private static void checkUnit(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new TrainingConfigException("schedule: " + name + " must be in [0, 1], came " + value);
    }
  }
}
