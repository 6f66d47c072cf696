package dev.tributary.nn;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a learning rate is multiplied by in each step of a round. A plan names it. */
public sealed interface Schedule {

  /** The name in plans and job files. */
  String name();

  /** Its settings by name. */
  SortedMap<String, Double> parameters();

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

  /**
   * The schedule of that name: {@code constant}; {@code linear} with {@code from} and {@code
   * floor}; {@code cosine} with {@code warmup} and {@code floor}; {@code staircase} with {@code
   * every} and {@code factor}.
   *
   * @throws TrainingConfigException for an unknown name or wrong settings
   */
  static Schedule byName(String name, SortedMap<String, Double> parameters) {
    return switch (name) {
      case "constant" -> {
        settings(name, parameters, List.of());
        yield constant();
      }
      case "linear" -> {
        settings(name, parameters, List.of("floor", "from"));
        yield new Linear(get(parameters, "from"), get(parameters, "floor"));
      }
      case "cosine" -> {
        settings(name, parameters, List.of("floor", "warmup"));
        yield new Cosine(get(parameters, "warmup"), get(parameters, "floor"));
      }
      case "staircase" -> {
        settings(name, parameters, List.of("every", "factor"));
        double every = get(parameters, "every");
        if (every != Math.rint(every)) {
          throw new TrainingConfigException(
              "schedule staircase: every must be a whole number, came " + every);
        }
        yield new Staircase((long) every, get(parameters, "factor"));
      }
      default ->
          throw new TrainingConfigException(
              "schedule: expected constant, linear, cosine or staircase, came " + name);
    };
  }

  private static void settings(
      String name, SortedMap<String, Double> parameters, List<String> expected) {
    if (!List.copyOf(parameters.keySet()).equals(expected)) {
      throw new TrainingConfigException(
          "schedule " + name + " takes the settings " + expected + ", came " + parameters.keySet());
    }
  }

  private static double get(SortedMap<String, Double> parameters, String setting) {
    return parameters.getOrDefault(setting, Double.NaN);
  }

  private static SortedMap<String, Double> sorted(Map<String, Double> parameters) {
    return Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
  }

  /** Always 1. */
  record Constant() implements Schedule {
    @Override
    public String name() {
      return "constant";
    }

    @Override
    public SortedMap<String, Double> parameters() {
      return Collections.emptySortedMap();
    }

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
    public String name() {
      return "linear";
    }

    @Override
    public SortedMap<String, Double> parameters() {
      return sorted(Map.of("from", from, "floor", floor));
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
    public String name() {
      return "cosine";
    }

    @Override
    public SortedMap<String, Double> parameters() {
      return sorted(Map.of("warmup", warmup, "floor", floor));
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
    public String name() {
      return "staircase";
    }

    @Override
    public SortedMap<String, Double> parameters() {
      return sorted(Map.of("every", (double) every, "factor", factor));
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
