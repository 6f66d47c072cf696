package dev.tributary.simulation.report;

import dev.tributary.simulation.data.PartitionMix;
import java.util.Arrays;

/**
 * How rows are shared among clients, as a picture: a line for each client, a cell for each label,
 * the darker the larger the label's part of the client's rows, and a bar for its rows.
 */
public final class PartitionPicture {
  private static final int MOST_CLIENTS = 40;
  private static final int MOST_COLUMNS = 62;
  private static final int CLIENT = 9;
  private static final int SHADES = 5;
  private static final String BLOCKS = " \u2591\u2592\u2593\u2588";
  private static final int ROW = 11;

  /** Room for the number of one of a hundred million clients, on a phone too. */
  private static final int LEFT = 88;

  private static final int MIDDLE = 330;
  private static final int RIGHT = 446;
  private static final int WIDTH = 460;
  private static final int TOP = 22;
  private static final int INK = 0x303030;
  private static final int ONE = 0x1f6feb;
  private static final int THREE = 0x12805c;

  private final PartitionMix mix;
  private final int[] shown;
  private final int columns;
  private final int largest;

  public PartitionPicture(PartitionMix mix) {
    this.mix = mix;
    this.shown = mix.sample(MOST_CLIENTS);
    this.columns = Math.min(MOST_COLUMNS, mix.classes());
    this.largest = Math.max(1, Arrays.stream(shown).map(mix::size).max().orElse(1));
  }

  /** What the picture shows, in a sentence. */
  public String words() {
    int[] sizes = mix.sizes();
    String text =
        Html.format(
            "%s rows on %s clients: %s to %s rows each, half of them at most %s.",
            Html.count(mix.rows()),
            Html.count(mix.clients()),
            Html.count(sizes[0]),
            Html.count(sizes[sizes.length - 1]),
            Html.count(sizes[(sizes.length - 1) / 2]));
    if (mix.clients() < mix.population()) {
      text +=
          Html.format(
              " These are a part of %s clients, evenly chosen.", Html.count(mix.population()));
    }
    return mix.classes() == 0
        ? text
        : text
            + Html.format(
                " A client has %.1f of %d labels on average; its mix is %.2f from that of all (total"
                    + " variation: 0 the same, 1 nothing in common).",
                mix.meanLabels(), mix.classes(), mix.skew());
  }

  private String which() {
    return shown.length == mix.population()
        ? "every client"
        : Html.format(
            "%d of %s clients, evenly chosen", shown.length, Html.count(mix.population()));
  }

  /** Part of a client's rows in a column, from 0 to 1; a column is a label, or several of many. */
  private double share(int client, int column) {
    int sum = 0;
    int from = (int) ((long) column * mix.classes() / columns);
    int to = (int) ((column + 1L) * mix.classes() / columns);
    for (int label = from; label < to; label++) {
      sum += mix.counts()[client][label];
    }
    return sum / (double) Math.max(1, mix.size(client));
  }

  /** For a terminal: blocks in five shades, and a bar of rows. */
  public String text() {
    StringBuilder text = new StringBuilder();
    int wide = Math.max("labels".length(), columns);
    text.append(Html.format("%" + CLIENT + "s  ", "client"));
    if (columns > 0) {
      text.append(Html.format("%-" + (2 + wide) + "s", "labels"));
    }
    text.append(Html.format("rows (%s)%n", which()));
    for (int client : shown) {
      text.append(Html.format("%" + CLIENT + "d  ", mix.number(client)));
      for (int column = 0; column < columns; column++) {
        double share = share(client, column);
        int shade = share == 0 ? 0 : 1 + (int) Math.min(SHADES - 2, share * (SHADES - 1));
        text.append(BLOCKS.charAt(shade));
      }
      text.append(columns > 0 ? " ".repeat(2 + wide - columns) : "");
      int bar = (int) Math.ceil(24.0 * mix.size(client) / largest);
      text.append("\u2588".repeat(bar)).append(Html.format(" %,d%n", mix.size(client)));
    }
    return text.toString();
  }

  private int middle() {
    return columns > 0 ? MIDDLE : LEFT;
  }

  private String title() {
    return columns > 0 ? "Labels and rows of clients" : "Rows of clients";
  }

  private int height() {
    return TOP + ROW * shown.length + 8;
  }

  /** A figure for a page; colours come from the page's CSS classes. */
  public String figure() {
    return "<figure><figcaption>" + title() + "</figcaption>" + inner("") + "</figure>\n";
  }

