package dev.tributary.simulation.report;

import java.util.ArrayList;
import java.util.List;

/** Maps an interval of values to an interval of the page, with ticks at round numbers. */
record Scale(double low, double high, double from, double to, double step) {
  private static final double[] ROUND = {1, 2, 2.5, 5, 10};

  /** A drawing has no room for more left of its axis. */
  private static final int MOST_DIGITS = 6;

  /**
   * A scale that contains the interval and ends at round numbers.
   *
   * @param ticks about how many
   */
  static Scale over(double low, double high, double from, double to, int ticks) {
    double span = high > low ? high - low : Math.max(1e-9, Math.abs(high));
    double raw = span / ticks;
    double magnitude = Math.pow(10, Math.floor(Math.log10(raw)));
    double step = 10 * magnitude;
    for (double candidate : ROUND) {
      if (candidate * magnitude >= raw * 0.999) {
        step = candidate * magnitude;
        break;
      }
    }
    double first = Math.floor(low / step + 1e-9) * step;
    double last = Math.ceil(Math.max(high, low + span * 1e-6) / step - 1e-9) * step;
    return new Scale(first, last, from, to, step);
  }

  /**
   * A scale over rounds from 0, with whole numbers at its ticks.
   *
   * @param ticks about how many
   */
  static Scale rounds(int rounds, double from, double to, int ticks) {
    double raw = Math.max(1, rounds) / (double) ticks;
    double magnitude = Math.max(1, Math.pow(10, Math.floor(Math.log10(raw))));
    double step = magnitude;
    for (double candidate : new double[] {2, 5, 10}) {
      if (step < 0.8 * raw) {
        step = candidate * magnitude;
      }
    }
    return new Scale(0, step * Math.ceil(Math.max(1, rounds) / step), from, to, step);
  }

  /** Place of a value on the page. */
  double at(double value) {
    return from + (to - from) * (value - low) / (high - low);
  }

  /** Values of the ticks. */
  List<Double> ticks() {
    List<Double> values = new ArrayList<>();
    long count = Math.round((high - low) / step);
    for (long i = 0; i <= count; i++) {
      values.add(low + i * step);
    }
    return values;
  }

  /** A tick's label without needless digits. */
  String label(double tick) {
    int digits = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    boolean half = Math.abs(step / Math.pow(10, -digits) - 2.5) < 1e-6;
    String text = Html.format("%." + (half ? digits + 1 : digits) + "f", tick);
    if (text.replaceAll("[-.]", "").length() > MOST_DIGITS) {
      return withExponent(tick, half);
    }
    return text.startsWith("-") && Double.parseDouble(text) == 0 ? text.substring(1) : text;
  }

  /** As in 3.82e10: as many digits as tell ticks apart. */
  private String withExponent(double tick, boolean half) {
    if (Math.abs(tick) < step / 2) {
      return "0";
    }
    int exponent = (int) Math.floor(Math.log10(Math.abs(tick)) + 1e-9);
    int digits = Math.max(0, exponent - (int) Math.floor(Math.log10(step) + 1e-9));
    return Html.format(
        "%." + (half ? digits + 1 : digits) + "fe%d", tick / Math.pow(10, exponent), exponent);
  }
}
