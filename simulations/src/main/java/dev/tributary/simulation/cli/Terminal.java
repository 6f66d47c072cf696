package dev.tributary.simulation.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;

/**
 * Where a command writes. On a terminal the progress is one line that is written over; elsewhere (a
 * pipe, a log) it is plain lines, and few of them.
 */
public final class Terminal {
  private static final int DEFAULT_COLUMNS = 100;
  private static final long LIVE_MILLIS = 100;
  private static final long PLAIN_MILLIS = 10_000;

  private final PrintWriter out;
  private final boolean interactive;
  private final int columns;
  private boolean open;
  private long lastMillis = Long.MIN_VALUE / 2;

  Terminal(PrintWriter out, boolean interactive, int columns) {
    this.out = out;
    this.interactive = interactive;
    this.columns = columns;
  }

  /** The terminal of this process, or what stands in its place. */
  public static Terminal of(PrintWriter out, Map<String, String> environment) {
    boolean dumb = "dumb".equals(environment.get("TERM"));
    int columns = DEFAULT_COLUMNS;
    String stated = environment.getOrDefault("COLUMNS", "");
    if (stated.matches("[1-9][0-9]{1,3}")) {
      columns = Integer.parseInt(stated);
    }
    return new Terminal(out, !dumb && isTerminal(), columns);
  }

  /** From JDK 22 on there is a console even where there is no terminal; it says which. */
  @SuppressWarnings("SystemConsoleNull") // both answers are asked for
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  /** Writes whole lines. */
  public void print(String text) {
    endProgress();
    out.print(text);
    out.flush();
  }

  /**
   * Shows how far it is.
   *
   * @param nowMillis the wall clock, which decides whether the line is worth showing
   * @param last whether no further progress follows
   */
  public void progress(String line, long nowMillis, boolean last) {
    if (!last && nowMillis - lastMillis < (interactive ? LIVE_MILLIS : PLAIN_MILLIS)) {
      return;
    }
    lastMillis = nowMillis;
    if (interactive) {
      String cut = line.length() < columns ? line : line.substring(0, columns - 1);
      out.print("\r" + cut + "\u001b[K");
      open = true;
    } else {
      out.println(line);
    }
    out.flush();
  }

  /** Leaves the progress line as it is and goes to the next. */
  public void endProgress() {
    if (open) {
      out.println();
      out.flush();
      open = false;
    }
  }

  /** A bar of blocks; plain characters where nobody draws. */
  String bar(double share, int width) {
    int full = (int) Math.round(width * Math.max(0, Math.min(1, share)));
    return interactive
        ? "█".repeat(full) + "░".repeat(width - full)
        : "#".repeat(full) + ".".repeat(width - full);
  }

  static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
