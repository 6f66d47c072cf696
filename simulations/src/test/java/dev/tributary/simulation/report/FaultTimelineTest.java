package dev.tributary.simulation.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.simulation.CommandRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults that came true, in every file of a run. */
class FaultTimelineTest {
  @TempDir Path folder;

  @Test
  void filesOfARun_haveEachFaultAtItsSecond() throws Exception {
    Path result = folder.resolve("result.json");
    CommandRun.of(
            "simulate",
            "../examples/vowel-by-speaker.yaml",
            "--rounds",
            "3",
            "--out",
            folder.resolve("run").toString(),
            "--json",
            result.toString(),
            "--set",
            "simulation.faults={script: [{fault: drop, round: 1, client: 3, at: share},"
                + " {fault: delay, round: 1, client: 5, at: input, seconds: 2.5},"
                + " {fault: crash, round: 2, client: 0, at: unmask},"
                + " {fault: slow, round: 3, client: 1, seconds: 4}]}")
        .succeeded();

    List<String> faults = Files.readAllLines(folder.resolve("run/faults.csv"));
    assertThat(faults.get(0)).isEqualTo("seconds,round,seconds_in_round,client,kind,at,lasts");
    assertThat(faults.subList(1, faults.size()))
        .satisfiesExactly(
            line -> assertThat(line).matches("0\\.\\d+,1,0\\.\\d+,3,drop,share,0"),
            line -> assertThat(line).matches("\\d+\\.\\d+,1,\\d+\\.\\d+,5,delay,input,2\\.5"),
            line -> assertThat(line).matches("\\d+\\.\\d+,2,\\d+\\.\\d+,0,crash,unmask,0"),
            line -> assertThat(line).matches("\\d+\\.\\d+,3,\\d+\\.\\d+,1,slow,,4"));
    RunTable rounds = RunTable.read(folder.resolve("run"));
    assertThat(rounds.points("faults_crash", 1, ""))
        .extracting(Chart.Point::y)
        .containsExactly(0.0, 1.0, 0.0);
    assertThat(rounds.columns()).doesNotContain("faults_lie");

    // What goes wrong on the way to a round's end does so before it ends, phase by phase.
    JsonNode json = new ObjectMapper().readTree(result.toFile()).get("faults");
    assertThat(json.get("count").asInt()).isEqualTo(4);
    assertThat(json.get("byKind").get("delay").asInt()).isEqualTo(1);
    JsonNode crash = json.get("moments").get(2);
    double phases =
        rounds.columns().stream()
            .filter(column -> column.endsWith("_seconds"))
            .mapToDouble(column -> rounds.points(column, 1, "").get(1).y())
            .sum();
    assertThat(crash.get("secondsInRound").asDouble())
        .isBetween(rounds.points("input_seconds", 1, "").get(1).y(), phases);
    assertThat(crash.get("seconds").asDouble())
        .isGreaterThan(crash.get("secondsInRound").asDouble());
    String page = Files.readString(Path.of("..", "docs", "result-json.md"));
    crash.fieldNames().forEachRemaining(name -> assertThat(page).contains("`" + name + "`"));
    String folderPage = Files.readString(Path.of("..", "docs", "run-folder.md"));
    for (String column : faults.get(0).split(",")) {
      assertThat(folderPage).contains("`" + column + "`");
    }
    assertThat(Files.readString(folder.resolve("run/report.html")))
        .contains("4 faults of the simulation came true: 1 crash, 1 delay, 1 drop, 1 slow.")
        .contains("Faults, by round", "<title>drop: client 3, at share, ")
        .contains("Round 1, second by second");
  }

  /** A death by chance has no place in a script, and one in the timeline. */
  @Test
  void deathsByChance_areCounted_andOtherRunsHaveNoFile() throws Exception {
    String[] run = {
      "simulate", "../examples/vowel-by-speaker.yaml", "--rounds", "2", "--out", "" + folder
    };
    CommandRun.of(run).succeeded();
    assertThat(folder.resolve("faults.csv")).doesNotExist();
    assertThat(Files.readString(folder.resolve("report.html"))).doesNotContain("made to go wrong");

    String[] deadly = java.util.Arrays.copyOf(run, run.length + 2);
    deadly[run.length] = "--set";
    deadly[run.length + 1] = "simulation.faults.coordinatorCrashes=0.05";
    CommandRun.of(deadly).succeeded();
    List<String> lines = Files.readAllLines(folder.resolve("faults.csv"));
    assertThat(lines.subList(1, lines.size()))
        .isNotEmpty()
        .allMatch(line -> line.matches("\\d+\\.\\d+,[12],\\d+\\.\\d+,\\d*,crash,[a-z]*,0"));
  }

  @Test
  void thousandsOfFaults_makeNoLargePage() {
    RunRecord many = RunRecords.privateRun(80);
    FaultTimeline faults = many.faults();
    assertThat(faults.count()).isEqualTo(25 * 9 + 2000);
    assertThat(faults.count("drop", 3)).isEqualTo(1992);
    assertThat(faults.moments()).hasSize(1000);
    assertThat(faults.worst()).hasSize(2000).allMatch(moment -> moment.round() == 3);
    assertThat(faults.csv().lines()).hasSize(1001);
    String page = HtmlReport.of(many);
    assertThat(page)
        .contains("2,225 faults of the simulation came true", "The table has the first 50 of them")
        .contains("Round 3, second by second");
    int from = page.indexOf("What was made to go wrong");
    assertThat(page.indexOf("What it cost") - from).isBetween(20_000, 80_000);
  }
}
