package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.simulation.CommandRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecureAggCommandTest {

  private static CommandRun parameters(String options) {
    String line = "secure-agg parameters " + options;
    return CommandRun.of(line.split(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "malicious, 100, 0.01, 0.15, complete, 99, 67, 67, 33, true",
    "malicious, 10000, 0.05, 0.05, out-neighbours, 38, 21, 5251, 500, true",
    "curious, 1000, 0.05, 0.1, harary, 40, 19, 0, 100, true"
  })
  void json_hasGraphThresholdAndQuorum(
      String mode,
      int clients,
      double corrupt,
      double dropout,
      String graph,
      int degree,
      int threshold,
      int quorum,
      int loss,
      boolean offered)
      throws Exception {
    CommandRun run =
        parameters(
                "--mode %s --clients %d --corrupt-fraction %s --dropout-fraction %s --json"
                    .formatted(mode, clients, corrupt, dropout))
            .succeeded();
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertThat(json.get("mode").asText()).isEqualTo(mode);
    assertThat(json.get("graph").asText()).isEqualTo(graph);
    assertThat(json.get("degree").asInt()).isEqualTo(degree);
    assertThat(json.get("threshold").asInt()).isEqualTo(threshold);
    assertThat(json.get("quorum").asInt()).isEqualTo(quorum);
    assertThat(json.get("toleratedLoss").asInt()).isEqualTo(loss);
    assertThat(json.get("offered").asBoolean()).isEqualTo(offered);
    assertThat(json.get("lost").asInt()).isEqualTo((int) Math.round(clients * dropout));
    assertThat(json.at("/client/bytesSent").asLong()).isGreaterThan(4_000_000);
    assertThat(json.at("/coordinator/masks").asLong()).isGreaterThan(clients);
  }

  @Test
  void text_hasTheSameAndSaysWhatIsNotRun() {
    CommandRun run =
        parameters("--clients 5000 --corrupt-fraction 0.05 --dropout-fraction 0.05").succeeded();
    assertThat(run.out())
        .contains("out-neighbours", "shares reconstruct", "250 of 5,000")
        .contains("bytes sent", "X25519 agreements", "elements of masks");
    assertThat(
            parameters("--clients 100 --corrupt-fraction 0 --dropout-fraction 0.1")
                .succeeded()
                .out())
        .contains("complete", "67 shares")
        .doesNotContain("A plan only");
  }

  @Test
  void postQuantum_addsItsBytesAndOperations_upToWhatSessionsCarry() throws Exception {
    String cohort = "--clients 100 --corrupt-fraction 0 --dropout-fraction 0.1 --length 1000";
    JsonNode without =
        new ObjectMapper().readTree(parameters(cohort + " --json").succeeded().out());
    JsonNode with =
        new ObjectMapper()
            .readTree(parameters(cohort + " --post-quantum --json").succeeded().out());
    assertThat(without.get("suite").asText()).isEqualTo("sa1");
    assertThat(without.at("/client/encapsulations").asLong()).isZero();
    assertThat(with.get("suite").asText()).isEqualTo("sa1-mlkem768");
    assertThat(with.at("/client/encapsulations").asLong()).isEqualTo(99 + 49);
    assertThat(with.at("/coordinator/decapsulations").asLong()).isEqualTo(10 * 90 / 2);
    // Two keys, a channel ciphertext for each of 99, a mask ciphertext for half of them.
    assertThat(with.at("/client/bytesSent").asLong() - without.at("/client/bytesSent").asLong())
        .isBetween(2 * 1184 + 148L * 1088, 2 * 1184 + 149L * 1088 + 100);
    assertThat(parameters(cohort + " --post-quantum").out())
        .contains("sa1-mlkem768", "ML-KEM-768 encapsulations", "ML-KEM-768 decapsulations");
    CommandRun large =
        parameters("--clients 300 --corrupt-fraction 0 --dropout-fraction 0.1 --post-quantum");
    large.failedWith(ErrorCode.SUM_IMPOSSIBLE);
    assertThat(large.err()).contains("32640 pairs", "300 clients", "use suite sa1");
    CommandRun chosen =
        parameters("--clients 2000 --corrupt-fraction 0.05 --dropout-fraction 0.05 --post-quantum");
    chosen.failedWith(ErrorCode.SUM_IMPOSSIBLE);
    assertThat(chosen.err())
        .contains("complete graph and the ring lattice", "a graph that they choose")
        .contains("use suite sa1");
  }

  @Test
  void correctnessBits_changeTheDegree() {
    String cohort =
        "--mode curious --clients 1000 --corrupt-fraction 0.05 --dropout-fraction 0.05 --json";
    assertThat(parameters(cohort).out()).contains("\"degree\" : 34");
    assertThat(parameters(cohort + " --correctness-bits 20").out())
        .contains("\"degree\" : 30", "\"offered\" : false");
  }

  @Test
  void impossible_saysWhyAndAWayOut() {
    CommandRun run = parameters("--clients 100 --corrupt-fraction 0 --dropout-fraction 0.4");
    run.failedWith(ErrorCode.SUM_IMPOSSIBLE);
    assertThat(run.err()).contains("33/100", "0.4", "tolerate fewer dropouts");
    CommandRun both = parameters("--clients 5000 --corrupt-fraction 0.6 --dropout-fraction 0.4");
    both.failedWith(ErrorCode.SUM_IMPOSSIBLE);
    assertThat(both.err()).contains("must be < 1", "lower one of them");
  }

  @ParameterizedTest
  @CsvSource({
    "--mode honest, malicious or curious",
    "--length 0, length",
    "--ring-bits 7, 8 to 32"
  })
  void badOption_pointsToTheHelp(String option, String words) {
    CommandRun run =
        parameters("--clients 100 --corrupt-fraction 0 --dropout-fraction 0 " + option);
    run.failedWith(ErrorCode.USAGE);
    assertThat(run.err()).contains(words, "secure-agg parameters --help");
  }
}
