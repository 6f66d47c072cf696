package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose rows carry a number to predict: it has no accuracy, and its metrics are shown. */
class RegressionRunTest {
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: houses
      model:
        input: [286]
        layers: [{dense: {units: 1}}]
        loss: squared_error
      training: {batchSize: 8, engine: java, optimizer: {sgd: {learningRate: 0.001}}}
      strategy: {fedavg: {}}
      rounds: 2
      cohort: {size: 10, minimum: 8}
      privacy: {mechanism: none, clipNorm: 1000}
      secureAggregation: {suite: sa1, mode: curious}
      deadline: 60s
      evaluation: {every: 1, metrics: [rmse, r2]}
      simulation:
        seed: 1
        data: {source: ames, partition: {byColumn: {column: Neighborhood}}}
      """;

  @TempDir private Path folder;

  @Test
  void simulate_numbers_showsTheirMetricsAndNoAccuracy() throws IOException {
    Path job = Files.writeString(folder.resolve("houses.yaml"), JOB);
    Path out = folder.resolve("run");
    Path json = folder.resolve("result.json");
    String said =
        CommandRun.of(
                "simulate",
                job.toString(),
                "--fast",
                "--out",
                out.toString(),
                "--json",
                json.toString())
            .succeeded()
            .out();
    assertThat(said)
        .doesNotContain("accuracy", "0.0 %")
        .containsPattern("round 2/2 .*  r2 -?[0-9.]+, rmse [0-9,.]+  10 in")
        .containsPattern("result +r2 -?[0-9.]+, rmse [0-9,.]+ on 587 rows nobody trained on");
    List<String> lines = Files.readAllLines(out.resolve("rounds.csv"));
    List<String> names = List.of(lines.get(0).split(","));
    String[] last = lines.get(2).split(",");
    assertThat(last[names.indexOf("accuracy")]).isEmpty();
    assertThat(Double.parseDouble(last[names.indexOf("rmse")])).isBetween(1e4, 1e6);
    assertThat(out.resolve("curves")).isDirectoryContaining("glob:**/rmse.svg");
    assertThat(out.resolve("curves")).isDirectoryNotContaining("glob:**/accuracy.*");
    assertThat(Files.readString(out.resolve("report.html")))
        .contains("<figcaption>rmse</figcaption>", "r2 on 587 rows nobody trained on")
        .doesNotContain("<th class=\"n\">accuracy</th>", "ccuracy, per cent");
    JsonNode result = new ObjectMapper().readTree(json.toFile());
    assertThat(result.get("testAccuracy").isNull()).isTrue();
    assertThat(result.get("measures").get("rmse").asDouble()).isBetween(1e4, 1e6);

    Path other = Files.createDirectory(folder.resolve("other"));
    Files.copy(out.resolve("rounds.csv"), other.resolve("rounds.csv"));
    String table =
        CommandRun.of(
                "compare",
                out.toString(),
                other.toString(),
                "--out",
                folder.resolve("page.html").toString())
            .succeeded()
            .out();
    assertThat(table).contains("rmse").doesNotContain("accuracy");
    assertThat(Files.readString(folder.resolve("page.html")))
        .contains("<th class=\"n\">rmse</th>", "<figcaption>rmse</figcaption>");
  }
}
