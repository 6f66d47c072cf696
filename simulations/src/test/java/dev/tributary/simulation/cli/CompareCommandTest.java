package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.simulation.CommandRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareCommandTest {
  private static final String HEAD =
      "round,outcome,cohort,survivors,dropouts,epsilon,accuracy,loss,input_seconds\n";

  @TempDir private Path folder;

  @Test
  void runsOfOneName_goByTheirPaths() throws IOException {
    Path first = run("monday/digits", "1,\"completed\",10,9,1,,0.5,2,3\n");
    Path second = run("tuesday/digits", "1,\"completed\",10,8,2,,0.7,1,4\n");
    Path third = run("other", "1,\"completed\",10,7,3,,0.6,1.5,5\n");
    CommandRun run = compare(first, second, third);
    assertThat(run.succeeded().out())
        .contains("\n" + first + " ", "\n" + second + " ", "\nother ")
        .containsPattern("monday/digits +1/1 +50.0 % +50.0 % +2.0000 +- +9 +1 +3.0\n");
    assertThat(Files.readString(folder.resolve("page.html")))
        .contains("monday/digits", "tuesday/digits", ">other<");
  }

  /** What a spreadsheet or a hand made of the table is shown as far as it says something. */
  @Test
  void cellsThatAreNoNumbers_areLeftOut() throws IOException {
    Path good = run("good", "1,\"completed\",10,9,1,1.5,0.5,2,3\n");
    Path odd =
        run(
            "<img src=x>",
            "1,\"completed\",10,9,1,1e999,NaN,-Infinity,3\n"
                + "2,\"a \"\"quote\"\", and <script>\",10,9,1,=1+1,0.25,2,3\n"
                + "x,,,,,,,,\n");
    assertThat(compare(good, odd).succeeded().out())
        .containsPattern("<img src=x> +1/3 +25.0 % +25.0 % +2.0000 +- +18 +2 +6.0\n");
    assertThat(Files.readString(folder.resolve("page.html")))
        .contains("&lt;img src=x&gt;")
        .doesNotContain("<img", "<script>\"", "NaN", "Infinity");
  }

  /** No drawing can hold such numbers, and no job has such rounds. */
  @Test
  void numbersThatNoRunHas_areLeftOut() throws IOException {
    Path good = run("good", "1,\"completed\",10,9,1,1.5,0.5,2,3\n");
    Path odd =
        run(
            "odd",
            "1,\"completed\",10,9,1,,1e308,1e308,1e308\n2,\"completed\",10,9,1,,0.25,-1e308,1e308\n"
                + "-7,\"completed\",10,9,1,,0.75,9,3\n2.5,\"completed\",10,9,1,,0.75,9,3\n"
                + "2000000000,\"completed\",10,9,1,,0.75,9,3\n");
    assertThat(compare(good, odd).succeeded().out())
        .containsPattern("odd +5/5 +25.0 % +25.0 % +- +- +18 +2 +0.0\n");
    assertThat(Files.readString(folder.resolve("page.html")))
        .doesNotContain("NaN", "Infinity", "odd, round -7", "2000000000");
  }

  /** As spreadsheets write it. */
  @Test
  void byteOrderMarkAndCarriageReturns_areRead() throws IOException {
    Path good = run("good", "1,\"completed\",10,9,1,1.5,0.5,2,3\n");
    Path saved = Files.createDirectories(folder.resolve("saved"));
    Files.writeString(
        saved.resolve("rounds.csv"),
        "\ufeff" + HEAD.replace("\n", "\r\n") + "1,completed,10,9,1,,0.5,2,3\r\n");
    assertThat(compare(good, saved).succeeded().out()).containsPattern("saved +1/1 +50.0 %");
  }

  /** A terminal would obey them. */
  @Test
  void controlCharactersOfANameOfARun_areNotWritten() throws IOException {
    Path good = run("good", "1,\"completed\",10,9,1,1.5,0.5,2,3\n");
    Path loud = run("loud\u001b[31m\u0007", "1,\"completed\",10,9,1,1.5,0.5,2,3\n");
    assertThat(compare(good, loud).succeeded().out())
        .contains("loud?[31m? ")
        .doesNotContain("\u001b");
    assertThat(Files.readString(folder.resolve("page.html"))).doesNotContain("\u001b");
  }

  @Test
  void whatIsNoTableOfRounds_isRefused() throws IOException {
    Path good = run("good", "1,\"completed\",10,9,1,1.5,0.5,2,3\n");
    compare(good, folder.resolve("none")).failedWith(ErrorCode.DATA_MISSING);
    compare(good, run("short", "1,2,3\n")).failedWith(ErrorCode.DATA_DAMAGED);
    Path bytes = Files.write(folder.resolve("bytes.csv"), new byte[] {'r', (byte) 0xff, '\n'});
    CommandRun run = compare(good, bytes);
    run.failedWith(ErrorCode.DATA_DAMAGED);
    assertThat(run.err()).contains("bytes.csv is no table of rounds");
    assertThat(folder.resolve("page.html")).doesNotExist();
  }

  @Test
  void oneRunOrTooMany_areRefused() throws IOException {
    Path run = run("good", "1,\"completed\",10,9,1,1.5,0.5,2,3\n");
    compare(run).failedWith(ErrorCode.USAGE);
    compare(run, run, run, run, run, run, run).failedWith(ErrorCode.USAGE);
  }

  private Path run(String name, String rows) throws IOException {
    Path run = Files.createDirectories(folder.resolve(name));
    Files.write(run.resolve("rounds.csv"), (HEAD + rows).getBytes(StandardCharsets.UTF_8));
    return run;
  }

  private CommandRun compare(Path... runs) {
    String[] words = new String[runs.length + 3];
    words[0] = "compare";
    for (int i = 0; i < runs.length; i++) {
      words[i + 1] = runs[i].toString();
    }
    words[runs.length + 1] = "--out";
    words[runs.length + 2] = folder.resolve("page.html").toString();
    return CommandRun.of(words);
  }
}
