package dev.tributary.simulation.report;

import java.util.Locale;

/** Text for a page. */
final class Html {
  private Html() {}

  /** Characters that mean something in HTML and SVG, as entities. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** A number in the same form everywhere. */
  static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  /** A count with separators, as in 7,850. */
  static String count(long value) {
    return format("%,d", value);
  }

  /** A measured number of any size with four digits or more that say something. */
  static String figure(double value) {
    double size = Math.abs(value);
    if (size >= 1e7 || (size < 1e-3 && size > 0)) {
      return format("%.4g", value);
    }
    return size >= 100 ? format("%,.1f", value) : format("%.4f", value);
  }

  /** Bytes with the unit that fits. */
  static String bytes(double value) {
    if (value < 1e3) {
      return format("%.0f B", value);
    }
    if (value < 1e6) {
      return format("%.1f kB", value / 1e3);
    }
    return value < 1e9 ? format("%.1f MB", value / 1e6) : format("%.2f GB", value / 1e9);
  }

  /** Seconds, or the two units that fit. */
  static String seconds(double value) {
    if (value < 120) {
      return format("%.1f s", value);
    }
    long seconds = Math.round(value);
    if (seconds < 7_200) {
      return format("%d min %02d s", seconds / 60, seconds % 60);
    }
    long minutes = Math.round(value / 60);
    return minutes < 2_880
        ? format("%d h %02d min", minutes / 60, minutes % 60)
        : format("%d days %d h", minutes / 1_440, minutes / 60 % 24);
  }

  /** A share of 1 as per cent. */
  static String percent(double share) {
    return format("%.1f %%", 100 * share);
  }
}
