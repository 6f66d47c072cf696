package dev.tributary.simulation.report;

import dev.tributary.nn.ModelFile;
import dev.tributary.nn.interchange.ModelCard;
import dev.tributary.simulation.data.PartitionMix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The folder of a run: {@code model.safetensors} and its card, {@code rounds.csv}, {@code
 * faults.csv} where something went wrong on purpose, {@code job.yaml}, {@code report.html}, the
 * folders {@code curves} (SVG and PNG) and {@code tensorboard}, and the {@code ledger.json} that is
 * written beside them. In a simulation every byte depends on job and seed alone, so wall-clock time
 * stands in none of them.
 */
public final class RunDirectory {
  private final Path folder;

  private RunDirectory(Path folder) {
    this.folder = folder;
  }

  /** Makes the folder, and finds out now whether it can be written. */
  public static RunDirectory create(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.delete(Files.createTempFile(folder, ".writable", ""));
    return new RunDirectory(folder);
  }

  public Path report() {
    return folder.resolve("report.html");
  }

  public Path model() {
    return folder.resolve("model.safetensors");
  }

  /** Writes everything; each file appears whole or not at all. */
  public void write(RunRecord run, ModelFile model, Optional<PartitionMix> partition)
      throws IOException {
    model.write(model());
    text("model.card.json", ModelCard.of(model, training(run), privacy(run)).toJson());
    text("rounds.csv", RoundsCsv.of(run));
    if (run.faults().count() > 0) {
      text("faults.csv", run.faults().csv());
    } else {
      Files.deleteIfExists(folder.resolve("faults.csv"));
    }
    text("job.yaml", run.jobText());
    text("report.html", HtmlReport.of(run, partition));
    Files.createDirectories(folder.resolve("curves"));
    for (String name : RunCharts.names()) {
      Files.deleteIfExists(folder.resolve("curves/" + name + ".svg"));
      Files.deleteIfExists(folder.resolve("curves/" + name + ".png"));
    }
    for (Curve curve : new RunCharts(run).curves()) {
      text("curves/" + curve.name() + ".svg", curve.svg());
      bytes("curves/" + curve.name() + ".png", curve.png());
    }
    Files.createDirectories(folder.resolve("tensorboard"));
    bytes("tensorboard/" + TensorBoardEvents.FILE, TensorBoardEvents.of(run));
  }

  private static Map<String, Object> training(RunRecord run) {
    Map<String, Object> record = new TreeMap<>();
    record.put("job", run.name());
    record.put("seed", run.seed());
    record.put("population", run.population());
    record.put("cohort", run.cohort());
    record.put("plannedRounds", run.plannedRounds());
    record.put("completedRounds", run.completedRounds());
    record.put("data", run.data());
    record.put("engine", run.engine());
    record.put("sum", run.sum());
    run.accuracy().ifPresent(accuracy -> record.put("testAccuracy", accuracy));
    run.stopped().ifPresent(reason -> record.put("stopped", reason));
    return record;
  }

  private static Map<String, Object> privacy(RunRecord run) {
    Map<String, Object> record = new TreeMap<>();
    run.privacy()
        .ifPresent(
            privacy -> {
              record.put("budget", privacy.budget());
              record.put("epsilon", privacy.released());
              record.put(
                  "claimedAgainst",
                  privacy.sampled()
                      ? "whoever sees models and learns of no cohort"
                      : "whoever sees models, and members of cohorts");
              record.put("delta", privacy.delta());
              record.put("unit", privacy.unit());
              record.put("relation", privacy.relation());
              record.put("mechanism", privacy.mechanism());
              record.put("noiseMultiplier", privacy.noiseMultiplier());
              record.put("clipNorm", privacy.clipNorm());
              record.put("colluders", privacy.colluders());
            });
    return record;
  }

  /** Writes one file more; it appears whole or not at all. */
  public void text(String name, String content) throws IOException {
    bytes(name, content.getBytes(StandardCharsets.UTF_8));
  }

  private void bytes(String name, byte[] content) throws IOException {
    Path temporary = Files.createTempFile(folder, ".writing", ".tmp");
    try {
      Files.write(temporary, content);
      Files.move(
          temporary,
          folder.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
