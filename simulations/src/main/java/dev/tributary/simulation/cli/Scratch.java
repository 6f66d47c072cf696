package dev.tributary.simulation.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder that goes away with its command. */
public record Scratch(Path folder) implements AutoCloseable {
  /** A new folder. */
  public static Scratch create() throws IOException {
    return new Scratch(Files.createTempDirectory("tributary-"));
  }

  /** A new folder in it. */
  public Path folder(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }

  @Override
  public void close() {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
