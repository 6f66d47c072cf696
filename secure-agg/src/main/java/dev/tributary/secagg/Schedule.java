package dev.tributary.secagg;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * All timings of one session, from one deadline: step i ends when its share and those before it are
 * used up.
 */
public final class Schedule {

  private final Instant start;
  private final List<Step> steps;
  private final List<Instant> ends;

  private Schedule(Instant start, List<Step> steps, List<Instant> ends) {
    this.start = start;
    this.steps = steps;
    this.ends = ends;
  }

  /**
   * The schedule of these steps.
   *
   * @param start when the session begins at this end
   * @param deadline whole milliseconds until it ends; positive
   * @param steps shares that add up to 1
   */
  public static Schedule of(Instant start, Duration deadline, List<Step> steps) {
    if (deadline.isNegative() || deadline.isZero()) {
      throw new IllegalArgumentException("the deadline must be positive. Provided: " + deadline);
    }
    double total = steps.stream().mapToDouble(Step::share).sum();
    if (Math.abs(total - 1) > 1e-9) {
      throw new IllegalArgumentException("shares of steps must add up to 1. Provided: " + total);
    }
    List<Instant> ends = new ArrayList<>(steps.size());
    double used = 0;
    for (Step step : steps) {
      used += step.share();
      ends.add(start.plusMillis(Math.round(used * deadline.toMillis())));
    }
    return new Schedule(start, List.copyOf(steps), List.copyOf(ends));
  }

  /** When the session begins. */
  public Instant start() {
    return start;
  }

  /** When the last step ends. */
  public Instant end() {
    return ends.get(ends.size() - 1);
  }

  /** The steps, in order. */
  public List<Step> steps() {
    return steps;
  }

  /**
   * The latest end of the step with this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Instant endOf(String step) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).name().equals(step)) {
        return ends.get(i);
      }
    }
    throw new IllegalArgumentException("no step " + step + " in " + this);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Schedule[").append(start);
    for (int i = 0; i < steps.size(); i++) {
      text.append(", ").append(steps.get(i).name()).append(" until ").append(ends.get(i));
    }
    return text.append(']').toString();
  }
}
