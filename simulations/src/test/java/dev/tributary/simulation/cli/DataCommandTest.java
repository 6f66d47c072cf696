package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.simulation.CommandRun;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCommandTest {
  private static final String JOB = "../examples/digits.yaml";

  @Test
  void list_namesWhatShipsAndWhatCanBeFetched(@TempDir Path cache) {
    CommandRun run = CommandRun.of("data", "list", "--cache", cache.toString()).succeeded();
    assertThat(run.out())
        .contains("fashion-mnist-12k", "vowel", "by column speaker")
        .contains("mnist ", "state-of-the-union", "tributary data fetch mnist brings it, 11 MB");
  }

  @Test
  void fetch_unknownName_isRefused(@TempDir Path cache) {
    CommandRun run = CommandRun.of("data", "fetch", "nonsense", "--cache", cache.toString());
    run.failedWith(ErrorCode.DATA_UNKNOWN);
    assertThat(run.err()).contains("mnist, fashion-mnist, state-of-the-union");
  }

  @Test
  void fetch_nobodyThere_isDataMissing(@TempDir Path cache) {
    CommandRun.of(
            "data", "fetch", "mnist", "--cache", cache.toString(), "--mirror", "http://127.0.0.1:1")
        .failedWith(ErrorCode.DATA_MISSING);
  }

  @Test
  void fetch_whatShips_isSaid(@TempDir Path cache) {
    CommandRun run = CommandRun.of("data", "fetch", "digits", "--cache", cache.toString());
    run.failedWith(ErrorCode.DATA_UNKNOWN);
    assertThat(run.err()).contains("digits ships with Tributary");
  }

  @Test
  void fetch_intoWhatIsNoFolder_namesTheFolderAndNotTheNetwork(@TempDir Path folder)
      throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    CommandRun run = CommandRun.of("data", "fetch", "mnist", "--cache", file.toString());
    run.failedWith(ErrorCode.DATA_MISSING);
    assertThat(run.err()).contains("cannot be kept in " + file, "--cache").doesNotContain("https:");
  }

  /** One cell that is no number makes a column of categories: the table shows it. */
  @Test
  void inspect_table_saysWhatItMadeOfTheColumns(@TempDir Path folder) throws Exception {
    StringBuilder csv = new StringBuilder("\uFEFFage,\"weight, kg\",who,city,ill\r\n");
    for (int row = 0; row < 24; row++) {
      String age = row == 7 ? "4O" : Integer.toString(20 + row);
      csv.append(age)
          .append(row % 5 == 0 ? ",," : ",70.5,")
          .append("w" + row % 3 + (row % 2 == 0 ? ",\"Sa\"\"o, N\"" : ",Ulm"))
          .append(row % 4 == 0 ? ",yes\r\n" : ",no\r\n");
    }
    Files.writeString(folder.resolve("people.csv"), csv.toString());
    Path job =
        Files.writeString(
            folder.resolve("job.yaml"),
            Files.readString(Path.of(JOB))
                .replaceFirst("cohort: .*", "cohort: {size: 3, minimum: 3}")
                .replaceFirst(
                    "data: .*",
                    "data: {csv: {file: people.csv, label: ill, client: who}, partition: byClient}"));
    assertThat(CommandRun.of("data", "inspect", job.toString()).succeeded().out())
        .contains(
            "features [27]",
            "\n1 numeric columns: weight, kg\n",
            "\n2 columns of categories: age (24), city (2)\n",
            "\n   client  labels  rows (every client)\n");
  }

  /** Of a hundred million clients 10,000 are counted and 40 shown, each by its own number. */
  @Test
  void inspect_manyClients_showsTheirNumbers() {
    assertThat(
            CommandRun.of(
                    "data",
                    "inspect",
                    JOB,
                    "--set",
                    "simulation.data.partition={drawn: {clients: 100000000, rows: 3}}")
                .succeeded()
                .out())
        .containsPattern("\n  2500000  .* 3\n")
        .containsPattern("\n 97500000  .* 3\n");
  }

  @Test
  void inspect_drawsAndCounts(@TempDir Path folder) throws Exception {
    Path json = folder.resolve("mix.json");
    CommandRun run =
        CommandRun.of(
                "data",
                "inspect",
                JOB,
                "--set",
                "simulation.data.partition={labels: {clients: 100, perClient: 2}}",
                "--out",
                folder.toString(),
                "--json",
                json.toString())
            .succeeded();
    assertThat(run.out())
        .contains("2 labels for each client", "A client has 2.0 of 10 labels", "40 of 100 clients");
    JsonNode mix = new ObjectMapper().readTree(json.toFile());
    String page = Files.readString(Path.of("../docs/run-folder.md"));
    mix.fieldNames().forEachRemaining(name -> assertThat(page).contains("| `" + name + "` |"));
    assertThat(mix.get("clients").asInt()).isEqualTo(100);
    assertThat(mix.get("counts")).hasSize(100);
    int sum = 0;
    for (JsonNode own : mix.get("counts")) {
      for (JsonNode count : own) {
        sum += count.asInt();
      }
    }
    assertThat(sum).isEqualTo(mix.get("rows").asInt());
    assertThat(sum + mix.get("testRows").asInt()).isEqualTo(1797);
    assertThat(mix.get("skew").asDouble()).isBetween(0.7, 0.9);

    String svg = Files.readString(folder.resolve("partition.svg"));
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    assertThat(svg.split("class=\"cell\"", -1)).hasSize(40 * 2 + 1);
    assertThat(ImageIO.read(folder.resolve("partition.png").toFile()).getWidth()).isEqualTo(920);
    assertThat(folder.resolve("partition.html"))
        .content()
        .contains("default-src 'none'", "client 0, label")
        .doesNotContain("<script");
  }
}
