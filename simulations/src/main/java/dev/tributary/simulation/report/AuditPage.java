package dev.tributary.simulation.report;

import dev.tributary.simulation.audit.AuditRecord;
import java.util.OptionalDouble;

/** The page of an audit, in the form of {@link HtmlReport}: no script, no request. */
public final class AuditPage {
  private AuditPage() {}

  /** The whole page; it depends on job, options and seed alone. */
  public static String of(AuditRecord audit) {
    StringBuilder page = new StringBuilder();
    String title = Html.escape(audit.job());
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
            <title>Audit of %s - Tributary</title>
            <style>
            %s</style>
            </head>
            <body>
            <main>
            <p class="brand">Tributary: many private streams, one model</p>
            <h1>Audit of %s</h1>
            """,
            title, HtmlReport.css(), title));
    bounds(page, audit);
    attacks(page, audit);
    page.append("<h2>What this rests on</h2>\n<ul>\n");
    audit.notes().forEach(note -> page.append(Html.format("<li>%s</li>\n", Html.escape(note))));
    page.append("</ul>\n<h2>The job</h2>\n");
    page.append(
        Html.format(
            "<p class=\"note\">Seed %d.</p>\n<div class=\"card\"><pre>%s</pre></div>\n",
            audit.seed(), Html.escape(audit.jobText().strip())));
    page.append("<footer>Written by Tributary.</footer>\n</main>\n</body>\n</html>\n");
    return page.toString();
  }

  private static void bounds(StringBuilder page, AuditRecord audit) {
    AuditRecord.Claim claim = audit.claim();
    AuditRecord.Found found = audit.canaries();
    boolean claims = claim.epsilon().isPresent();
    page.append("<div class=\"tiles\">\n");
    tile(
        page,
        claims ? Html.format("%.3f", claim.epsilon().getAsDouble()) : "none",
        claims ? "epsilon claimed: at most" : "claimed: this job has no guarantee");
    tile(
        page,
        Html.format("%.3f", found.epsilon()),
        Html.format("epsilon found: at least, with confidence %s", found.confidence()));
    if (claims) {
      tile(page, audit.refuted() ? "refuted" : "not refuted", "the claim, by this audit");
      tile(
          page,
          Html.percent(found.power()),
          Html.format(
              "of %d rehearsals with half the declared noise refute the claim",
              found.rehearsals()));
    }
    page.append("</div>\n<div class=\"card\"><table>\n<tbody>\n");
    row(page, "Claim", "delta " + claim.delta() + ", " + claim.mechanism());
    row(page, "Unit and relation", claim.unit() + ", " + claim.relation());
    row(page, "Against", claim.against());
    row(
        page,
        "Guesses",
        Html.format(
            "%s canaries in %d runs, %s guesses, %s right",
            Html.count(found.guesses().canaries()),
            found.runs(),
            Html.count(found.guesses().made()),
            Html.count(found.guesses().correct())));
    row(page, "(epsilon, 0) form", Html.format("at least %.3f", found.pureEpsilon()));
    if (claims) {
      row(page, "p-value of the claim", Html.format("%.3g", found.pValue()));
    }
    if (found.noiseFactor() != 1) {
      row(
          page,
          "A drill",
          Html.format("only %s of the declared noise was drawn", found.noiseFactor()));
    }
    page.append("</tbody></table></div>\n");
  }

  private static void attacks(StringBuilder page, AuditRecord audit) {
    if (audit.attacks().isEmpty()) {
      return;
    }
    page.append(
        """
        <h2>What an attacker gets</h2>
        <div class="card scroll"><table>
        <thead><tr><th>attack</th><th>measure</th><th class="n">from open updates</th><th class="n">from sums</th><th class="n">from this job</th></tr></thead>
        <tbody>
        """);
    for (AuditRecord.Row row : audit.attacks()) {
      page.append(
          Html.format(
              "<tr><td>%s</td><td>%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td"
                  + " class=\"n\">%s</td></tr>\n",
              Html.escape(row.attack()),
              Html.escape(row.measure()),
              number(row.nothing()),
              number(row.sums()),
              number(row.claimed())));
    }
    page.append("</tbody></table></div>\n");
  }

  private static void tile(StringBuilder page, String value, String words) {
    page.append(
        Html.format(
            "<div class=\"tile\"><b>%s</b><span>%s</span></div>\n",
            Html.escape(value), Html.escape(words)));
  }

  private static void row(StringBuilder page, String name, String value) {
    page.append(
        Html.format(
            "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n",
            Html.escape(name), Html.escape(value)));
  }

  private static String number(OptionalDouble value) {
    return value.isPresent() ? Html.format("%.3f", value.getAsDouble()) : "-";
  }
}
