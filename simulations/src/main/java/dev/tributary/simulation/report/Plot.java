package dev.tributary.simulation.report;

/** The paper that PNG curves are drawn on: its size, and axes with their ticks. */
final class Plot {
  static final int WIDTH = 900;
  static final int HEIGHT = 500;
  static final int LEFT = 110;
  static final int RIGHT = WIDTH - 30;
  static final int TOP = 50;
  static final int BOTTOM = HEIGHT - 70;
  static final int INK = 0x303030;
  private static final int GRID = 0xdddddd;

  private Plot() {}

  /** A picture with nothing but its axes, a line for each tick of y and a number for all. */
  static Png of(Scale x, Scale y) {
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
    return png;
  }
}
