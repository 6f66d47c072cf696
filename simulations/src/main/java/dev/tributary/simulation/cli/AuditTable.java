package dev.tributary.simulation.cli;

import dev.tributary.simulation.audit.AuditRecord;
import java.util.OptionalDouble;

/** What a person reads after an audit. */
final class AuditTable {
  private AuditTable() {}

  static String of(AuditRecord audit) {
    StringBuilder text = new StringBuilder("\n");
    AuditRecord.Claim claim = audit.claim();
    AuditRecord.Found found = audit.canaries();
    String claimed =
        claim.epsilon().isPresent()
            ? Terminal.format(
                "epsilon at most %.3f at delta %s", claim.epsilon().getAsDouble(), claim.delta())
            : "nothing";
    line(text, "audit", audit.job() + ", seed " + audit.seed());
    line(text, "claimed", claimed);
    line(text, "", "for one " + claim.unit() + " (" + claim.relation() + "), against");
    line(text, "", claim.against());
    line(
        text,
        "found",
        Terminal.format(
            "epsilon at least %.3f at that delta, with confidence %s %%",
            found.epsilon(), percent(found.confidence())));
    line(
        text,
        "",
        Terminal.format("(at least %.3f if it were (epsilon, 0)-private)", found.pureEpsilon()));
    line(
        text,
        "canaries",
        Terminal.format(
            "%,d in %d runs, %,d guesses, %,d of them right",
            found.guesses().canaries(),
            found.runs(),
            found.guesses().made(),
            found.guesses().correct()));
    if (found.noiseFactor() != 1) {
      line(
          text,
          "drill",
          Terminal.format("only %s of the declared noise was drawn", found.noiseFactor()));
    }
    if (claim.epsilon().isPresent()) {
      line(text, "verdict", verdict(audit));
      line(
          text,
          "power",
          Terminal.format(
              "half the declared noise is caught in %.1f %% of %d rehearsals (%,d right needed)",
              100 * found.power(), found.rehearsals(), found.needed()));
    }
    attacks(text, audit);
    text.append(System.lineSeparator());
    audit.notes().forEach(note -> text.append("  - ").append(note).append(System.lineSeparator()));
    return text.toString();
  }

  static String verdict(AuditRecord audit) {
    return audit.refuted()
        ? Terminal.format(
            "REFUTED: were the claim true, this would happen with probability %.1e at most",
            audit.canaries().pValue())
        : "not refuted, which is no proof of the claim";
  }

  private static String percent(double confidence) {
    return Terminal.format("%.4f", 100 * confidence).replaceAll("\\.?0+$", "");
  }

  private static void attacks(StringBuilder text, AuditRecord audit) {
    if (audit.attacks().isEmpty()) {
      return;
    }
    text.append(
        Terminal.format(
            "%n  %-60s %9s %9s %9s%n",
            "what an attacker gets from", "updates", "sums", "this job"));
    for (AuditRecord.Row row : audit.attacks()) {
      text.append(
          Terminal.format(
              "  %-60s %9s %9s %9s%n",
              row.attack() + ": " + row.measure(),
              number(row.nothing()),
              number(row.sums()),
              number(row.claimed())));
    }
  }

  private static String number(OptionalDouble value) {
    return value.isPresent() ? Terminal.format("%.3f", value.getAsDouble()) : "-";
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(Terminal.format("  %-11s %s%n", name, value));
  }
}
