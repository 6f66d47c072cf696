package dev.tributary.simulation.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Several runs beside each other: a page, a table, and the curves of both. */
public final class Comparison {
  /** As many as there are colours that can be told apart. */
  public static final int MOST = Curve.STYLES.size();

  private final List<RunTable> runs;
  private final List<String> measures;

  public Comparison(List<RunTable> runs) {
    this.runs = List.copyOf(runs);
    this.measures =
        runs.stream().flatMap(run -> run.measures().stream()).distinct().sorted().toList();
  }

  /** Whether any run tells classes apart. */
  private boolean classes() {
    return runs.stream().anyMatch(run -> run.last("accuracy").isPresent());
  }

  private List<String> head() {
    List<String> head = new ArrayList<>(List.of("run", "rounds"));
    if (classes()) {
      head.addAll(List.of("accuracy", "best"));
    }
    head.add("loss");
    head.addAll(measures);
    head.addAll(List.of("epsilon", "in sums", "lost", "seconds"));
    return head;
  }

  private List<List<String>> table() {
    List<List<String>> table = new ArrayList<>();
    for (RunTable run : runs) {
      List<String> line =
          new ArrayList<>(List.of(run.name(), run.completed() + "/" + run.rows().size()));
      if (classes()) {
        line.add(percent(run.last("accuracy")));
        line.add(percent(run.best("accuracy")));
      }
      line.add(figure(run.last("loss")));
      measures.forEach(name -> line.add(figure(run.last(name))));
      OptionalDouble epsilon = run.last("epsilon");
      line.add(epsilon.isPresent() ? Html.format("%.3f", epsilon.getAsDouble()) : "-");
      line.add(Html.format("%,.0f", run.sum("survivors")));
      line.add(Html.format("%,.0f", run.sum("dropouts")));
      line.add(Html.format("%.1f", run.seconds()));
      table.add(line);
    }
    return table;
  }

  private static String percent(OptionalDouble value) {
    return value.isPresent() ? Html.percent(value.getAsDouble()) : "-";
  }

  private static String figure(OptionalDouble value) {
    return value.isPresent() ? Html.figure(value.getAsDouble()) : "-";
  }

  /** For a terminal: a line for each run. */
  public String text() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(head());
    lines.addAll(table());
    int[] widths = new int[head().size()];
    lines.forEach(
        line -> {
          for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], line.get(i).length());
          }
        });
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String cell = line.get(i);
        String blanks = " ".repeat(widths[i] - cell.length());
        row.append(i == 0 ? cell + blanks : "  " + blanks + cell);
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private List<Curve> curves() {
    List<Curve> curves = new ArrayList<>();
    curves.add(curve("accuracy", 100, "Accuracy, per cent", "per cent", false));
    curves.add(curve("loss", 1, "Mean loss", "loss", false));
    measures.forEach(name -> curves.add(curve(name, 1, name, name, false)));
    curves.add(curve("epsilon", 1, "Epsilon spent", "epsilon", true));
    curves.add(curve("survivors", 1, "Clients in the sum", "clients", true));
    return curves;
  }

  private Curve curve(String column, double scale, String title, String label, boolean fromZero) {
    return new Curve(
        column,
        title,
        label,
        fromZero,
        runs.stream()
            .map(run -> new Curve.Line(run.name(), run.points(column, scale, label)))
            .toList());
  }

  /** One file without script or request. */
  public String page() {
    StringBuilder page = new StringBuilder();
    page.append(
        Html.format(
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
            <link rel="icon" href="data:,">
            <title>%d runs - Tributary</title>
            <style>
            %s</style>
            </head>
            <body>
            <main>
            <p class="brand">Tributary: many private streams, one model</p>
            <h1>%d runs beside each other</h1>
            <div class="card scroll" tabindex="0" role="region" aria-label="Runs"><table>
            <thead><tr>
            """,
            runs.size(), HtmlReport.css(), runs.size()));
    List<String> head = head();
    for (int i = 0; i < head.size(); i++) {
      page.append(
          Html.format("<th%s>%s</th>", i == 0 ? "" : " class=\"n\"", Html.escape(head.get(i))));
    }
    page.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : table()) {
      page.append("<tr>");
      for (int i = 0; i < row.size(); i++) {
        page.append(
            Html.format("<td%s>%s</td>", i == 0 ? "" : " class=\"n\"", Html.escape(row.get(i))));
      }
      page.append("</tr>\n");
    }
    page.append("</tbody></table></div>\n<div class=\"pair\">\n");
    curves().stream().filter(curve -> !curve.isEmpty()).map(Curve::figure).forEach(page::append);
    return page.append(
            "</div>\n<footer>Read from the rounds.csv of each run. Epsilons are comparable where unit,"
                + " relation and delta are the same: see each run's report.</footer>\n"
                + "</main>\n</body>\n</html>\n")
        .toString();
  }
}
