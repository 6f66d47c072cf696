package dev.tributary.simulation.report;

import dev.tributary.privacy.LedgerHistory;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Epsilon over the releases of a ledger, as a picture. */
public final class EpsilonPng {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 500;
  private static final int LEFT = 110;
  private static final int RIGHT = WIDTH - 30;
  private static final int TOP = 50;
  private static final int BOTTOM = HEIGHT - 70;
  private static final int INK = 0x303030;
  private static final int GRID = 0xdddddd;
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
    Png png = new Png(WIDTH, HEIGHT);
    for (double tick : y.ticks()) {
      png.line(LEFT, y.at(tick), RIGHT, y.at(tick), GRID);
      String label = y.label(tick);
      png.text(label, LEFT - 12 - Png.width(label), (int) y.at(tick) - 7, INK);
    }
    for (double tick : x.ticks()) {
      String label = x.label(tick);
      png.text(label, (int) x.at(tick) - Png.width(label) / 2, BOTTOM + 14, INK);
    }
    png.line(LEFT, BOTTOM, RIGHT, BOTTOM, INK);
    png.line(LEFT, TOP, LEFT, BOTTOM, INK);
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
