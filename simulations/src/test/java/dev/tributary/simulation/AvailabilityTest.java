package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.simulation.cli.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are not there, or too slow, from the job file to what a run leaves. */
class AvailabilityTest {
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: availability
      model:
        input: [64]
        layers: [{dense: {units: 10, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {engine: java, localEpochs: 1, batchSize: 10, optimizer: {sgd: {learningRate: 0.1}}}
      strategy: fedavg
      rounds: 4
      cohort: {size: 20, minimum: 14, population: 40, sampling: fixed-size}
      privacy: {unit: user, relation: zero-out, mechanism: central-gaussian, epsilon: 8, delta: 1e-5, clipNorm: 1}
      deadline: 60s
      evaluation: {every: 4, metrics: [accuracy]}
      simulation:
        seed: 3
        data: {source: digits, partition: {iid: {clients: 40}}}
      """;

  @TempDir private Path folder;

  private CommandRun simulate(String... overrides) throws IOException {
    Path job = Files.writeString(folder.resolve("job.yaml"), JOB);
    List<String> words = new ArrayList<>(List.of("simulate", job.toString(), "--fast"));
    words.addAll(List.of("--out", folder.resolve("out").toString()));
    words.addAll(List.of("--json", folder.resolve("result.json").toString()));
    Arrays.stream(overrides).forEach(each -> words.addAll(List.of("--set", each)));
    return CommandRun.of(words.toArray(String[]::new));
  }

  private JsonNode result() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("result.json").toFile());
  }

  /** 80 seats at 0.9: none or more than 24 are empty with probability 2e-4. */
  @Test
  void clientsThatAreNotThere_areCounted_andChangeNothingThatPrivacyCountsOn() throws IOException {
    simulate().succeeded();
    JsonNode all = result();
    CommandRun run = simulate("simulation.availability={random: {share: 0.9}}");
    run.succeeded();
    JsonNode some = result();
    assertThat(run.out()).contains("90 % of all clients are there when a round begins");
    assertThat(all.get("dropouts").asInt()).isZero();
    int absent = some.get("dropouts").asInt();
    assertThat(absent).isBetween(1, 24);
    assertThat(some.get("survivors").asInt()).isEqualTo(80 - absent);
    for (String row : List.of("epsilon", "outsider", "cohort", "completedRounds")) {
      assertThat(some.get(row)).as(row).isEqualTo(all.get(row));
    }
    assertThat(Files.readString(folder.resolve("out/report.html"))).contains("ABSENT");
  }

  /** A round lasts 60 s; of 80 seats none or more than 24 are slower with probability 2e-4. */
  @Test
  void clientsThatAreTooSlow_missTheirDeadline() throws IOException {
    simulate("simulation.trainingSeconds={uniform: {from: 1, to: 66}}").succeeded();
    JsonNode run = result();
    assertThat(run.get("dropouts").asInt()).isBetween(1, 24);
    assertThat(run.get("secondsByPhase").elements().next().asDouble()).isBetween(60.0, 240.0);
    assertThat(Files.readString(folder.resolve("out/report.html"))).contains("NO_INPUT");
  }

  @Test
  void clientsThatAreNeverThere_endTheJob_whichSaysSo() throws IOException {
    CommandRun run =
        simulate("simulation.availability={random: {share: 0.01}}", "cohort.minimum=19");
    run.failedWith(ErrorCode.NO_ROUND_COMPLETED);
    assertThat(run.err()).contains("a week of virtual time");
  }

  @Test
  void wrongTrace_isRefused_withItsLine() throws IOException {
    Files.writeString(folder.resolve("trace.csv"), "client,from,to\n0,5,1\n");
    CommandRun run = simulate("simulation.availability={trace: {file: trace.csv}}");
    run.failedWith(ErrorCode.DATA_DAMAGED);
    assertThat(run.err()).contains("trace.csv: line 2");
  }
}
