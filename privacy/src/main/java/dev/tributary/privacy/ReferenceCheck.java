package dev.tributary.privacy;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Evaluates a file of reference values (CSV with the columns case_id, family, mechanism, adjacency,
 * q, noise_multiplier, steps, delta, epsilon_in, params_json, quantity, value, lower, upper,
 * rel_tol and use) with the accountants of this module.
 *
 * <p>When a row holds: {@code epsilon_true} between its lower and upper value; every other within
 * its rel_tol of its value, Renyi epsilons within 1e-6 at least (published ones drop the sign of
 * fractional binomials and are off by up to that), and none below a lower value of {@code
 * epsilon_pld}. Rows that are informational are compared and never counted against.
 */
public final class ReferenceCheck {
  private static final double RENYI_TOLERANCE = 1e-6;

  private ReferenceCheck() {}

  /**
   * What became of one row.
   *
   * @param computed our value; NaN if the row could not be computed
   * @param expected the window or the value with its tolerance, or why it was not computed
   */
  public record Outcome(
      String caseId,
      String family,
      String quantity,
      String direction,
      boolean mustMatch,
      boolean holds,
      double computed,
      String expected) {}

  /**
   * Evaluates every row, in order.
   *
   * @param onlyMustMatch whether to leave out the rows that are informational
   * @throws IllegalArgumentException if the file has another format
   */
  public static List<Outcome> run(BufferedReader file, boolean onlyMustMatch) throws IOException {
    String first = file.readLine();
    List<String> header = ReferenceRow.split(first == null ? "" : first);
    if (!header.containsAll(List.of("case_id", "family", "quantity", "value", "use"))) {
      throw new IllegalArgumentException(
          "the first line must name the columns case_id, family, quantity, value and use");
    }
    List<Outcome> outcomes = new ArrayList<>();
    ReferenceValues values = new ReferenceValues();
    for (String line = file.readLine(); line != null; line = file.readLine()) {
      if (line.isBlank()) {
        continue;
      }
      ReferenceRow row = new ReferenceRow(header, line);
      if (!onlyMustMatch || mustMatch(row)) {
        outcomes.add(outcome(row, values));
      }
    }
    return outcomes;
  }

  private static boolean mustMatch(ReferenceRow row) {
    return row.cell("use").equals("must_match");
  }

  private static Outcome outcome(ReferenceRow row, ReferenceValues values) {
    double computed = Double.NaN;
    String expected;
    boolean holds = false;
    try {
      computed = values.of(row);
      holds = holds(row, computed);
      expected = expected(row);
    } catch (IllegalArgumentException | ArithmeticException e) {
      expected = String.valueOf(e.getMessage());
    }
    return new Outcome(
        row.cell("case_id"),
        row.cell("family"),
        row.cell("quantity"),
        row.cell("adjacency"),
        mustMatch(row),
        holds,
        computed,
        expected);
  }

  private static boolean holds(ReferenceRow row, double computed) {
    if (row.cell("quantity").equals("epsilon_true")) {
      return computed >= row.number("lower") && computed <= row.number("upper");
    }
    if (row.cell("quantity").equals("epsilon_pld")
        && row.has("lower")
        && computed < row.number("lower")) {
      return false;
    }
    double value = row.number("value");
    return Math.abs(computed - value) <= tolerance(row) * Math.abs(value);
  }

  private static double tolerance(ReferenceRow row) {
    double stated = row.has("rel_tol") ? row.number("rel_tol") : 0;
    return row.cell("quantity").startsWith("epsilon_rdp")
        ? Math.max(stated, RENYI_TOLERANCE)
        : stated;
  }

  private static String expected(ReferenceRow row) {
    return row.cell("quantity").equals("epsilon_true")
        ? row.cell("lower") + " to " + row.cell("upper")
        : row.cell("value") + " within " + tolerance(row);
  }
}
