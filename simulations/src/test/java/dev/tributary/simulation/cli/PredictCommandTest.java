package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Loss;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.simulation.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictCommandTest {
  @TempDir private Path folder;
  private String model = "";
  private String table = "";

  /** Logits are ln of (x, y, 1 - x - y), so that the probabilities are what the cells say. */
  @BeforeEach
  void write() throws IOException {
    ModelSpec spec = ModelSpec.builder(2).dense(3, Activation.SOFTMAX).build();
    float[] parameters = {1, 0, 0, 0, 1, 0, 0, 0, 0};
    Path file = folder.resolve("m.safetensors");
    ModelFile.of(spec, parameters).write(file);
    model = file.toString();
    String cells = "a,truth,b\n0,x,0\n" + (float) Math.log(8) + ",y,0\n0,?," + (float) Math.log(2);
    table = Files.writeString(folder.resolve("rows.csv"), cells + "\n").toString();
  }

  @Test
  void predict_printsTheLabelOfEachRow() {
    CommandRun run = CommandRun.of("predict", model, "--csv", table, "--drop", "truth").succeeded();
    String[] lines = run.out().split("\\R");
    assertThat(lines).hasSize(4);
    assertThat(lines[0]).isEqualTo("row,label,output");
    assertAnswer(lines[1], "0,0", 1 / 3f);
    assertAnswer(lines[2], "1,0", 0.8f);
    assertAnswer(lines[3], "2,1", 0.5f);
  }

  private static void assertAnswer(String line, String rowAndLabel, float output) {
    assertThat(line).startsWith(rowAndLabel + ",");
    assertThat(Float.parseFloat(line.substring(rowAndLabel.length() + 1)))
        .isCloseTo(output, within(1e-6f));
  }

  @Test
  void predict_withTopThresholdNamesAndSort_postProcesses() {
    CommandRun run =
        CommandRun.of(
            "predict",
            model,
            "--csv",
            table,
            "--drop",
            "truth",
            "--top",
            "2",
            "--threshold",
            "0.3",
            "--sort",
            "--labels",
            "red,green,blue");
    String labels =
        run.succeeded().out().lines().skip(1).map(l -> l.replaceAll(",[^,]*$", "")).toList() + "";
    assertThat(labels).isEqualTo("[1,red, 2,green, 0,red, 0,green]");
  }

  @Test
  void predict_probabilities_printsTheTable() {
    CommandRun run =
        CommandRun.of("predict", model, "--csv", table, "--drop", "truth", "--probabilities");
    String[] start = {"predict", model, "--csv", table, "--drop", "truth", "--first", "1"};
    assertThat(CommandRun.of(start).succeeded().out().lines()).hasSize(2);
    assertThat(run.succeeded().out().lines().findFirst()).hasValue("row,0,1,2");
    assertThat(run.out().lines()).hasSize(4);
    String[] cells = run.out().lines().skip(2).findFirst().orElseThrow().split(",");
    assertThat(Float.parseFloat(cells[1]) + Float.parseFloat(cells[2]) + Float.parseFloat(cells[3]))
        .isBetween(0.9999f, 1.0001f);
  }

  @Test
  void predict_oneOutput_answersFromTheThresholdUp() throws IOException {
    ModelSpec spec =
        ModelSpec.builder(1).dense(1, Activation.LINEAR).loss(Loss.SQUARED_ERROR).build();
    Path line = folder.resolve("line.safetensors");
    ModelFile.of(spec, new float[] {2, 0}).write(line);
    Path rows = Files.writeString(folder.resolve("x.csv"), "x\n1\n2\n");
    CommandRun run =
        CommandRun.of("predict", line.toString(), "--csv", rows.toString(), "--threshold", "3");
    assertThat(run.succeeded().out().lines().skip(1)).containsExactly("0,0,2.0", "1,1,4.0");
  }

  @Test
  void predict_wrongInput_isRefusedByName() {
    CommandRun.of("predict", folder.resolve("none").toString(), "--csv", table)
        .failedWith(ErrorCode.MODEL_MISSING);
    CommandRun.of("predict", table, "--csv", table).failedWith(ErrorCode.MODEL_DAMAGED);
    CommandRun.of("predict", model, "--csv", "none.csv").failedWith(ErrorCode.DATA_MISSING);
    CommandRun wide = CommandRun.of("predict", model, "--csv", table);
    wide.failedWith(ErrorCode.DATA_DOES_NOT_FIT);
    assertThat(wide.err()).contains("2 numbers", "--drop");
    CommandRun names =
        CommandRun.of("predict", model, "--csv", table, "--drop", "truth", "--labels", "a,b");
    names.failedWith(ErrorCode.USAGE);
    assertThat(names.err()).contains("3 classes", "2 names");
    CommandRun.of("predict", model).failedWith(ErrorCode.USAGE);
    CommandRun.of("predict", model, "--csv", table, "--top", "0").failedWith(ErrorCode.USAGE);
    CommandRun.of("predict", model, "--csv", table, "--first", "-3").failedWith(ErrorCode.USAGE);
  }
}
