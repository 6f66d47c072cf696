package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The must_match rows of dp-reference.csv, by family. Seven take most of the time of all and are
 * left to the profile {@code nightly}: the million rounds of DV16, and calibration by PLD.
 */
final class ReferenceCheckTest {
  private static boolean leftOut(String line) {
    return line.startsWith("DV16,") && line.contains("epsilon_true")
        || line.contains(",sigma_pld,");
  }

  private static String rows(Predicate<String> wanted) throws IOException {
    try (InputStream in = ReferenceCheckTest.class.getResourceAsStream("dp-reference.csv");
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      List<String> kept = new ArrayList<>();
      lines.lines().filter(wanted).forEach(kept::add);
      return String.join("\n", kept);
    }
  }

  @Test
  void everyRowThatMustMatch_holds() throws IOException {
    List<ReferenceCheck.Outcome> outcomes =
        ReferenceCheck.run(
            new BufferedReader(new StringReader(rows(line -> !leftOut(line)))), true);
    Map<String, int[]> families = new TreeMap<>();
    for (ReferenceCheck.Outcome outcome : outcomes) {
      int[] tally = families.computeIfAbsent(outcome.family(), family -> new int[2]);
      tally[0]++;
      tally[1] += outcome.holds() ? 1 : 0;
    }
    StringBuilder table = new StringBuilder("family, rows that hold of rows that must match\n");
    families.forEach(
        (family, tally) ->
            table
                .append(family)
                .append(": ")
                .append(tally[1])
                .append(" of ")
                .append(tally[0])
                .append('\n'));
    System.out.print(table);
    assertThat(outcomes.stream().filter(outcome -> !outcome.holds()))
        .as(table.toString())
        .isEmpty();
    assertThat(outcomes).hasSize(272 - 3 - 4);
  }

  @Test
  @Tag("nightly")
  void everyRowThatMustMatchAndTakesLong_holds() throws IOException {
    String slow = rows(line -> line.startsWith("case_id,") || leftOut(line));
    List<ReferenceCheck.Outcome> outcomes =
        ReferenceCheck.run(new BufferedReader(new StringReader(slow)), true);
    assertThat(outcomes).hasSize(3 + 4).allMatch(ReferenceCheck.Outcome::holds);
  }

  /** A check that cannot fail checks nothing. */
  @Test
  void falsifiedRows_doNotHold() throws IOException {
    String header =
        "case_id,family,q,noise_multiplier,steps,delta,epsilon_in,adjacency,params_json,quantity,value,lower,upper,rel_tol,use\n";
    String rows =
        "G,gaussian,1,1.0,1,1e-5,,,,epsilon_exact,4.3771780956812246,,,1e-10,must_match\n"
            + "H,gaussian,1,1.0,1,1e-5,,,,epsilon_exact,4.3771780966812246,,,1e-10,must_match\n"
            + "I,dpsgd,0.01,1.0,1000,1e-5,,remove,,epsilon_true,1.82,1.829,1.83,1e-5,must_match\n"
            + "J,unheard,1,1.0,1,1e-5,,,,epsilon_exact,4.37,,,1e-10,informational\n";
    List<ReferenceCheck.Outcome> outcomes =
        ReferenceCheck.run(new BufferedReader(new StringReader(header + rows)), false);
    assertThat(outcomes)
        .extracting(ReferenceCheck.Outcome::holds)
        .containsExactly(true, false, false, false);
    assertThat(outcomes.get(3).computed()).isNaN();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ReferenceCheck.run(new BufferedReader(new StringReader("a,b\n1,2\n")), false));
  }
}
