package dev.tributary.simulation.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.simulation.CommandRun;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person sees who gives the command line something wrong. */
class BadInputTest {
  private static final String JOB =
      """
      apiVersion: tributary/v1
      name: tiny
      model:
        input: [2, 2, 1]
        layers: [flatten, {dense: {units: 2, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {localEpochs: 1, batchSize: 4, optimizer: {sgd: {learningRate: 0.1}}, engine: java}
      strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 1.0}}}}
      rounds: 2
      cohort: {size: 12, minimum: 10}
      privacy: {mechanism: none}
      secureAggregation: {suite: sa1, mode: malicious}
      deadline: 60s
      evaluation: {every: 1, metrics: [accuracy]}
      simulation:
        seed: 1
        data:
          idx: {images: images.gz, labels: labels.gz, holdOut: 0.2}
          partition: {iid: {clients: 12}}
      """;

  @TempDir private Path folder;

  @Test
  void wrongJobFile_namesLineKeyValueRuleAndWayOut() throws IOException {
    Path job = Files.writeString(folder.resolve("my.yaml"), JOB.replace("rounds: 2", "rounds: -2"));
    CommandRun run = CommandRun.of("simulate", job.toString());
    run.failedWith(ErrorCode.JOB_OUT_OF_RANGE);
    assertThat(run.err()).contains("my.yaml:9", "rounds", "-2");
  }

  @Test
  void unknownKey_isRefusedBeforeAnythingStarts() throws IOException {
    Path job = Files.writeString(folder.resolve("my.yaml"), JOB.replace("deadline:", "dead-line:"));
    CommandRun run = CommandRun.of("simulate", job.toString());
    run.failedWith(ErrorCode.JOB_UNKNOWN_KEY);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void missingJobFile_isNamed() {
    CommandRun run = CommandRun.of("simulate", folder.resolve("none.yaml").toString());
    run.failedWith(ErrorCode.JOB_UNREADABLE);
    assertThat(run.err()).contains("none.yaml");
  }

  @Test
  void moreClientsThanTheHeapHolds_areRefusedAtOnce() {
    SimulationRun.checkRoom(5_000_000, 256 << 20);
    assertThatThrownBy(() -> SimulationRun.checkRoom(30_000_000, 256 << 20))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("30,000,000 clients take 1,287 MiB of heap")
        .hasMessageContaining("may have 256. Give it more");
  }

  @Test
  void threadsBelowOne_areRefused() {
    CommandRun run = CommandRun.of("simulate", "../examples/digits.yaml", "--threads", "0");
    run.failedWith(ErrorCode.USAGE);
    assertThat(run.err()).contains("--threads must be 1 or more");
    CommandRun.of("explore", "--threads=-2").failedWith(ErrorCode.USAGE);
  }

  @Test
  void folderOfTheJobFile_isNotWrittenOver() throws IOException {
    Path job = Files.writeString(folder.resolve("job.yaml"), JOB);
    CommandRun run =
        CommandRun.of("simulate", job.toString(), "--out", folder.toString(), "--rounds", "1");
    run.failedWith(ErrorCode.OUTPUT_NOT_WRITABLE);
    assertThat(run.err()).contains("is the job file itself", "--out");
    assertThat(job).hasContent(JOB);
  }

  @Test
  void resultThatCannotBeWritten_isRefusedBeforeTheRun() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    for (String place : new String[] {"file/result.json", "."}) {
      CommandRun run =
          CommandRun.of(
              "simulate",
              "../examples/digits.yaml",
              "--fast",
              "--out",
              folder.resolve("out").toString(),
              "--json",
              folder.resolve(place).toString());
      run.failedWith(ErrorCode.OUTPUT_NOT_WRITABLE);
      assertThat(run.out()).isEmpty();
    }
    assertThat(file).isEmptyFile();
  }

  @Test
  void missingDataFile_isNamed() throws IOException {
    CommandRun run = simulate();
    run.failedWith(ErrorCode.DATA_MISSING);
    assertThat(run.err()).contains("images.gz");
  }

  @Test
  void corruptIdx_namesFileAndPlace() throws IOException {
    gzip("images.gz", new byte[] {0, 0, 8, 3, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3});
    gzip("labels.gz", new byte[] {0, 0, 8, 1, 0, 0, 0, 1, 0});
    CommandRun run = simulate();
    run.failedWith(ErrorCode.DATA_DAMAGED);
    assertThat(run.err()).contains("images.gz", "byte 19", "cut short");
  }

  @Test
  void labelsInPlaceOfImages_areTold() throws IOException {
    gzip("images.gz", new byte[] {0, 0, 8, 1, 0, 0, 0, 1, 0});
    gzip("labels.gz", new byte[] {0, 0, 8, 1, 0, 0, 0, 1, 0});
    simulate().failedWith(ErrorCode.DATA_DAMAGED);
  }

  @Test
  void unknownSource_listsWhatThereIs() throws IOException {
    Path job =
        Files.writeString(
            folder.resolve("my.yaml"), JOB.replaceFirst("(?m)^    idx:.*$", "    source: nopes"));
    CommandRun run =
        CommandRun.of("simulate", job.toString(), "--out", folder.resolve("out").toString());
    run.failedWith(ErrorCode.DATA_UNKNOWN);
    assertThat(run.err()).contains("nopes", "fashion-mnist-12k", "digits");
  }

  @Test
  void dataThatDoNotFitTheModel_areRefusedBeforeTheRun() throws IOException {
    Path job =
        Files.writeString(
            folder.resolve("my.yaml"), JOB.replaceFirst("(?m)^    idx:.*$", "    source: digits"));
    CommandRun run =
        CommandRun.of("simulate", job.toString(), "--out", folder.resolve("out").toString());
    run.failedWith(ErrorCode.MODEL_DOES_NOT_FIT);
    assertThat(run.err()).contains("model.input");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void outputThatIsAFile_isRefusedBeforeTheRun() throws IOException {
    Path job = Files.writeString(folder.resolve("my.yaml"), JOB);
    Path taken = Files.writeString(folder.resolve("taken"), "x");
    CommandRun run = CommandRun.of("simulate", job.toString(), "--out", taken.toString());
    run.failedWith(ErrorCode.OUTPUT_NOT_WRITABLE);
    assertThat(run.err()).contains("taken");
  }

  @Test
  void wrongOption_pointsToTheHelp() {
    CommandRun run = CommandRun.of("simulate", "job.yaml", "--fats");
    run.failedWith(ErrorCode.USAGE);
    assertThat(run.err()).contains("--fast", "tributary simulate --help");
  }

  @Test
  void verbose_addsTheStackTrace() {
    CommandRun run = CommandRun.of("simulate", folder.resolve("none.yaml").toString(), "--verbose");
    assertThat(run.exit()).isEqualTo(ErrorCode.JOB_UNREADABLE.exitStatus());
    assertThat(run.err()).contains("\tat dev.tributary.");
  }

  private CommandRun simulate() throws IOException {
    Path job = Files.writeString(folder.resolve("my.yaml"), JOB);
    return CommandRun.of("simulate", job.toString(), "--out", folder.resolve("out").toString());
  }

  private void gzip(String name, byte[] bytes) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve(name)))) {
      out.write(bytes);
    }
  }
}