  /** A file of its own, with its colours. */
  public String svg() {
    return inner(
        " xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
            .formatted(2 * WIDTH, 2 * height()));
  }

  private String inner(String attributes) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        Html.format(
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\"%s>",
            WIDTH, height(), Html.escape(title() + ". " + words()), attributes));
    if (!attributes.isEmpty()) {
      svg.append(
          "<style>.cell,.bar.one{fill:#1f6feb}.bar.three{fill:#12805c}.tick{fill:#56616f;font-size:9px}"
              + ".end{text-anchor:end}.paper{fill:#fff}</style>"
              + "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>");
    }
    if (columns > 0) {
      svg.append(Html.format("<text class=\"tick\" x=\"%d\" y=\"14\">labels</text>", LEFT));
    }
    svg.append(
        Html.format(
            "<text class=\"tick end\" x=\"%d\" y=\"14\">client</text><text class=\"tick\" x=\"%d\""
                + " y=\"14\">rows, %s at most</text>",
            LEFT - 6, middle() + 8, Html.count(largest)));
    double wide = columns == 0 ? 0 : (middle() - LEFT) / (double) columns;
    for (int line = 0; line < shown.length; line++) {
      int client = shown[line];
      int y = TOP + ROW * line;
      if (line % 5 == 0) {
        svg.append(
            Html.format(
                "<text class=\"tick end\" x=\"%d\" y=\"%d\">%d</text>",
                LEFT - 6, y + ROW - 2, mix.number(client)));
      }
      for (int column = 0; column < columns; column++) {
        double share = share(client, column);
        if (share > 0) {
          svg.append(
              Html.format(
                  "<rect class=\"cell\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\""
                      + " fill-opacity=\"%.2f\"><title>client %d, label %d: %.1f %% of its"
                      + " rows</title></rect>",
                  LEFT + column * wide,
                  y,
                  wide,
                  ROW - 1,
                  0.12 + 0.88 * share,
                  mix.number(client),
                  column,
                  100 * share));
        }
      }
      double bar = (RIGHT - middle() - 8) * mix.size(client) / (double) largest;
      svg.append(
          Html.format(
              "<rect class=\"bar three\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>client"
                  + " %d: %s rows</title></rect>",
              middle() + 8, y, bar, ROW - 1, mix.number(client), Html.count(mix.size(client))));
    }
    return svg.append("</svg>").toString();
  }

  /** The same as PNG. */
  public byte[] png() {
    Png png = new Png(2 * WIDTH, 2 * height());
    png.text("client", 4, 14, INK);
    if (columns > 0) {
      png.text("labels", 2 * LEFT, 14, INK);
    }
    png.text("rows", 2 * (middle() + 8), 14, INK);
    double wide = columns == 0 ? 0 : 2.0 * (middle() - LEFT) / columns;
    for (int line = 0; line < shown.length; line++) {
      int client = shown[line];
      int y = 2 * (TOP + ROW * line);
      if (line % 5 == 0) {
        String name = Integer.toString(mix.number(client));
        png.text(name, 2 * LEFT - 10 - Png.width(name), y + 3, INK);
      }
      for (int column = 0; column < columns; column++) {
        int x = (int) (2 * LEFT + column * wide);
        int to = (int) (2 * LEFT + (column + 1) * wide);
        double share = share(client, column);
        png.tint(x, y, to - x, 2 * ROW - 2, ONE, share == 0 ? 0 : 0.12 + 0.88 * share);
      }
      int bar = (int) (2.0 * (RIGHT - middle() - 8) * mix.size(client) / largest);
      png.tint(2 * (middle() + 8), y, Math.max(1, bar), 2 * ROW - 2, THREE, 1);
    }
    return png.bytes();
  }

  /** A page of its own: one file without script or request. */
  public String page(String title, String data) {
    return Html.format(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
        <link rel="icon" href="data:,">
        <title>%s - Tributary</title>
        <style>
        %s</style>
        </head>
        <body>
        <main>
        <p class="brand">Tributary: many private streams, one model</p>
        <h1>%s</h1>
        <p class="sub">%s</p>
        <p>%s</p>
        %s<footer>Shown: %s.</footer>
        </main>
        </body>
        </html>
        """,
        Html.escape(title),
        HtmlReport.css(),
        Html.escape(title),
        Html.escape(data),
        Html.escape(words()),
        "<div class=\"pair\">\n" + figure() + Distributions.sizes(mix) + "</div>\n",
        Html.escape(which()));
  }
}
