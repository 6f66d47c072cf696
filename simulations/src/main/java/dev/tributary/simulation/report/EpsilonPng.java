package dev.tributary.simulation.report;

import static dev.tributary.simulation.report.Plot.BOTTOM;
import static dev.tributary.simulation.report.Plot.HEIGHT;
import static dev.tributary.simulation.report.Plot.INK;
import static dev.tributary.simulation.report.Plot.LEFT;
import static dev.tributary.simulation.report.Plot.RIGHT;
import static dev.tributary.simulation.report.Plot.TOP;

import dev.tributary.privacy.LedgerHistory;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Epsilon over the releases of a ledger, as a picture. */
public final class EpsilonPng {
  private static final int RELEASED = 0x2a6fbb;
  private static final int COORDINATOR = 0xc8621b;
  private static final int BUDGET = 0xb02a37;

  private EpsilonPng() {}

  /**
   * The picture as PNG.
   *
   * @param points at least one; those without bound are left out
   * @param budget drawn as a line if it is finite
   */
  public static byte[] of(List<LedgerHistory.Point> points, double budget) {
    double most = Double.isInfinite(budget) ? 0 : budget;
    for (LedgerHistory.Point point : points) {
      if (Double.isFinite(point.coordinatorView())) {
        most = Math.max(most, Math.max(point.released(), point.coordinatorView()));
      }
    }
    Scale x = Scale.over(0, points.size(), LEFT, RIGHT, 8);
    Scale y = Scale.over(0, most == 0 ? 1 : most, BOTTOM, TOP, 6);
    Png png = Plot.of(x, y);
    png.text("epsilon", LEFT - 90, 14, INK);
    png.text("release", (LEFT + RIGHT) / 2 - 40, HEIGHT - 28, INK);
    boolean apart = points.stream().anyMatch(point -> point.coordinatorView() != point.released());
    if (apart) {
      curve(png, x, y, points, LedgerHistory.Point::coordinatorView, COORDINATOR);
      png.text("coordinator", LEFT + 260, 14, COORDINATOR);
    }
    curve(png, x, y, points, LedgerHistory.Point::released, RELEASED);
    png.text("released", LEFT + 120, 14, RELEASED);
    if (!Double.isInfinite(budget)) {
      png.line(LEFT, y.at(budget), RIGHT, y.at(budget), BUDGET);
      png.text("budget", RIGHT - Png.width("budget"), 14, BUDGET);
    }
    return png.bytes();
  }

  private static void curve(
      Png png,
      Scale x,
      Scale y,
      List<LedgerHistory.Point> points,
      ToDoubleFunction<LedgerHistory.Point> epsilon,
      int colour) {
    double fromX = x.at(0);
    double fromY = y.at(0);
    for (LedgerHistory.Point point : points) {
      double value = epsilon.applyAsDouble(point);
      if (Double.isFinite(value)) {
        double toX = x.at(point.number());
        // Epsilon stays where it was until the next release.
        png.line(fromX, fromY, toX, fromY, colour);
        png.line(toX, fromY, toX, y.at(value), colour);
        fromX = toX;
        fromY = y.at(value);
      }
    }
  }
}
