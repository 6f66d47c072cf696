package dev.tributary.simulation.report;

import dev.tributary.nn.ModelFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The folder of a run: {@code model.safetensors}, {@code rounds.csv}, {@code job.yaml}, {@code
 * report.html}. In a simulation every byte depends on job and seed alone, so wall-clock time stands
 * in none of them.
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
  public void write(RunRecord run, ModelFile model) throws IOException {
    model.write(model());
    text("rounds.csv", RoundsCsv.of(run));
    text("job.yaml", run.jobText());
    text("report.html", HtmlReport.of(run));
  }

  private void text(String name, String content) throws IOException {
    Path temporary = Files.createTempFile(folder, "." + name, ".tmp");
    try {
      Files.write(temporary, content.getBytes(StandardCharsets.UTF_8));
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
